import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CatalystError } from '@catalyst/model/problem.ts';

const limits = { files: 2000, fileBytes: 4 * 1024 * 1024, totalBytes: 16 * 1024 * 1024, depth: 20 };

/**
 * All regular files below a folder by relative path, in byte order of the paths. Throws `Symlink` for anything that is neither file
 * nor folder, `TooLarge` beyond 2,000 files, 4 MB per file, 16 MB in all or 20 levels.
 */
export async function readFolder(directory: string): Promise<Map<string, Buffer>> {
  const paths: string[] = [];
  await collect(directory, '', 0, paths);
  const files = new Map<string, Buffer>();
  let total = 0;
  for (const path of paths.sort((a, b) => (a < b ? -1 : 1))) {
    const content = await readFile(join(directory, path));
    total += content.length;
    if (content.length > limits.fileBytes || total > limits.totalBytes)
      throw new CatalystError(
        'TooLarge',
        `The file ${path} is too large, or the files are too large together.`,
      );
    files.set(path, content);
  }
  return files;
}

async function collect(root: string, folder: string, depth: number, paths: string[]): Promise<void> {
  if (depth > limits.depth) throw new CatalystError('TooLarge', `The folder ${folder} is nested too deeply.`);
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) await collect(root, path, depth + 1, paths);
    else if (entry.isFile()) paths.push(path);
    else
      throw new CatalystError(
        'Symlink',
        `${path} is neither a file nor a folder. Charts hold regular files only.`,
      );
    if (paths.length > limits.files)
      throw new CatalystError('TooLarge', `There are more than ${limits.files} files.`);
  }
}

/** A regular file's text, at most `maxBytes`; undefined where there is none. Symbolic links are not followed. */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return undefined;
  if (!stat.isFile()) throw new CatalystError('Symlink', `${path.split('/').at(-1)} is not a regular file.`);
  if (stat.size > maxBytes)
    throw new CatalystError('TooLarge', `${path.split('/').at(-1)} is larger than ${maxBytes} bytes.`);
  return readFile(path);
}
