import { codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { HookReport } from './hook-dialogue.ts';
import { printable } from './hostile-names.ts';

const maximumOptions = 16;
const maximumTitle = 200;

/** What a push asks for besides its refs. */
export interface PushWishes {
  /** A pull request instead of a moved branch. */
  readonly pullRequest?: { readonly title?: string };
}

/** Reads push options. Those that mean nothing here are refused by name: whoever gives one expects something of it. */
export function readPushOptions(report: HookReport): Result<PushWishes> {
  if (!(report.optionCount <= maximumOptions))
    return refused({ code: codes.TooMany, message: `A push takes at most ${maximumOptions} options.` });
  let wishes: PushWishes = {};
  for (const option of report.options) {
    const [name, rest] = splitOption(option);
    // The judge knows what is so named.
    if (namesSomething(name, rest)) continue;
    if (name !== 'pull-request')
      return refused({
        code: codes.Invalid,
        message: `There is no push option "${printable(name).slice(0, 100)}".\nThose that there are: git push -o pull-request[=title] origin HEAD:<branch of an Environment>\nand, to system/catalyst-config, -o delete=<name> and -o restore=<name>`,
      });
    const title = printable(rest.join('=')).trim();
    if (title.length > maximumTitle)
      return refused({
        code: codes.TooLarge,
        message: `The title of a pull request has at most ${maximumTitle} letters.`,
      });
    wishes = { pullRequest: title === '' ? {} : { title } };
  }
  if (wishes.pullRequest && report.options.some((option) => namesSomething(...splitOption(option))))
    return refused({
      code: codes.Invalid,
      message: 'A push that asks for a pull request deletes and restores nothing.',
    });
  return ok(wishes);
}

function splitOption(option: string): [name: string, rest: readonly string[]] {
  const [name = '', ...rest] = option.split('=');
  return [name, rest];
}

function namesSomething(name: string, rest: readonly string[]): boolean {
  return (name === 'delete' || name === 'restore') && rest.join('=') !== '';
}
