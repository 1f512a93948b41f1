import type { CommitInfo, RepositoryName } from '../../../ports/repositories.ts';
import type { GitEnvironment, ProcessEnvironment } from './git-environment.ts';
import { runGit } from './git-process.ts';
import { isRevision, noRevision } from './hostile-names.ts';
import type { Ledger } from './ledger.ts';

const fields = ['%H', '%P', '%an', '%ae', '%ct', '%B'];
const maximumMessage = 16_384;

/** Where history is read. */
export interface HistoryDeps {
  readonly git: GitEnvironment;
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
    if (!(await isAncestor(deps.git, directory, before, ref))) return [];
  }
  const commits = await log(deps.git, directory, before === undefined ? limit : limit + 1, [before ?? ref]);
  return Promise.all(
    commits.slice(before === undefined ? 0 : 1).map(async (commit) => {
      const { revision } = commit;
      const pusher =
        (await deps.ledger.pusherOf(repository, ref, revision)) ??
        (await deps.ledger.bringersOf(repository, revision))?.pusher;
      return pusher ? { ...commit, pusher } : commit;
    }),
  );
}

/** Whether a commit is in the history of another one; false also where one of them is missing. */
export async function isAncestor(
  git: GitEnvironment,
  directory: string,
  ancestor: string,
  revision: string,
  environment: ProcessEnvironment = {},
): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', ancestor, revision];
  return (await runGit(git, directory, args, { environment })).status === 0;
}

/** `Repositories.commitsBetween`: at most 500 commits with who brought each into the repository. */
export async function readBetween(
  deps: HistoryDeps,
  directory: string,
  repository: RepositoryName,
  range: { readonly without: string; readonly revision: string },
): Promise<CommitInfo[]> {
  if (!isRevision(range.without) || !isRevision(range.revision)) return [];
  const without = range.without === noRevision ? [] : [`^${range.without}`];
  const commits = await log(deps.git, directory, 500, [range.revision, ...without]);
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

async function log(
  git: GitEnvironment,
  directory: string,
  count: number,
  revisions: readonly string[],
): Promise<CommitInfo[]> {
  const { status, stdout } = await runGit(git, directory, [
    'log',
    '-z',
    '--topo-order',
    '--no-show-signature',
    `--format=${fields.join('%x00')}`,
    `--max-count=${count}`,
    '--end-of-options',
    ...revisions,
    '--',
  ]);
  return status === 0 ? parseLog(stdout.toString('utf8')) : [];
}

function parseLog(text: string): CommitInfo[] {
  const tokens = text.split('\0');
  const commits: CommitInfo[] = [];
  for (let at = 0; at + fields.length <= tokens.length; at += fields.length) {
    const [revision = '', parents = '', name = '', email = '', seconds = '', message = ''] = tokens.slice(
      at,
      at + fields.length,
    );
    commits.push({
      revision,
      parents: parents.split(' ').filter(Boolean),
      author: { name: name.slice(0, 200), email: email.slice(0, 200) },
      time: toTime(Number(seconds)),
      message: message.trim().slice(0, maximumMessage),
    });
  }
  return commits;
}

/** A Git author may claim any time, also one that no calendar has. */
function toTime(seconds: number): string {
  const bounded = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 253_402_300_799) : 0;
  return new Date(bounded * 1000).toISOString();
}
