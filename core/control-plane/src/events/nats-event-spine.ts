import type { CatalystEvent } from '@catalyst/model/events/cloud-event.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { JsMsg } from '@nats-io/jetstream';
import { type ConsumerSession, claimPosition, openSession } from './consumer-session.ts';
import type { Delivered, EventSpine, StreamIdentity } from './event-spine.ts';
import {
  type ConnectionOptions,
  onStreamDeleted,
  openConnection,
  type SpineConnection,
} from './spine-connection.ts';
import { ensureStream, streamName, toIdentity } from './stream.ts';

/** Largest event; what is bigger must carry a reference. */
export const eventLimitBytes = 256 * 1024;

/** The spine with its life. */
export type RunningEventSpine = EventSpine & {
  /** Stops every subscription after what it is handling, then closes. */
  stop(): Promise<void>;
};

/** Handles a batch; returns how many of its events were handled, and why it stopped there. */
type Work = (batch: readonly Delivered[], signal: AbortSignal) => Promise<{ done: number; error?: unknown }>;

/** Connects, makes the stream when it is missing, and watches over it. */
export async function createEventSpine(options: ConnectionOptions): Promise<RunningEventSpine> {
  const { clock, logger } = options;
  const link = await openConnection('catalyst-spine', options);
  const stopping = new AbortController();
  const sessions = new Set<ConsumerSession>();
  const running = new Set<Promise<void>>();
  const lost: ((identity: StreamIdentity) => void)[] = [];
  let known = await untilDone(
    () => ensureStream(link, async () => {}).then(toIdentity),
    clock,
    stopping.signal,
  );

  // A server that is still deleting the files of the old stream would take those of a new one with them (seen with 2.9.10).
  const settle = () => clock.sleep(400);
  let checking: Promise<StreamIdentity> | undefined;
  const check = () => {
    checking ??= checkOnce().finally(() => {
      checking = undefined;
    });
    return checking;
  };

  async function checkOnce(): Promise<StreamIdentity> {
    const now = toIdentity(await ensureStream(link, settle));
    const changed = now.id !== known.id || now.lastSequence < known.lastSequence;
    known = now;
    if (changed) {
      logger.warn({ ...now }, 'the event stream was made anew or has lost events');
      for (const session of sessions) session.end();
      for (const listener of lost) listener(now);
    }
    return now;
  }
  const checkQuietly = () => {
    void check().catch((error: unknown) =>
      logger.debug({ err: error }, 'the event stream cannot be checked'),
    );
  };
  const restart = () => {
    for (const session of sessions) session.end();
    checkQuietly();
  };
  link.onReconnect(restart);
  onStreamDeleted(link, streamName, clock, checkQuietly);
  const timer = setInterval(checkQuietly, 5_000).unref();

  async function consume(durable: string, filter: string, work: Work, signal: AbortSignal): Promise<void> {
    let pauseMs = 50;
    while (!signal.aborted) {
      try {
        const { lastSequence } = await check();
        const session = await openSession(link, await claimPosition(link, durable, filter, lastSequence));
        const endSession = () => session.end();
        sessions.add(session);
        signal.addEventListener('abort', endSession, { once: true });
        // Stopped while the session was being opened: nobody would end it any more.
        if (signal.aborted) endSession();
        try {
          await drain(session, work, signal);
        } finally {
          sessions.delete(session);
          signal.removeEventListener('abort', endSession);
          session.end();
        }
        pauseMs = 50;
      } catch (error) {
        if (link.connection.isClosed()) return;
        logger.debug({ err: error, durable }, 'subscription interrupted');
      }
      await clock.sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, 1_000);
    }
  }

  async function drain(session: ConsumerSession, work: Work, signal: AbortSignal): Promise<void> {
    for (let batch = await session.next(); batch; batch = await session.next()) {
      let left = batch;
      for (let pauseMs = 100; left.length > 0; pauseMs = Math.min(pauseMs * 2, 5_000)) {
        const { done, error } = await work(left.map(toDelivered), signal);
        left[done - 1]?.ack();
        left = left.slice(done);
        if (left.length === 0) break;
        if (signal.aborted) return;
        logger.warn({ err: error, subject: left[0]?.subject }, 'an event could not be handled; trying again');
        await clock.sleep(pauseMs, signal);
      }
      known = {
        ...known,
        lastSequence: Math.max(known.lastSequence, batch.at(-1)?.info.streamSequence ?? 0),
      };
    }
    if (link.connected()) await link.connection.flush();
  }

  function follow(durable: string, filter: string, work: Work): { stop(): Promise<void> } {
    const end = new AbortController();
    const loop = consume(durable, filter, work, AbortSignal.any([end.signal, stopping.signal]));
    running.add(loop);
    void loop.finally(() => running.delete(loop));
    return {
      async stop() {
        end.abort();
        await loop;
      },
    };
  }

  return {
    publish: (subject, event) => publish(link, subject, event, options, check),
    async subscribe(durable, filter, handler) {
      return follow(durable, filter, (batch, signal) => oneByOne(batch, handler, signal));
    },
    async subscribeBatches(durable, filter, handler) {
      return follow(durable, filter, (batch) =>
        handler(batch).then(
          () => ({ done: batch.length }),
          (error: unknown) => ({ done: 0, error }),
        ),
      );
    },
    connected: () => link.connected(),
    async stream() {
      try {
        return await check();
      } catch (cause) {
        throw new CatalystError('Unavailable', 'The event stream does not answer.', {
          cause,
          retry: 'later',
        });
      }
    },
    onStreamLost: (listener) => void lost.push(listener),
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all(running);
      await link.close();
    },
  };
}

async function oneByOne(
  batch: readonly Delivered[],
  handler: (delivered: Delivered) => Promise<void>,
  signal: AbortSignal,
): Promise<{ done: number; error?: unknown }> {
  for (const [done, delivered] of batch.entries()) {
    if (signal.aborted) return { done };
    try {
      await handler(delivered);
    } catch (error) {
      return { done, error };
    }
  }
  return { done: batch.length };
}

function toDelivered(message: JsMsg): Delivered {
  return { subject: message.subject, sequence: message.info.streamSequence, event: parseEvent(message) };
}

/** What is no event of ours (written by an operator's tool) has a type that nobody handles; it must not hold up the rest. */
function parseEvent(message: JsMsg): CatalystEvent {
  try {
    const event = message.json<CatalystEvent | null>();
    if (typeof event?.type === 'string' && typeof event.data === 'object') return event;
  } catch {
    // As below.
  }
  return { type: 'unreadable', data: {} } as unknown as CatalystEvent;
}

async function publish(
  link: SpineConnection,
  subject: string,
  event: CatalystEvent,
  { clock, logger }: ConnectionOptions,
  check: () => Promise<unknown>,
): Promise<{ sequence: number }> {
  const payload = new TextEncoder().encode(JSON.stringify(event));
  if (payload.length > eventLimitBytes)
    throw new CatalystError(
      'TooLarge',
      `An event on ${subject} has ${payload.length} bytes; at most 256 kB.`,
    );
  const deadline = clock.now() + 10_000;
  for (;;) {
    try {
      const ack = await link.js.publish(subject, payload, { msgID: event.id, timeout: 2_000 });
      return { sequence: ack.seq };
    } catch (cause) {
      if (clock.now() >= deadline || link.connection.isClosed())
        throw new CatalystError('Unavailable', 'The event stream does not answer.', {
          cause,
          retry: 'later',
        });
      logger.debug({ err: cause, subject }, 'publish interrupted; trying again');
      await check().catch(() => undefined);
      await clock.sleep(50);
    }
  }
}

async function untilDone<T>(
  attempt: () => Promise<T>,
  clock: { now(): number; sleep(ms: number): Promise<void> },
  signal: AbortSignal,
): Promise<T> {
  const deadline = clock.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || clock.now() > deadline) throw error;
      await clock.sleep(100);
    }
  }
}
