import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { FileChanges, TreeFile } from '../../../ports/repositories.ts';
import { checkPaths } from './hostile-names.ts';
import { addObject, buildTrees, type NewObjects } from './objects.ts';
import type { Listing } from './trees.ts';

const maximumChanges = 2_000;
const maximumBytes = 64 * 1024 * 1024;

/** A tree that is to be: nothing is written yet. */
export interface ChangeSet {
  readonly root: string;
  readonly listing: Listing;
  readonly objects: NewObjects;
  /** Contents of the files that the change writes, by path. */
  readonly written: ReadonlyMap<string, Uint8Array>;
}

/**
 * Applies changes to a listing in memory. A file that becomes what `merged` holds there is executable if it is so there.
 * Problems: names that are refused, a file where a folder is, too much at once.
 */
export function applyChanges(
  base: Listing | undefined,
  changes: FileChanges,
  merged?: Listing,
): Result<ChangeSet> {
  const theirs = new Map((merged?.files ?? []).map((file) => [file.path, file]));
  const entries = Object.entries(changes);
  if (entries.length > maximumChanges)
    return refused({ code: codes.TooLarge, message: `A commit changes at most ${maximumChanges} files.` });
  const files = new Map((base?.files ?? []).map((file) => [file.path, file]));
  const objects: NewObjects = new Map();
  const written = new Map<string, Uint8Array>();
  let size = 0;
  for (const [path, content] of entries) {
    if (content === null) {
      files.delete(path);
      continue;
    }
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    size += bytes.length;
    if (size > maximumBytes)
      return refused({ code: codes.TooLarge, file: path, message: 'A commit writes at most 64 MB.' });
    const blob = addObject(objects, 'blob', bytes);
    const like = theirs.get(path)?.blob === blob ? theirs.get(path) : files.get(path);
    const mode = like?.mode === '100755' ? '100755' : '100644';
    const file: TreeFile = { path, mode, sizeBytes: bytes.length, blob };
    files.set(path, file);
    written.set(path, bytes);
  }
  const problems = [...checkPaths(files.keys()), ...checkFolders(files)];
  if (problems.length > 0) return refused(...problems);
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const { root, trees } = buildTrees(sorted, base?.trees ?? new Set(), objects);
  return ok({ root, listing: { files: sorted, trees }, objects, written });
}

function checkFolders(files: ReadonlyMap<string, TreeFile>): Problem[] {
  const problems: Problem[] = [];
  for (const path of files.keys())
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
      if (files.has(path.slice(0, at)))
        problems.push({
          code: codes.Invalid,
          file: path,
          message: `"${path.slice(0, at)}" is a file, so it cannot be a folder.`,
        });
  return problems.slice(0, 20);
}
