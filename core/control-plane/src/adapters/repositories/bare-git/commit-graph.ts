import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { CommitInfo } from '../../../ports/repositories.ts';
import { askIsAncestor, readLog } from './commit-log.ts';
import type { GitEnvironment } from './git-environment.ts';
import { runGit } from './git-process.ts';
import { noRevision } from './hostile-names.ts';

/**
 * How commits hang together, asked by their ids alone. Nothing can change such an answer, so Git is asked once: starting a process
 * holds up everything else for a millisecond or two, and every look at a pull request asks the same.
 */
export interface CommitGraph {
  /** Whether a commit is in the history of another one; false also where one of them is missing. */
  isAncestor(directory: string, ancestor: string, revision: string): Promise<boolean>;
  /** The newest common ancestors. */
  basesOf(directory: string, revisions: readonly string[]): Promise<readonly string[]>;
  /** At most 500 commits that `revision` has and none of `without` has, newest first; 40 zeros there stand for nothing. */
  between(directory: string, without: readonly string[], revision: string): Promise<readonly CommitInfo[]>;
  /** Forgets a repository that is deleted. */
  forget(directory: string): void;
}

const mostAnswers = 2_000;
const mostRemembered = 50;

/** Creates a graph that remembers up to 2,000 answers; longer lists than 50 commits are asked for again. */
export function createCommitGraph(git: GitEnvironment): CommitGraph {
  const answers = new Map<string, unknown>();

  /** An answer of `undefined` is given, and not remembered. */
  async function once<T>(key: string, ask: () => Promise<T | undefined>): Promise<T | undefined> {
    if (answers.has(key)) {
      const known = answers.get(key) as T;
      answers.delete(key);
      answers.set(key, known);
      return known;
    }
    const answer = await ask();
    if (answer === undefined) return undefined;
    answers.set(key, answer);
    const oldest = answers.size > mostAnswers ? answers.keys().next().value : undefined;
    if (oldest !== undefined) answers.delete(oldest);
    return answer;
  }

  return {
    async isAncestor(directory, ancestor, revision) {
      const key = `${directory} ancestor ${ancestor} ${revision}`;
      return (await once(key, () => askIsAncestor(git, directory, ancestor, revision))) ?? false;
    },
    async basesOf(directory, revisions) {
      const bases = await once(`${directory} bases ${revisions.join(' ')}`, async () => {
        const args = ['merge-base', '--all', '--end-of-options', ...revisions];
        const { status, stdout, stderr } = await runGit(git, directory, args);
        if (status > 1)
          throw new CatalystError(codes.Internal, `The common ancestor cannot be found: ${stderr}`);
        return stdout.toString('latin1').split('\n').filter(Boolean);
      });
      return bases ?? [];
    },
    async between(directory, without, revision) {
      const range = [revision, ...without.filter((one) => one !== noRevision).map((one) => `^${one}`)];
      let long: readonly CommitInfo[] | undefined;
      const short = await once(`${directory} between ${range.join(' ')}`, async () => {
        const commits = await readLog(git, directory, 500, range);
        if (commits && commits.length <= mostRemembered) return commits;
        long = commits;
        return undefined;
      });
      return short ?? long ?? [];
    },
    forget(directory) {
      for (const key of answers.keys()) if (key.startsWith(`${directory} `)) answers.delete(key);
    },
  };
}
