import type { CommitInfo } from '../../../ports/repositories.ts';
import type { GitEnvironment, ProcessEnvironment } from './git-environment.ts';
import { runGit } from './git-process.ts';

const fields = ['%H', '%P', '%an', '%ae', '%ct', '%B'];
const maximumMessage = 16_384;

/** Asks Git whether a commit is in the history of another one; undefined where one of them is missing. */
export async function askIsAncestor(
  git: GitEnvironment,
  directory: string,
  ancestor: string,
  revision: string,
  environment: ProcessEnvironment = {},
): Promise<boolean | undefined> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', ancestor, revision];
  const { status } = await runGit(git, directory, args, { environment });
  return status === 0 || status === 1 ? status === 0 : undefined;
}

/** Commits of a range, newest first, as Git tells them; undefined where it names none of the repository. */
export async function readLog(
  git: GitEnvironment,
  directory: string,
  count: number,
  revisions: readonly string[],
): Promise<CommitInfo[] | undefined> {
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
  return status === 0 ? parseLog(stdout.toString('utf8')) : undefined;
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
