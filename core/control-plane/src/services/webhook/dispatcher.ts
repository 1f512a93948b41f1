import { retryDelayMs } from '@catalyst/model/webhook/retry-schedule.ts';
import { signatureHeaders } from '@catalyst/model/webhook/signature.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OutboundAnswer, OutboundHttp } from '../../ports/outbound-http.ts';
import type { Registry } from './registry.ts';
import {
  type AttemptRow,
  attemptsTable,
  type MessageRow,
  matching,
  messagesTable,
  type WebhookRow,
} from './tables.ts';

const mostAtOnce = 32;
const mostAtOncePerWebhook = 4;
const againAfterTroubleMs = 5_000;
const gone = 410;

/** What the dispatcher needs. */
export interface DispatcherDeps {
  readonly database: Database;
  readonly http: OutboundHttp;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
  /** Told to receivers as `user-agent`. */
  readonly userAgent: string;
}

/**
 * Sends messages when they are due, at most 32 at once and 4 per webhook. Everything it knows is in rows; what is in memory is only
 * when which message is due.
 */
export function createDispatcher(deps: DispatcherDeps) {
  const { database, registry, clock, logger } = deps;
  const messages = database.table(messagesTable);
  /** Due time by row id. */
  const waiting = new Map<string, { readonly webhook: string; dueAt: number }>();
  const flying = new Map<string, Promise<void>>();
  const perWebhook = new Map<string, number>();
  const stopping = new AbortController();
  let nap = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  function count(webhook: string, by: 1 | -1): void {
    const next = (perWebhook.get(webhook) ?? 0) + by;
    if (next > 0) perWebhook.set(webhook, next);
    else perWebhook.delete(webhook);
  }

  /** One request, written down whatever came of it. */
  async function attempt(row: MessageRow, webhook: WebhookRow, retry: boolean): Promise<AttemptRow> {
    const startedAt = clock.now();
    const secret = await registry.secretOf(webhook);
    const answer: OutboundAnswer =
      secret === undefined
        ? { ok: false, code: 'Unreachable', message: 'Its secret is lost. Make the webhook anew.' }
        : await deps.http.post({
            url: webhook.url,
            headers: {
              'content-type': 'application/json',
              'user-agent': deps.userAgent,
              ...signatureHeaders({
                secret,
                id: row.message,
                timestamp: Math.floor(startedAt / 1000),
                body: row.body,
              }),
            },
            body: row.body,
            signal: stopping.signal,
          });
    // Cut off by the end of this process, which says nothing of the receiver: it is made again at the next start.
    if (!answer.ok) stopping.signal.throwIfAborted();
    return record(row, answer, { startedAt, retry });
  }

  async function record(
    row: MessageRow,
    answer: OutboundAnswer,
    about: { startedAt: number; retry: boolean },
  ): Promise<AttemptRow> {
    const now = clock.now();
    const delivered = answer.ok && answer.status >= 200 && answer.status < 300;
    const attempts = row.attempts + 1;
    const delay = delivered || !about.retry ? undefined : retryDelayMs(attempts, deps.random());
    const stays = !about.retry && row.pending && !delivered;
    const isGone = answer.ok && answer.status === gone;
    const dueAt = stays ? row.dueAt : now + (delay ?? 0);
    const pending = !isGone && (stays || delay !== undefined);
    const done: AttemptRow = {
      id: `${row.id}/${String(attempts).padStart(6, '0')}`,
      webhook: row.webhook,
      message: row.message,
      event: row.event,
      attempt: attempts,
      at: new Date(about.startedAt).toISOString(),
      durationMs: Math.max(0, now - about.startedAt),
      delivered,
      ...(answer.ok ? { status: answer.status } : { error: answer.message }),
      ...(answer.ok && !delivered ? { error: `It answered ${answer.status}.` } : {}),
      ...(pending ? { nextAttemptAt: new Date(dueAt).toISOString() } : {}),
    };
    await database.transaction(async (tables) => {
      // Gone with its webhook meanwhile: leave nothing behind.
      if (!registry.get(row.webhook)) return;
      await tables.table(attemptsTable).put(done);
      await tables.table(messagesTable).put({ ...row, attempts, pending, dueAt });
    });
    if (pending) waiting.set(row.id, { webhook: row.webhook, dueAt });
    else waiting.delete(row.id);
    await judge(row, done, { delivered, isGone, exhausted: about.retry && !pending });
    return done;
  }

  /** What an attempt means for its webhook. */
  async function judge(
    row: MessageRow,
    done: AttemptRow,
    what: { delivered: boolean; isGone: boolean; exhausted: boolean },
  ): Promise<void> {
    if (what.delivered) return registry.note(row.webhook, { deliveredAt: done.at });
    const webhook = registry.get(row.webhook);
    if (!webhook?.active) return;
    if (what.isGone)
      return switchOff(
        row.webhook,
        'The receiver answered 410 Gone: it wants nothing more. Switch it on again if that was a mistake.',
      );
    // Others may have got through meanwhile; then only this message is given up.
    if (what.exhausted && (webhook.deliveredAt ?? '') < row.createdAt)
      await switchOff(
        row.webhook,
        `Nothing got through for about a day. The last attempt: ${done.error ?? 'no answer'} Mend the receiver and switch it on again.`,
      );
  }

  async function switchOff(id: string, disabledReason: string): Promise<void> {
    await registry.note(id, { active: false, disabledReason });
    logger.warn({ webhook: id }, 'a webhook is switched off, because nothing gets through');
    for (const [key, { webhook }] of waiting) if (webhook === id) waiting.delete(key);
    for await (const row of matching(messages, { webhook: id, pending: true }))
      await messages.put({ ...row, pending: false });
  }

  async function deliver(id: string): Promise<void> {
    const row = await messages.get(id);
    const webhook = row && registry.get(row.webhook);
    if (!row?.pending || !webhook) return void waiting.delete(id);
    if (!webhook.active) {
      await messages.put({ ...row, pending: false });
      return void waiting.delete(id);
    }
    await attempt(row, webhook, true);
  }

  function launch(id: string, webhook: string): void {
    count(webhook, 1);
    const work = deliver(id)
      .catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        logger.error({ err: error, webhook }, 'a delivery could not be written down and will be made again');
        const entry = waiting.get(id);
        if (entry) entry.dueAt = clock.now() + againAfterTroubleMs;
      })
      .finally(() => {
        flying.delete(id);
        count(webhook, -1);
        nap.abort();
      });
    flying.set(id, work);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      const now = clock.now();
      let next = now + 60_000;
      for (const [id, { webhook, dueAt }] of waiting) {
        if (flying.size >= mostAtOnce) break;
        if (flying.has(id)) continue;
        if (dueAt > now) next = Math.min(next, dueAt);
        else if ((perWebhook.get(webhook) ?? 0) < mostAtOncePerWebhook) launch(id, webhook);
      }
      await clock.sleep(Math.max(1, next - now), AbortSignal.any([nap.signal, stopping.signal]));
    }
  }

  return {
    async start(): Promise<void> {
      for await (const { id, webhook, dueAt } of matching(messages, { pending: true }))
        waiting.set(id, { webhook, dueAt });
      loop = run();
    },
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all([loop, ...flying.values()]);
    },
    /** How many messages of a webhook wait. */
    waitingOf: (webhook: string) =>
      [...waiting.values()].reduce((sum, entry) => sum + (entry.webhook === webhook ? 1 : 0), 0),
    /** Says that messages were written that are due. */
    added(rows: readonly MessageRow[]): void {
      for (const { id, webhook, dueAt } of rows) waiting.set(id, { webhook, dueAt });
      nap.abort();
    },
    /** One attempt now; undefined while another of the same message is under way, or too many of the webhook. */
    async now(row: MessageRow, webhook: WebhookRow): Promise<AttemptRow | undefined> {
      if (flying.has(row.id) || (perWebhook.get(row.webhook) ?? 0) >= mostAtOncePerWebhook) return undefined;
      count(row.webhook, 1);
      const work = attempt(row, webhook, false);
      const settled = work.then(
        () => undefined,
        () => undefined,
      );
      flying.set(row.id, settled);
      try {
        return await work;
      } finally {
        flying.delete(row.id);
        count(row.webhook, -1);
        nap.abort();
      }
    },
  };
}

/** Sends messages when they are due. */
export type Dispatcher = ReturnType<typeof createDispatcher>;
