import { join } from 'node:path';
import { CatalystError, codes, refused } from '@catalyst/model/problem.ts';
import type { PullRequestDoor, PullRequestPush } from '../../../ports/repositories.ts';
import { noRevision, toTerminalLines } from './hostile-names.ts';
import { accept, inWords, type Push, type PushDeps, refuse } from './push.ts';
import { judgePush } from './push-judgement.ts';
import { listFolder, syncRepository } from './storage.ts';

const doorTimeoutMs = 60_000;

/**
 * A push that asks for pull requests: no branch moves. Its objects leave quarantine, then the door is asked for each branch; it is
 * the door that makes them fetchable. Before that they are objects that nobody refers to.
 */
export async function openPullRequests(
  deps: PushDeps,
  push: Push,
  wish: { readonly title?: string },
): Promise<void> {
  const door = deps.pullRequests();
  if (!door || !deps.git.hasProcReceive) {
    refuse(push, refused(noDoor));
    return;
  }
  if (!(await take(deps, push))) return;
  const { repository, pusher } = push.exchange;
  const statuses: string[] = [];
  const lines: string[] = [];
  const directory = deps.directoryOf(repository);
  for (const { ref, from, to } of push.report.updates) {
    const before = await listFolder(join(directory, 'refs/pull'));
    const answer = await ask(deps, door, {
      repository,
      branch: ref.slice('refs/heads/'.length),
      oldRevision: from,
      newRevision: to,
      pusher,
      ...wish,
    });
    if (answer.ok) {
      const { number } = answer.value;
      statuses.push(`ok ${ref}`, `option refname refs/pull/${number}/head`, `option new-oid ${to}`);
      if (!before.includes(String(number))) statuses.push(`option old-oid ${noRevision}`);
      lines.push(...answer.value.lines);
    } else {
      statuses.push(`ng ${ref} no pull request was opened`);
      lines.push(...answer.problems.flatMap(toTerminalLines));
    }
  }
  push.dialogue.settle(statuses, lines);
  await push.session.ended;
}

const noDoor = {
  code: codes.Unavailable,
  message:
    'Pull requests cannot be opened by a push here. Push to a branch of its own and open one in the console.',
};

/** Takes the objects in, if they may come. The door needs the repository, so it is owned no longer than that. */
async function take(deps: PushDeps, push: Push): Promise<boolean> {
  const { repository, pusher } = push.exchange;
  const directory = deps.directoryOf(repository);
  const { report } = push;
  const release = await deps.movements.acquire(repository);
  try {
    const verdict = await inWords(deps, push, async () => {
      const judged = await judgePush(deps, { repository, directory, pusher, report, purpose: 'propose' });
      // Who brought them must be known before anybody can ask who may approve them.
      if (judged.ok)
        for (const { commits } of judged.value) await deps.ledger.bring(repository, commits, pusher);
      return judged;
    });
    if (!verdict.ok) {
      refuse(push, verdict);
      return false;
    }
    accept(push);
    if (!(await push.dialogue.asked())) return false;
    await syncRepository(directory, []);
    return true;
  } finally {
    release();
  }
}

async function ask(
  deps: PushDeps,
  door: PullRequestDoor,
  push: PullRequestPush,
): Promise<Awaited<ReturnType<PullRequestDoor>>> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    const late = new CatalystError(codes.Unavailable, 'The pull request was not opened in time. Push again.');
    timer = setTimeout(() => reject(late), doorTimeoutMs);
  });
  try {
    return await Promise.race([door(push), overdue]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const { repository, branch } = push;
    deps.logger.warn({ repository, branch, reason }, 'a pull request could not be opened');
    if (error instanceof CatalystError) return refused(...error.problems);
    return refused({
      code: codes.Internal,
      message: 'The pull request could not be opened. Try again later.',
    });
  } finally {
    clearTimeout(timer);
  }
}
