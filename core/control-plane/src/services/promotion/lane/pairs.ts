import { createHash } from 'node:crypto';
import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { type OwnPath, patchText } from '@catalyst/model/promotion/backflow.ts';
import { isCarried } from '@catalyst/model/promotion/promoted-content.ts';
import type { FileChanges, Repositories, RepositoryName } from '../../../ports/repositories.ts';
import { blobIdOf, type MergeContent, mergePromotion } from '../../review/content.ts';
import { createKept } from './kept.ts';

/** Two revisions: the lower Environment's and the higher one's. */
export interface PairKey {
  readonly repository: RepositoryName;
  readonly lower: string;
  readonly higher: string;
}

/** What lies between a lower and a higher Environment, at two revisions that never change. */
export interface Pair {
  /** What a promotion from the lower to the higher one writes. */
  readonly files: readonly { readonly path: string; readonly change: 'create' | 'change' | 'delete' }[];
  readonly own: readonly string[];
  readonly conflicts: readonly string[];
  /** What the higher one has and the lower one lacks, where both have the Application and had it in common. */
  readonly ownPaths: readonly OwnPath[];
  /** What both last had in common. */
  readonly base: string | null;
  /** Why the two cannot be compared. */
  readonly problem?: string;
}

const largestText = 1024 * 1024;
const mostKeptPaths = 300;
const undecidedYet = { decisions: {}, overlay: {} };

/** A short hash that names a content. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** What a change of several paths is known by. */
export function fingerprintOf(paths: readonly OwnPath[]): string {
  return shortHash(JSON.stringify(paths.map(({ path, patch, conflict }) => [path, patch, conflict]).sort()));
}

/** Contents that the lower Environment gets of a change made in the higher one; null where a file goes. */
export async function ownContents(
  repositories: Pick<Repositories, 'read'>,
  { repository, higher }: PairKey,
  merged: MergeContent,
  paths: readonly string[],
): Promise<FileChanges> {
  const contents: [string, Uint8Array | string | null][] = [];
  for (const path of paths) {
    const change = merged.changes[path];
    const content = change === undefined ? await repositories.read(repository, higher, path) : change;
    contents.push([path, content ?? null]);
  }
  return Object.fromEntries(contents);
}

function textOf(content: Uint8Array | undefined): string | undefined {
  return content && content.length <= largestText && !content.includes(0)
    ? new TextDecoder().decode(content)
    : undefined;
}

/** Identity of one change: its lines where it is a text, its contents otherwise. */
function patchOf(before: Uint8Array | undefined, after: Uint8Array | undefined): string {
  const [left, right] = [textOf(before), textOf(after)];
  const isText = (left !== undefined || !before) && (right !== undefined || !after);
  const blob = (content: Uint8Array | undefined) => (content ? blobIdOf(content) : '');
  return shortHash(isText ? patchText(left, right) : `${blob(before)} ${blob(after)}`);
}

/** Reads pairs, and keeps them by their revisions. */
export function createPairs(repositories: Repositories) {
  const pairs = createKept<Pair>(
    1_000,
    ({ files, own, ownPaths }) => files.length + own.length + ownPaths.length <= mostKeptPaths,
  );
  const counts = createKept<number>(2_000);
  const carried = createKept<string>(2_000);

  const merge = ({ repository, lower, higher }: PairKey) =>
    mergePromotion(repositories, { repository, ours: higher, theirs: lower, promotion: undecidedYet });

  async function ownPathsOf(key: PairKey, merged: MergeContent): Promise<OwnPath[]> {
    const { repository, lower, higher } = key;
    if (merged.base === null || merged.undecided.length + merged.conflicts.length === 0) return [];
    const have = await Promise.all(
      [merged.base, lower, higher].map((at) => repositories.read(repository, at, basePaths.application)),
    );
    // What is installed in one of the two alone was not changed there: it is something else.
    if (have.some((content) => !content)) return [];
    const contents = await ownContents(repositories, key, merged, merged.undecided);
    const paths: OwnPath[] = [];
    for (const [path, content] of Object.entries(contents)) {
      const before = await repositories.read(repository, lower, path);
      const after = content === null ? undefined : Buffer.from(content);
      paths.push({ path, patch: patchOf(before, after), conflict: false });
    }
    for (const path of merged.conflicts) {
      const there = await repositories.read(repository, higher, path);
      paths.push({ path, patch: there ? blobIdOf(there) : '', conflict: true });
    }
    return paths;
  }

  async function readPair(key: PairKey): Promise<Pair> {
    try {
      const merged = await merge(key);
      const there = new Set((await repositories.files(key.repository, key.higher)).map(({ path }) => path));
      return {
        files: Object.entries(merged.changes).map(([path, content]) => ({
          path,
          change: content === null ? 'delete' : there.has(path) ? 'change' : 'create',
        })),
        own: merged.undecided,
        conflicts: merged.conflicts,
        ownPaths: await ownPathsOf(key, merged),
        base: merged.base,
      };
    } catch (error) {
      if (!(error instanceof CatalystError) || error.code !== 'TooLarge') throw error;
      return { files: [], own: [], conflicts: [], ownPaths: [], base: null, problem: error.message };
    }
  }

  const nameOf = ({ repository, lower, higher }: PairKey) =>
    `${repository.organization}/${repository.name}/${lower}/${higher}`;
  return {
    read: (key: PairKey): Promise<Pair> => pairs.get(nameOf(key), () => readPair(key)),
    /** Equal ones are the same content of all that promotions carry. */
    carried: ({ organization, name }: RepositoryName, revision: string): Promise<string> =>
      carried.get(`${organization}/${name}/${revision}`, async () => {
        const files = await repositories.files({ organization, name }, revision);
        return shortHash(
          JSON.stringify(
            files.filter(({ path }) => isCarried(path)).map(({ path, mode, blob }) => [path, mode, blob]),
          ),
        );
      }),
    /** With contents; not kept. */
    merge,
    /** Commits of the lower one that the higher one has not; 500 stands for that many or more. */
    ahead: (key: PairKey): Promise<number> =>
      counts.get(nameOf(key), async () => {
        const { repository, lower, higher } = key;
        return (await repositories.commitsBetween(repository, higher, lower)).length;
      }),
  };
}

/** See `createPairs`. */
export type Pairs = ReturnType<typeof createPairs>;
