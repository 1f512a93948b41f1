import type { CommitInfo, RepositoryName } from '../../../ports/repositories.ts';
import type { CommitGraph } from './commit-graph.ts';
import { askIsAncestor, readLog } from './commit-log.ts';
import type { GitEnvironment } from './git-environment.ts';
import { isRevision } from './hostile-names.ts';
import type { Ledger } from './ledger.ts';

/** Where history is read. */
export interface HistoryDeps {
  readonly git: GitEnvironment;
  readonly graph: CommitGraph;
  readonly ledger: Ledger;
}

/** Commits of a branch, newest first, with who pushed them. At most 500; 50 unless told. `before` pages: what comes after it. */
export async function readHistory(
  deps: HistoryDeps,
  directory: string,
  repository: RepositoryName,
  branch: string,
  options: { limit?: number; before?: string },
): Promise<CommitInfo[]> {
  const limit = Math.min(Math.max(Math.trunc(options.limit ?? 50), 1), 500);
  const { before } = options;
  if (before !== undefined && !isRevision(before)) return [];
  const ref = `refs/heads/${branch}`;
  if (before !== undefined) {
    // Only what the branch holds is its history.
    if (!(await askIsAncestor(deps.git, directory, before, ref))) return [];
  }
  const count = before === undefined ? limit : limit + 1;
  const commits = await readLog(deps.git, directory, count, [before ?? ref]);
  return Promise.all(
    (commits ?? []).slice(before === undefined ? 0 : 1).map(async (commit) => {
      const { revision } = commit;
      const pusher =
        (await deps.ledger.pusherOf(repository, ref, revision)) ??
        (await deps.ledger.bringersOf(repository, revision))?.pusher;
      return pusher ? { ...commit, pusher } : commit;
    }),
  );
}

/** `Repositories.commitsBetween`: at most 500 commits with who brought each into the repository. */
export async function readBetween(
  deps: HistoryDeps,
  directory: string,
  repository: RepositoryName,
  range: { readonly without: readonly string[]; readonly revision: string },
): Promise<CommitInfo[]> {
  if (!range.without.every(isRevision) || !isRevision(range.revision)) return [];
  const commits = await deps.graph.between(directory, range.without, range.revision);
  return Promise.all(
    commits.map(async (commit) => {
      const { pusher, earlier } = (await deps.ledger.bringersOf(repository, commit.revision)) ?? {};
      return {
        ...commit,
        ...(pusher ? { pusher } : {}),
        ...(earlier ? { earlierPushers: earlier } : {}),
      };
    }),
  );
}
