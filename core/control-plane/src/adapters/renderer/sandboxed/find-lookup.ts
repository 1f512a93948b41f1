import type { Problem } from '@catalyst/model/problem.ts';
import { limits } from './limits.ts';
import { readArchive } from './read-archive.ts';

/** What stands between the braces of a template, comments left out, string and character literals emptied. */
export function templateActions(source: string): string[] {
  const actions: string[] = [];
  for (let open = source.indexOf('{{'); open >= 0; ) {
    const comment = /^\{\{-?\s*\/\*/.exec(source.slice(open, open + 64));
    if (comment !== null) {
      const end = source.indexOf('*/', open);
      if (end < 0) return actions;
      open = source.indexOf('{{', end);
      continue;
    }
    const { text, end } = readAction(source, open + 2);
    actions.push(text);
    open = source.indexOf('{{', end);
  }
  return actions;
}

function readAction(source: string, start: number): { text: string; end: number } {
  let text = '';
  let at = start;
  while (at < source.length && !source.startsWith('}}', at)) {
    const quote = source[at];
    if (quote === '"' || quote === "'" || quote === '`') {
      at = endOfLiteral(source, at, quote);
      text += '""';
    } else {
      text += quote;
      at += 1;
    }
  }
  return { text, end: at };
}

function endOfLiteral(source: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < source.length && source[at] !== quote) at += source[at] === '\\' && quote !== '`' ? 2 : 1;
  return at + 1;
}

/** Where a chart or a chart inside it calls `lookup`, which answers nothing where there is no cluster to ask. */
export async function findLookup(files: ReadonlyMap<string, Uint8Array>, nesting = 0): Promise<Problem[]> {
  for (const [path, content] of files) {
    if (/^charts\/[^/]+\.tgz$/.test(path)) {
      if (nesting >= limits.archiveNesting)
        return [{ code: 'TooLarge', file: path, message: 'Charts are nested too deeply.' }];
      const inner = await readArchive(content);
      if (!inner.ok) return inner.problems.map((problem) => ({ ...problem, file: path }));
      const found = await findLookup(inner.value, nesting + 1);
      if (found.length > 0)
        return found.map((problem) => ({ ...problem, file: `${path}/${problem.file ?? ''}` }));
    } else if (/(^|\/)templates\//.test(path)) {
      const calls = templateActions(new TextDecoder().decode(content)).some((action) =>
        /(?<![.$\w-])lookup(?![\w-])/.test(action),
      );
      if (calls)
        return [
          {
            code: 'UsesLookup',
            file: path,
            message: 'The template calls lookup, so its result depends on more than its values.',
          },
        ];
    }
  }
  return [];
}
