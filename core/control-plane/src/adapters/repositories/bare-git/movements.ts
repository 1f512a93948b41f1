import { readFile } from 'node:fs/promises';
import type { Pusher } from '@catalyst/model/events/cloud-event.ts';
import { CatalystError, codes, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type {
  ProposedUpdate,
  RepositoryName,
  UpdateFacts,
  UpdateJudge,
} from '../../../ports/repositories.ts';
import type { Delivery } from './delivery.ts';
import { noRevision } from './hostile-names.ts';
import { fullName, type Intent, type Ledger, type Movement } from './ledger.ts';
import type { Locks } from './locks.ts';
import { readRef, removeStaleLocks } from './storage.ts';

const judgementTimeoutMs = 60_000;

/** Keeps the promise that every movement of a ref has an intent, and every intent an outcome. */
export interface Movements {
  /** Runs work that owns a repository; what a failure left undecided is decided first. */
  own<T>(repository: RepositoryName, work: () => Promise<T>): Promise<T>;
  /** The same in two halves, for a push: the release must be called. */
  acquire(repository: RepositoryName): Promise<() => void>;
  /** Asks the judge; one fact per update. Throws `Unavailable` where it takes longer than a minute. */
  judge(updates: readonly ProposedUpdate[]): Promise<Result<readonly UpdateFacts[]>>;
  open(
    repository: RepositoryName,
    movements: readonly Movement[],
    by: { readonly pusher: Pusher; readonly process?: number },
  ): Promise<Intent[]>;
  /** Looks which refs moved, tells those, and takes the others back. Gives those that moved. */
  decide(repository: RepositoryName, step: readonly Intent[]): Promise<Intent[]>;
  /** Decides and tells what a crash left. Looks at repositories with open intents only. */
  replay(): Promise<void>;
}

/** What it is made of. */
export interface MovementsDeps {
  readonly ledger: Ledger;
  readonly delivery: Delivery;
  readonly judge: UpdateJudge;
  readonly clock: Clock;
  readonly locks: Locks;
  readonly directoryOf: (repository: RepositoryName) => string;
  /** Told after refs of a repository have moved. */
  readonly changed: (repository: RepositoryName) => void;
}

/** Makes it. */
export function createMovements(deps: MovementsDeps): Movements {
  const { ledger, delivery, locks, clock } = deps;
  const undecided = new Map<string, readonly Intent[]>();

  async function decide(repository: RepositoryName, step: readonly Intent[]): Promise<Intent[]> {
    const directory = deps.directoryOf(repository);
    undecided.set(fullName(repository), step);
    const reached = new Set<Intent>();
    for (const intent of step) {
      const { ref, newRevision } = intent.update;
      if (intent.moved || ((await readRef(directory, ref)) ?? noRevision) === newRevision)
        reached.add(intent);
    }
    const kept =
      reached.size === step.length ? [...step] : await ledger.settle(step, (intent) => reached.has(intent));
    undecided.delete(fullName(repository));
    delivery.enqueue(kept);
    if (kept.length > 0) deps.changed(repository);
    return kept;
  }

  async function acquire(repository: RepositoryName): Promise<() => void> {
    const release = await locks.acquire(fullName(repository));
    try {
      const left = undecided.get(fullName(repository));
      if (left) await decide(repository, left);
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** An intent that another one on the same ref follows has moved: the later one was written after the earlier was decided. */
  async function replayRepository(intents: readonly Intent[]): Promise<void> {
    const first = intents[0];
    if (!first) return;
    const repository = { organization: first.update.organization, name: first.update.repository };
    const lastOf = new Map(intents.map((intent) => [intent.update.ref, intent]));
    const open = intents.filter((intent) => !intent.moved && lastOf.get(intent.update.ref) === intent);
    for (const intent of open) await endProcess(intent, clock);
    await removeStaleLocks(
      deps.directoryOf(repository),
      open.map((intent) => intent.update.ref),
    );
    const known = intents.map((intent) => (open.includes(intent) ? intent : { ...intent, moved: true }));
    await decide(repository, known);
  }

  return {
    acquire,
    async own(repository, work) {
      const release = await acquire(repository);
      try {
        return await work();
      } finally {
        release();
      }
    },
    judge: (updates) => judgeInTime(deps.judge, updates),
    async open(repository, movements, by) {
      const time = new Date(clock.now()).toISOString();
      const started = by.process === undefined ? undefined : await startOf(by.process);
      const process = by.process !== undefined && started ? { process: { pid: by.process, started } } : {};
      const step = await ledger.open(repository, movements, { pusher: by.pusher, time, ...process });
      // Whoever fails to decide it leaves that to the next one who owns the repository.
      undecided.set(fullName(repository), step);
      return step;
    },
    decide,
    async replay() {
      let group: Intent[] = [];
      for await (const intent of ledger.openIntents()) {
        if (group[0] && group[0].repository !== intent.repository) {
          await replayRepository(group);
          group = [];
        }
        group.push(intent);
      }
      await replayRepository(group);
    },
  };
}

async function judgeInTime(
  judge: UpdateJudge,
  updates: readonly ProposedUpdate[],
): Promise<Result<readonly UpdateFacts[]>> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new CatalystError(codes.Unavailable, 'The change could not be judged in time.', { retry: 'later' }),
        ),
      judgementTimeoutMs,
    );
  });
  try {
    const verdict = await Promise.race([judge.judge(updates), overdue]);
    if (verdict.ok && verdict.value.length !== updates.length)
      throw new CatalystError(codes.Internal, 'The judgement does not speak of every update.');
    return verdict;
  } catch (error) {
    const problem = toProblem(error);
    if (problem) return refused(problem);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A revision that is too large to be judged is the caller's to mend. */
function toProblem(error: unknown): Problem | undefined {
  if (!(error instanceof CatalystError) || error.code !== codes.TooLarge) return undefined;
  return { code: error.code, message: error.message };
}

/** When a process started, in the kernel's ticks: with the process id it names one process for good. Undefined off Linux. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** A Git process that outlived us could still move the ref after we have looked. */
async function endProcess(intent: Intent, clock: Clock): Promise<void> {
  if (!intent.process) return;
  const { pid, started } = intent.process;
  for (let tries = 0; tries < 200 && (await startOf(pid)) === started; tries++) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return;
    }
    await clock.sleep(10);
  }
}
