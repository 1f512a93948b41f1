import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { TreeFile } from '../../../ports/repositories.ts';
import type { GitEnvironment, ProcessEnvironment } from './git-environment.ts';
import { runGit } from './git-process.ts';

/** Files that a listing may hold before it is refused as `TooLarge`. */
export const maximumListed = 20_000;

/** A listing: its files in order of their paths, and the ids of the trees that exist already. */
export interface Listing {
  readonly files: readonly TreeFile[];
  readonly trees: ReadonlySet<string>;
}

/** Lists one revision (or one tree); undefined where there is no such commit. */
export async function listTree(
  git: GitEnvironment,
  directory: string,
  revision: string,
  environment?: ProcessEnvironment,
): Promise<Listing | undefined> {
  const { status, stdout } = await runGit(
    git,
    directory,
    ['ls-tree', '-r', '-t', '-l', '-z', '--full-tree', '--end-of-options', revision],
    { ...(environment ? { environment } : {}) },
  );
  if (status !== 0) return undefined;
  const decoder = new TextDecoder('utf-8');
  const files: TreeFile[] = [];
  const trees = new Set<string>();
  let start = 0;
  for (let end = stdout.indexOf(0); end >= 0; end = stdout.indexOf(0, start)) {
    const tab = stdout.indexOf(9, start);
    const [mode = '', kind, blob = '', size = ''] = stdout.toString('latin1', start, tab).split(/ +/);
    // Bytes that are no UTF-8 become U+FFFD, which `checkPath` refuses.
    if (kind === 'tree') trees.add(blob);
    else
      files.push({
        path: decoder.decode(stdout.subarray(tab + 1, end)),
        mode,
        sizeBytes: size === '-' ? 0 : Number(size),
        blob,
      });
    if (files.length > maximumListed)
      throw new CatalystError(codes.TooLarge, `A revision holds more than ${maximumListed} files.`);
    start = end + 1;
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), trees };
}

/** Listings of revisions that were asked for lately; a revision never changes. */
export interface ListingCache {
  get(key: string): Listing | undefined;
  put(key: string, listing: Listing): void;
  /** Forgets those whose key begins so. */
  forget(prefix: string): void;
}

/** Keeps up to 128 listings of up to 500 files. */
export function createListingCache(): ListingCache {
  const kept = new Map<string, Listing>();
  return {
    get(key) {
      const listing = kept.get(key);
      if (listing) {
        kept.delete(key);
        kept.set(key, listing);
      }
      return listing;
    },
    put(key, listing) {
      if (listing.files.length > 500) return;
      kept.set(key, listing);
      const oldest = kept.size > 128 ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
    forget(prefix) {
      for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key);
    },
  };
}
