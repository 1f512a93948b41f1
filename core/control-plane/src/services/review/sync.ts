import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { CommitInfo, Repositories, RepositoryName } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { changeRow, type ReviewDeps } from './review-context.ts';

/** Most commits that one pull request may carry: those who brought them must all be known. */
export const mostCommits = 499;
const searched = 500;

type SyncDeps = Pick<ReviewDeps, 'reviews' | 'repositories' | 'clock' | 'database' | 'logger'>;

/** Commits that a head would bring to a branch; refused where there are none or too many. */
export async function carriedCommits(
  repositories: Pick<Repositories, 'commitsBetween'>,
  repository: RepositoryName,
  destination: { readonly branch: string; readonly head: string },
  head: string,
): Promise<Result<CommitInfo[]>> {
  const commits = await repositories.commitsBetween(repository, destination.head, head);
  if (commits.length === 0) return refused(nothingNew(destination.branch));
  if (commits.length > mostCommits)
    return refused({
      code: 'TooLarge',
      message: `A pull request carries at most ${mostCommits} commits. Squash them, or open several.`,
    });
  return ok(commits);
}

/** The same for a promotion, whose content may have been in the branch before and have been taken away: then it carries no new commit. */
export async function promotedCommits(
  repositories: Pick<Repositories, 'commitsBetween'>,
  repository: RepositoryName,
  { head: into }: { readonly head: string },
  head: string,
): Promise<Result<CommitInfo[]>> {
  const commits = await repositories.commitsBetween(repository, into, head);
  return commits.length > mostCommits
    ? refused({
        code: 'TooLarge',
        field: 'revision',
        message: `A promotion carries at most ${mostCommits} commits, so that everybody who brought one is known. Promote an earlier revision first.`,
      })
    : ok(commits);
}

function nothingNew(branch: string): Problem {
  return { code: 'NothingChanges', message: `Everything in it is in ${branch} already.` };
}

/** Ids of everybody who brought one of the commits. */
export function pushersOf(commits: readonly CommitInfo[]): string[] {
  return [
    ...new Set(
      commits.flatMap(({ pusher, earlierPushers = [] }) => [
        ...(pusher ? [pusher.id] : []),
        ...earlierPushers,
      ]),
    ),
  ];
}

/**
 * Brings an open pull request into agreement with Git: a merge that was not recorded, a source that moved. Safe to repeat, and the
 * same at start, on an event and on a read.
 */
export async function syncPullRequest(deps: SyncDeps, pullRequest: PullRequest): Promise<PullRequest> {
  if (pullRequest.state !== 'open') return pullRequest;
  const { repository, destination, number } = pullRequest;
  const destinationHead = await deps.repositories.head(repository, destination);
  if (destinationHead === undefined) return pullRequest;
  if (pullRequest.promotion) return recordPromotion(deps, pullRequest, pullRequest.promotion.base);
  if (await deps.repositories.contains(repository, destinationHead, pullRequest.head))
    return recordFoundMerge(deps, pullRequest);
  const { source } = pullRequest;
  const head = source === undefined ? undefined : await deps.repositories.head(repository, source);
  if (head === undefined || head === pullRequest.head) return pullRequest;
  const carried = await carriedCommits(
    deps.repositories,
    repository,
    { branch: destination, head: destinationHead },
    head,
  );
  await deps.repositories.setPullHead(repository, number, head);
  const moved = await changeRow(deps.reviews, repository, number, (row) => {
    if (row.state !== 'open' || row.head === head) return ok(row);
    const pushers = carried.ok ? [...new Set([...row.pushers, ...pushersOf(carried.value)])] : row.pushers;
    const [why] = carried.ok ? [] : carried.problems;
    if (!why) return ok({ ...row, head, pushers });
    const closed = { by: row.openedBy, at: new Date(deps.clock.now()).toISOString(), reason: why.message };
    return ok({ ...row, head, state: 'closed', closed });
  });
  return moved.ok ? moved.value : pullRequest;
}

/**
 * A promotion keeps its commit when the source moves on, and what it carries may have been in the destination before (it was uninstalled
 * since): only a merge that is newer than the pull request is its own.
 */
async function recordPromotion(deps: SyncDeps, pullRequest: PullRequest, base: string): Promise<PullRequest> {
  const { repository, destination, head } = pullRequest;
  const into = await deps.repositories.head(repository, destination);
  if (into === undefined || !(await deps.repositories.contains(repository, into, head))) return pullRequest;
  const history = await deps.repositories.history(repository, destination, { limit: searched });
  const since = history.findIndex(({ revision }) => revision === base);
  const newer = since < 0 ? history : history.slice(0, since);
  return newer.some(({ parents }) => parents[1] === head) ? recordFoundMerge(deps, pullRequest) : pullRequest;
}

/** The head is in the destination: by a merge that a crash left unrecorded, or because somebody pushed it there. */
async function recordFoundMerge(deps: SyncDeps, pullRequest: PullRequest): Promise<PullRequest> {
  const { repository, destination, head, number } = pullRequest;
  const history = await deps.repositories.history(repository, destination, { limit: searched });
  const commit =
    history.find(({ parents }) => parents[1] === head) ??
    history.find(({ revision }) => revision === head) ??
    history[0];
  if (!commit) return pullRequest;
  const by = { id: commit.pusher?.id ?? '', name: commit.pusher?.name ?? 'unknown', email: '' };
  const recorded = await changeRow(deps.reviews, repository, number, (row) =>
    row.state === 'open' && row.head === head
      ? ok({
          ...row,
          state: 'merged',
          merged: { revision: commit.revision, base: commit.parents[0] ?? head, by, at: commit.time },
        })
      : ok(row),
  );
  return recorded.ok ? recorded.value : pullRequest;
}
