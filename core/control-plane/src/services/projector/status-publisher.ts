import { randomUUID } from 'node:crypto';
import type { CatalystEvent, ObjectObserved, ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { environmentSubject } from '@catalyst/model/events/subjects.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { EventSpine } from '../../events/event-spine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

/** Turns what the runtime reports into events, without ever making it wait. */
export interface StatusPublisher {
  release(status: ReleaseStatus): void;
  object(observed: ObjectObserved): void;
  /** Publishes what is pending, for at most a second, then stops. */
  stop(): Promise<void>;
}

const mostAtOnce = 64;

/** Publishes the latest report of each key in turn; what is overtaken before it was sent is never sent. Retries while the stream is away. */
export function createStatusPublisher(deps: {
  readonly spine: Pick<EventSpine, 'publish'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): StatusPublisher {
  const pending = new Map<string, CatalystEvent>();
  const stopping = new AbortController();
  let pump: Promise<void> | undefined;

  async function send(subject: string, event: CatalystEvent): Promise<void> {
    try {
      await deps.spine.publish(subject, event);
    } catch (error) {
      if (error instanceof CatalystError && error.code === 'TooLarge') {
        deps.logger.error({ subject }, 'a report is too large for an event and is left out');
        return;
      }
      // A newer report of the same key may have come meanwhile; it wins.
      if (!pending.has(subject)) pending.set(subject, event);
      throw error;
    }
  }

  async function run(): Promise<void> {
    while (pending.size > 0 && !stopping.signal.aborted) {
      const batch = [...pending].slice(0, mostAtOnce);
      for (const [subject] of batch) pending.delete(subject);
      const results = await Promise.allSettled(batch.map(([subject, event]) => send(subject, event)));
      const failed = results.find((result) => result.status === 'rejected');
      if (!failed) continue;
      deps.logger.warn({ err: failed.reason, waiting: pending.size }, 'reports wait for the event stream');
      await deps.clock.sleep(500, stopping.signal);
    }
  }

  function enqueue(subject: string, event: CatalystEvent): void {
    pending.set(subject, event);
    pump ??= run().finally(() => {
      pump = undefined;
    });
  }

  return {
    release(status) {
      const subject = environmentSubject(status.environment, 'flux', status.application);
      // Behind the objects that it speaks of, also where an older report still waits further ahead.
      pending.delete(subject);
      const type = 'io.openova.catalyst.release.reported';
      enqueue(subject, makeEvent(type, '/gitops', randomUUID(), deps.clock.now(), status));
    },
    object(observed) {
      const { environment, kind, namespace, name } = observed;
      const subject = environmentSubject(environment, 'k8s', kind, namespace, name);
      const type = 'io.openova.catalyst.object.observed';
      enqueue(subject, makeEvent(type, '/workloads', randomUUID(), deps.clock.now(), observed));
    },
    async stop() {
      await Promise.race([pump, deps.clock.sleep(1_000)]);
      stopping.abort();
    },
  };
}
