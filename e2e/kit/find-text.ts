import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

const pieceBytes = 4 * 1024 * 1024;

/** Files at or below a path that hold one of the texts, as `<name of the text> in <path>`; symbolic links are not followed. */
export function findInFiles(root: string, texts: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    const info = lstatSync(path, { throwIfNoEntry: false });
    if (info?.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    else if (info?.isFile()) for (const name of holds(path, texts)) found.push(`${name} in ${path}`);
  };
  visit(root);
  return found;
}

/** Reads in pieces that overlap, so that a text across a border is found too. */
function holds(path: string, texts: Readonly<Record<string, string>>): string[] {
  const overlap = Math.max(...Object.values(texts).map((text) => text.length));
  const found = new Set<string>();
  const buffer = Buffer.alloc(pieceBytes + overlap);
  const file = openSync(path, 'r');
  try {
    for (let kept = 0; ; ) {
      const read = readSync(file, buffer, kept, pieceBytes, null);
      if (read === 0) return [...found];
      const piece = buffer.subarray(0, kept + read);
      for (const [name, text] of Object.entries(texts)) if (piece.includes(text)) found.add(name);
      kept = Math.min(overlap, piece.length);
      piece.copy(buffer, 0, piece.length - kept);
    }
  } finally {
    closeSync(file);
  }
}

/** Names of the texts that some text holds. */
export function findInText(where: string, text: string, texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts)
    .filter(([, wanted]) => text.includes(wanted))
    .map(([name]) => `${name} in ${where}`);
}

/** What processes show of themselves: command line and environment of each whose either one holds a word. */
export function processesWith(word: string): { pid: number; commandLine: string; environment: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const read = (file: string) => readFileSync(`/proc/${name}/${file}`, 'utf8').replaceAll('\0', ' ');
        const [commandLine, environment] = [read('cmdline'), read('environ')];
        if (!commandLine.includes(word) && !environment.includes(word)) return [];
        return [{ pid: Number(name), commandLine, environment }];
      } catch {
        return [];
      }
    });
}
