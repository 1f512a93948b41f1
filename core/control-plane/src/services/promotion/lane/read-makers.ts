import { CatalystError, codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { CommitInfo, Repositories, RepositoryName } from '../../../ports/repositories.ts';
import type { PullRequest, Reviews } from '../../../ports/reviews.ts';
import { authorsOf } from '../../review/gates.ts';
import { mostCommits, pushersOf } from '../../review/sync.ts';
import type { Found } from './own-changes.ts';
import type { Pairs } from './pairs.ts';

/** What finding them needs. */
export interface MakersDeps {
  readonly repositories: Pick<Repositories, 'commitsBetween'>;
  readonly reviews: Pick<Reviews, 'list'>;
  readonly pairs: Pick<Pairs, 'read'>;
}

const mostSteps = 50;
const pageSize = 200;

/**
 * Ids of everybody who may have made a part of a change of a higher Environment: who brought one of the commits, merges among them,
 * since its paths there last had nothing that the lower one lacks, and the authors of what was merged with one of them. Refused where the
 * commits are too many to know everybody.
 */
export async function readMakers(
  deps: MakersDeps,
  repository: RepositoryName,
  found: Found,
): Promise<Result<string[]>> {
  const { from, to } = found;
  const all = await deps.repositories.commitsBetween(repository, to.head, from.head);
  const clean = await findClean(deps, repository, found, all);
  const since =
    clean === undefined
      ? all
      : await deps.repositories.commitsBetween(repository, [to.head, clean], from.head);
  if (since.length > mostCommits) return refused(tooMany(found));
  // The newest of them is the head itself; a Git that could not answer names nobody, which must not let its makers approve.
  if (since[0]?.revision !== from.head)
    throw new CatalystError(
      codes.Unavailable,
      `Who made the change of ${from.environment} cannot be found now.`,
      {
        retry: 'later',
      },
    );
  const revisions = new Set(since.map(({ revision }) => revision));
  const makers = new Set(pushersOf(since));
  for await (const pullRequest of mergedOnes(deps, repository))
    if (pullRequest.merged && revisions.has(pullRequest.merged.revision))
      for (const id of madeBy(pullRequest)) makers.add(id);
  return ok([...makers]);
}

/** Commits that a promotion brings are there themselves, and what it only passes on is no part of the change: but for decisions. */
function madeBy(pullRequest: PullRequest): string[] {
  const { promotion } = pullRequest;
  return promotion ? Object.values(promotion.decisions).map(({ by }) => by.id) : authorsOf(pullRequest);
}

/** The newest state of the higher one's branch whose paths had nothing of their own: what was before made no part of the change. */
async function findClean(
  { pairs }: MakersDeps,
  repository: RepositoryName,
  { from, to, paths }: Found,
  commits: readonly CommitInfo[],
): Promise<string | undefined> {
  const parents = new Map(commits.map((commit) => [commit.revision, commit.parents[0]]));
  const names = new Set(paths.map(({ path }) => path));
  let revision = parents.get(from.head);
  for (let step = 0; step < mostSteps && revision !== undefined && parents.has(revision); step += 1) {
    const pair = await pairs.read({ repository, lower: to.head, higher: revision });
    const isComparable = pair.base !== null && pair.problem === undefined;
    if (isComparable && ![...pair.own, ...pair.conflicts].some((path) => names.has(path))) return revision;
    revision = parents.get(revision);
  }
  return undefined;
}

async function* mergedOnes({ reviews }: MakersDeps, repository: RepositoryName) {
  let after: 'the first' | PullRequest = 'the first';
  for (;;) {
    const page: readonly PullRequest[] = await reviews.list({
      repository,
      state: 'merged',
      limit: pageSize,
      after,
    });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last;
  }
}

function tooMany({ from, to }: Found) {
  return {
    code: codes.TooLarge,
    field: 'from',
    message: `More than ${mostCommits} commits may have made the change of ${from.environment}, so that not everybody who did is known. Make the change on a branch of your own from ${to.branch} and open a pull request, or decline it with a reason.`,
  };
}
