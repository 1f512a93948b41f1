import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { TreeFile } from '../../../ports/repositories.ts';

const maximumFiles = 2_000;
const maximumTreeBytes = 64 * 1024 * 1024;

/** What a judge may read of one file. */
export const maximumJudgedBytes = 1024 * 1024;

/** Gives the files as a judge may see them: `TooLarge` over 2,000 or 64 MB. */
export function boundFiles(files: readonly TreeFile[]): readonly TreeFile[] {
  const size = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (files.length > maximumFiles)
    throw new CatalystError(
      codes.TooLarge,
      `A revision may hold ${maximumFiles} files; this one holds ${files.length}.`,
    );
  if (size > maximumTreeBytes)
    throw new CatalystError(codes.TooLarge, 'A revision may hold 64 MB; this one holds more.');
  return files;
}

/** The same for one file. */
export function boundFile(path: string, content: Uint8Array | undefined): Uint8Array | undefined {
  if (content && content.length > maximumJudgedBytes)
    throw new CatalystError(codes.TooLarge, `${path} is over 1 MB.`);
  return content;
}
