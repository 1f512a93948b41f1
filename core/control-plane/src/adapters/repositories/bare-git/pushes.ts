import type { Result } from '@catalyst/model/problem.ts';
import type { GitExchange } from '../../../ports/repositories.ts';
import { createHookDialogue } from './hook-dialogue.ts';
import { isEnvironmentRef, noRevision } from './hostile-names.ts';
import type { Intent } from './ledger.ts';
import { openPullRequests } from './pull-request-pushes.ts';
import { accept, inWords, type Push, type PushDeps, refuse } from './push.ts';
import { judgePush } from './push-judgement.ts';
import { readPushOptions } from './push-options.ts';
import { hookPipe, type Session } from './sessions.ts';
import { removeStaleLocks, syncRepository } from './storage.ts';

/** A push from its hook's report to its outcome. Rejects when that outcome may not be acknowledged. */
export async function conductPush(
  deps: PushDeps,
  exchange: GitExchange,
  session: Session,
  decided: Push['decided'],
): Promise<void> {
  const dialogue = createHookDialogue(hookPipe(session, 3), hookPipe(session, 4));
  const report = await dialogue.report();
  if (!report) return;
  const push = { exchange, session, dialogue, report, decided };
  const wishes = readPushOptions(report);
  try {
    if (!wishes.ok) refuse(push, wishes);
    else if (wishes.value.pullRequest) await openPullRequests(deps, push, wishes.value.pullRequest);
    else await moveRefs(deps, push);
  } catch (error) {
    dialogue.breakOff();
    throw error;
  }
}

/** From the verdict on it owns the repository until Git has ended. */
async function moveRefs(deps: PushDeps, push: Push): Promise<void> {
  const { repository } = push.exchange;
  const { updates } = push.report;
  const release = await deps.movements.acquire(repository);
  try {
    const step = await prepare(deps, push);
    if (!step.ok) {
      refuse(push, step);
      return;
    }
    try {
      accept(push);
      const asked = updates.filter(({ ref, to }) => isEnvironmentRef(ref) && to !== noRevision);
      if (asked.length > 0 && (await push.dialogue.asked()))
        push.dialogue.settle(asked.flatMap(({ ref }) => [`ok ${ref}`, 'option fall-through']));
      await push.session.ended;
      await syncRepository(
        deps.directoryOf(repository),
        updates.map(({ ref }) => ref),
      );
    } finally {
      // Whatever failed: what Git has moved is told, and before it has ended nobody knows that.
      await push.session.ended;
      await deps.movements.decide(repository, step.value);
    }
  } finally {
    release();
  }
}

function prepare(deps: PushDeps, push: Push): Promise<Result<Intent[]>> {
  const { repository, pusher } = push.exchange;
  const { report, session } = push;
  const directory = deps.directoryOf(repository);
  return inWords(deps, push, async () => {
    const verdict = await judgePush(deps, { repository, directory, pusher, report, purpose: 'move' });
    if (!verdict.ok) return verdict;
    await removeStaleLocks(
      directory,
      report.updates.map(({ ref }) => ref),
    );
    const { pid } = session.child;
    const by = { pusher, ...(pid === undefined ? {} : { process: pid }) };
    return { ok: true, value: await deps.movements.open(repository, verdict.value, by) };
  });
}
