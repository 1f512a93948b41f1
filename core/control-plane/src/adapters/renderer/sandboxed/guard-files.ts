import type { Problem } from '@catalyst/model/problem.ts';
import { limits } from './limits.ts';

/** True for a relative, normalised, `/`-separated path of bounded length and depth. */
export function isSafePath(path: string): boolean {
  const parts = path.split('/');
  return (
    path.length <= limits.pathLength &&
    parts.length <= limits.pathDepth &&
    !/[\p{Cc}\\]/u.test(path) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** Refuses files that could leave their folder, that shadow one another, or that are too many or too big. */
export function guardFiles(files: ReadonlyMap<string, Uint8Array>): Problem[] {
  if (files.size > limits.inputFiles)
    return [{ code: 'TooLarge', message: `There are more than ${limits.inputFiles} files.` }];
  let total = 0;
  for (const [path, content] of files) {
    if (!isSafePath(path))
      return [
        {
          code: 'UnsafePath',
          file: shown(path),
          message: 'The path must be relative and stay inside the repository.',
        },
      ];
    total += content.length;
    if (content.length > limits.inputFileBytes || total > limits.inputTotalBytes)
      return [
        {
          code: 'TooLarge',
          file: path,
          message: 'The file is larger than 1 MB, or all files together are larger than 32 MB.',
        },
      ];
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
      if (files.has(path.slice(0, at)))
        return [
          { code: 'UnsafePath', file: path, message: `${path.slice(0, at)} is a file and a folder at once.` },
        ];
  }
  return [];
}

/** A path fit for a message. */
export function shown(path: string): string {
  return JSON.stringify(path).slice(1, -1).slice(0, 120);
}
