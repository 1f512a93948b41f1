import type { BreakGlassChanged, PullRequestChanged } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { sovereignSubject } from '@catalyst/model/events/subjects.ts';
import type { EventSpine } from '../../events/event-spine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Transaction } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import { matching, type OutboxRow, outboxTable } from './tables.ts';

const pauseMs = 1_000;
const restMs = 5_000;
const afterCommitMs = 50;

/** Says on the event spine what becomes of pull requests, and who broke the glass. What was recorded is published, if only after the next start. */
export interface PullRequestPublisher {
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Durable when it resolves, or with the transaction whose tables are given; published soon after. `version` is that of the pull
   * request's row after the change; changes of one pull request are told in its order.
   */
  record(changed: PullRequestChanged, version: number, tables?: Transaction): Promise<void>;
  /** The same for the glass of an Environment. */
  recordBreakGlass(changed: BreakGlassChanged, tables?: Transaction): Promise<void>;
}

/** Creates the publisher: a row first, then the stream, then away with the row. */
export function createPullRequestPublisher(deps: {
  readonly spine: Pick<EventSpine, 'publish'>;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}): PullRequestPublisher {
  const { database, clock, logger } = deps;
  const stopping = new AbortController();
  let nap = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  async function publishAll(): Promise<void> {
    const outbox = database.table(outboxTable);
    for await (const { id, subject, event } of matching(outbox)) {
      if (stopping.signal.aborted) return;
      await deps.spine.publish(subject, event);
      await outbox.delete(id);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      const done = await publishAll().then(
        () => true,
        (error: unknown) => {
          logger.warn({ err: error }, 'news of pull requests wait for the event stream');
          return false;
        },
      );
      await clock.sleep(
        done ? restMs : pauseMs,
        done ? AbortSignal.any([nap.signal, stopping.signal]) : stopping.signal,
      );
    }
  }

  async function put(row: OutboxRow, tables: Transaction): Promise<void> {
    await tables.table(outboxTable).put(row);
    // A transaction commits a moment later.
    setTimeout(() => nap.abort(), afterCommitMs).unref();
  }

  return {
    async start() {
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
    async record(changed, version, tables = database) {
      const { organization, repository, number, change } = changed;
      const digits = (value: number) => String(value).padStart(10, '0');
      // Sent in order of these keys. A repository that is made anew counts from 1 again; the time tells its pull requests apart.
      const place = [organization, repository, digits(number), digits(version), change];
      const id = [...place, clock.now()].join('/');
      const row: OutboxRow = {
        id,
        subject: sovereignSubject('pull-request', organization, repository, String(number)),
        event: makeEvent('io.openova.catalyst.pull-request.changed', '/reviews', id, clock.now(), changed),
      };
      await put(row, tables);
    },
    async recordBreakGlass(changed, tables = database) {
      const { organization, environment } = changed;
      // `opened` sorts after `closed`; what happened first is told first.
      const order = changed.change === 'opened' ? 1 : 2;
      const id = [organization, 'break-glass', changed.id, order, clock.now()].join('/');
      const type = 'io.openova.catalyst.break-glass.changed';
      await put(
        {
          id,
          subject: sovereignSubject('break-glass', organization, environment),
          event: makeEvent(type, '/break-glass', id, clock.now(), changed),
        },
        tables,
      );
    },
  };
}
