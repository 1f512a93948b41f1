import type { OtherBaseFact } from '@catalyst/model/policy/facts.ts';
import type { FileChanges, Repositories, RepositoryName, TreeFile } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { blobIdOf, type MergeContent } from './content.ts';

type BaseDeps = Pick<Repositories, 'files'>;

/** Every path of `base/` with its blob. */
export type BaseTree = ReadonlyMap<string, string>;

/** Some are named, all are counted: the fact is kept with each verdict. */
const mostNamed = 3;

const isBase = (path: string) => path.startsWith('base/');

function toBase(files: readonly TreeFile[]): Map<string, string> {
  return new Map(files.filter(({ path }) => isBase(path)).map(({ path, blob }) => [path, blob]));
}

/** `base/` of one revision. */
export async function readBase(
  repositories: BaseDeps,
  repository: RepositoryName,
  revision: string,
): Promise<BaseTree> {
  return toBase(await repositories.files(repository, revision));
}

/** `base/` as changes to one head of the destination make it. */
export async function readMergedBase(
  repositories: BaseDeps,
  repository: RepositoryName,
  destinationHead: string,
  changes: FileChanges,
): Promise<BaseTree> {
  const base = toBase(await repositories.files(repository, destinationHead));
  for (const [path, content] of Object.entries(changes).filter(([path]) => isBase(path)))
    if (content === null) base.delete(path);
    else base.set(path, blobIdOf(content));
  return base;
}

/** Paths that two have otherwise; sorted. */
export function differingPaths(left: BaseTree, right: BaseTree): string[] {
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths].filter((path) => left.get(path) !== right.get(path)).sort();
}

/**
 * Where merging writes another `base/` than the head has, blob by blob; undefined where it is the same. Nothing is said of a promotion: its
 * head is pinned, what it keeps of the destination was decided path by path (ADR 19), and overlays are all that it adds. A conflict is a
 * difference, as nobody knows what will come of it.
 */
export async function readOtherBase(
  repositories: BaseDeps,
  { repository, head, promotion }: Pick<PullRequest, 'repository' | 'head' | 'promotion'>,
  destinationHead: string,
  { changes, conflicts }: Pick<MergeContent, 'changes' | 'conflicts'>,
): Promise<OtherBaseFact | undefined> {
  if (promotion) return undefined;
  const [merged, own] = await Promise.all([
    readMergedBase(repositories, repository, destinationHead, changes),
    readBase(repositories, repository, head),
  ]);
  const undecided = conflicts.filter(isBase);
  const paths = [...new Set([...differingPaths(merged, own), ...undecided])].sort();
  return paths.length > 0 ? { paths: paths.slice(0, mostNamed), count: paths.length } : undefined;
}
