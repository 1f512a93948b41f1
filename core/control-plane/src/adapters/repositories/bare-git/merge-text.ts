import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { GitEnvironment } from './git-environment.ts';
import { runGit } from './git-process.ts';
import { blobIdOf } from './objects.ts';

const maximumTexts = 500;
const maximumTextBytes = 1024 * 1024;
const maximumReadBytes = 64 * 1024 * 1024;
const timeoutMs = 30_000;

/** Merges the lines of files, and knows the contents that came of it beside those that the repository holds. */
export interface TextMerge {
  /** The blob that three come to; undefined where they conflict, are no text, or are over 1 MB. */
  merge(base: string, ours: string, theirs: string): Promise<string | undefined>;
  /** Content of a blob; all that is read in one merge is at most 64 MB (`TooLarge`). */
  read(blob: string): Promise<Uint8Array>;
}

/** Makes one for one merge: at most 500 files and 30 s. */
export function createTextMerge(
  git: GitEnvironment,
  scratch: string,
  readBlob: (blob: string) => Promise<Uint8Array>,
): TextMerge {
  const made = new Map<string, Uint8Array>();
  const until = Date.now() + timeoutMs;
  let texts = 0;
  let readBytes = 0;

  async function read(blob: string): Promise<Uint8Array> {
    const content = made.get(blob) ?? (await readBlob(blob));
    readBytes += content.length;
    if (readBytes > maximumReadBytes)
      throw new CatalystError(codes.TooLarge, 'The two sides differ in more than 64 MB.');
    return content;
  }

  function count(): void {
    texts += 1;
    if (texts > maximumTexts)
      throw new CatalystError(codes.TooLarge, `Both sides changed more than ${maximumTexts} files.`);
    if (Date.now() > until)
      throw new CatalystError(codes.Unavailable, 'The merge took too long.', { retry: 'later' });
  }

  return {
    read,
    async merge(base, ours, theirs) {
      count();
      const sides = await Promise.all([read(ours), read(base), read(theirs)]);
      if (sides.some((side) => side.length > maximumTextBytes)) return undefined;
      await mkdir(scratch, { recursive: true, mode: 0o700 });
      const folder = await mkdtemp(join(scratch, 'merge-'));
      try {
        const names = ['ours', 'base', 'theirs'];
        const paths = names.map((name) => join(folder, name));
        for (const [at, path] of paths.entries())
          await writeFile(path, sides[at] ?? new Uint8Array(), { mode: 0o600 });
        // Exits with the number of conflicts, or 255 where it is no text.
        const { status, stdout } = await runGit(git, folder, ['merge-file', '-p', '-q', ...paths]);
        if (status !== 0) return undefined;
        const blob = blobIdOf(stdout);
        made.set(blob, stdout);
        return blob;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
