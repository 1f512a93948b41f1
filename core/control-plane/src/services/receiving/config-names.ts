import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { ProposedUpdate, TreeFile } from '../../ports/repositories.ts';
import { type NamedFor, namedByPush } from './named-by-push.ts';

/** What is asked about names that come and go. */
export interface ConfigNamesDeps {
  /** What an Organization, or an Environment of it, holds, in words. */
  readonly contents: (organization: string, environment?: string) => Promise<readonly string[]>;
  /** Whether the Environment, or its whole Organization, is being deleted. */
  readonly isBeingDeleted: (organization: string, environment: string) => Promise<boolean>;
}

interface Named {
  readonly kind: 'Organization' | 'Environment';
  readonly name: string;
  readonly organization: string;
  readonly file: string;
}

/**
 * Why the Organizations and Environments that an update takes away or brings may not go or come. Taking a file away deletes as the
 * console does: what holds something goes only by its exact name. A name that comes must not inherit from another one.
 */
export async function checkConfigNames(
  deps: ConfigNamesDeps,
  update: ProposedUpdate,
  before: readonly TreeFile[],
): Promise<Problem[]> {
  const [was, is] = [namesIn(before), namesIn(await update.files())];
  const gone = outermost([...was.values()].filter(({ file }) => !is.has(file)));
  const come = [...is.values()].filter(({ file }) => !was.has(file));
  const problems: Problem[] = [];
  for (const named of gone) problems.push(...(await checkGone(deps, update, named)));
  for (const named of come) problems.push(...(await checkCome(deps, update, named)));
  const comeBack = come.filter(({ kind }) => kind === 'Organization');
  return [...problems, ...checkOptions(update, 'delete', gone), ...checkOptions(update, 'restore', comeBack)];
}

function namesIn(files: readonly TreeFile[]): Map<string, Named> {
  const names = new Map<string, Named>();
  for (const { path: file } of files) {
    const [, folder, name = ''] = /^(organizations|environments)\/([^/]+)\.yaml$/.exec(file) ?? [];
    if (folder === 'organizations') names.set(file, { kind: 'Organization', name, organization: name, file });
    const organization = parseEnvironmentName(name)?.organization;
    if (folder === 'environments' && organization !== undefined)
      names.set(file, { kind: 'Environment', name, organization, file });
  }
  return names;
}

/** An Environment goes with its Organization. */
function outermost(gone: readonly Named[]): Named[] {
  const organizations = new Set(gone.filter(({ kind }) => kind === 'Organization').map(({ name }) => name));
  return gone.filter(({ kind, organization }) => kind === 'Organization' || !organizations.has(organization));
}

async function checkGone(
  deps: ConfigNamesDeps,
  update: ProposedUpdate,
  { kind, name, organization, file }: Named,
): Promise<Problem[]> {
  if (namedByPush(update, 'delete').has(name) || (await deps.isBeingDeleted(organization, name))) return [];
  const lost = await deps.contents(organization, kind === 'Environment' ? name : undefined);
  if (lost.length === 0) return [];
  const path = kind === 'Organization' ? name : `${organization}/environments/${name}`;
  return [
    {
      code: 'NotConfirmed',
      file,
      message: [
        `taking this file away deletes the ${kind} "${name}". What would be lost: ${lost.join('; ')}.`,
        'Nothing was changed. To delete it with all that, say its exact name:',
        `git push -o delete=${name} …, the console, or DELETE /v1/organizations/${path}?confirm=${name}`,
      ].join('\n'),
    },
  ];
}

async function checkCome(
  deps: ConfigNamesDeps,
  update: ProposedUpdate,
  { kind, name, organization, file }: Named,
): Promise<Problem[]> {
  if (await deps.isBeingDeleted(organization, name))
    return [
      { code: 'BeingDeleted', file, message: `"${name}" is being deleted. Push again once it is gone.` },
    ];
  if (kind === 'Environment' || namedByPush(update, 'restore').has(name)) return [];
  const left = await deps.contents(name);
  return left.length === 0
    ? []
    : [
        {
          code: 'NameTaken',
          file,
          message: [
            `an Organization "${name}" was here before and left: ${left.join('; ')}.`,
            'If this is the same one, bring it back with all that:',
            `git push -o restore=${name} …`,
            'For another one, choose another name, or bring the old one back and delete it first.',
          ].join('\n'),
        },
      ];
}

function checkOptions(update: ProposedUpdate, what: NamedFor, done: readonly Named[]): Problem[] {
  const names = new Set(done.map(({ name }) => name));
  const does = what === 'delete' ? 'takes no such file away' : 'brings no such Organization';
  return [...namedByPush(update, what)]
    .filter((name) => !names.has(name))
    .map((name) => ({
      code: codes.Invalid,
      message: `-o ${what}=${name.slice(0, 100)}: this push ${does}.`,
    }));
}
