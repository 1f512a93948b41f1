import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { RefUpdateSink } from '../../../ports/repositories.ts';
import type { Intent, Ledger } from './ledger.ts';

const firstPauseMs = 100;
const longestPauseMs = 15_000;
const settlingMs = 1_000;

/** Tells the sink, in order per repository, until it has taken each. */
export interface Delivery {
  start(sink: RefUpdateSink): void;
  /** Never waits for the sink. */
  enqueue(intents: readonly Intent[]): void;
  /** Resolves when all that waits now of an Organization is taken, or after a second. */
  settled(organization: string): Promise<void>;
  stop(): Promise<void>;
}

/** Makes it. */
export function createDelivery(deps: { ledger: Ledger; clock: Clock; logger: Logger }): Delivery {
  const { ledger, clock, logger } = deps;
  const queues = new Map<string, Intent[]>();
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let sink: RefUpdateSink | undefined;

  /** One of them; false while the sink or the database refuses. */
  async function deliver(intent: Intent, take: RefUpdateSink): Promise<boolean> {
    try {
      await take(intent.update);
      await ledger.acknowledge(intent);
      return true;
    } catch (error) {
      const { organization, repository, sequence } = intent.update;
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn(
        { organization, repository, sequence, reason },
        'a ref update could not be told, trying again',
      );
      return false;
    }
  }

  async function drain(repository: string, queue: Intent[], take: RefUpdateSink): Promise<void> {
    let pauseMs = firstPauseMs;
    for (let next = queue[0]; next && !stopping.signal.aborted; next = queue[0]) {
      if (await deliver(next, take)) {
        queue.shift();
        pauseMs = firstPauseMs;
        continue;
      }
      await clock.sleep(pauseMs, stopping.signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    queues.delete(repository);
  }

  function run(repository: string, queue: Intent[]): void {
    if (!sink) return;
    const work = drain(repository, queue, sink).finally(() => {
      if (running.get(repository) === work) running.delete(repository);
    });
    running.set(repository, work);
  }

  return {
    start(given) {
      sink = given;
      for (const [repository, queue] of queues) run(repository, queue);
    },
    enqueue(intents) {
      if (stopping.signal.aborted) return;
      for (const intent of intents) {
        const queue = queues.get(intent.repository);
        if (queue) queue.push(intent);
        else {
          const fresh = [intent];
          queues.set(intent.repository, fresh);
          run(intent.repository, fresh);
        }
      }
    },
    async settled(organization) {
      const waiting = [...running].filter(([repository]) => repository.startsWith(`${organization}/`));
      if (waiting.length === 0) return;
      const over = new AbortController();
      await Promise.race([
        Promise.all(waiting.map(([, work]) => work)),
        clock.sleep(settlingMs, AbortSignal.any([over.signal, stopping.signal])),
      ]);
      over.abort();
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}
