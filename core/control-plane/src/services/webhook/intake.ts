import { createHash } from 'node:crypto';
import {
  type KnownState,
  type Notice,
  noticeOfBreakGlass,
  noticeOfPullRequest,
  noticeOfRef,
  noticeOfRelease,
  toBody,
} from '@catalyst/model/webhook/notices.ts';
import type { Delivered, EventSpine } from '../../events/event-spine.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Registry } from './registry.ts';
import { knownStatesTable, type MessageRow, matching, messagesTable, type WebhookRow } from './tables.ts';

const mostWaitingPerWebhook = 1_000;
/** Where the events come from: one durable position each, because a subscription has one filter. */
const sources = [
  ['webhooks-releases', 'ws.*.flux.*'],
  ['webhooks-refs', 'ws.*.git.*'],
  ['webhooks-pull-requests', 'sv.pull-request.*.*.*'],
  ['webhooks-break-glass', 'sv.break-glass.*.*'],
] as const;

/** What the intake needs. */
export interface IntakeDeps {
  readonly spine: Pick<EventSpine, 'subscribeBatches'>;
  readonly database: Database;
  readonly registry: Registry;
  readonly dispatcher: Pick<Dispatcher, 'added' | 'waitingOf'>;
  readonly logger: Logger;
}

/**
 * Turns events of the spine into messages. The rows of a batch, and what was said of each Application, are durable in one transaction
 * before the batch is acknowledged; a batch that comes again makes the same ids, and so nothing new.
 */
export function createIntake(deps: IntakeDeps) {
  const { database, registry, dispatcher, logger } = deps;
  const known = new Map<string, KnownState & { readonly organization: string }>();
  const subscriptions: { stop(): Promise<void> }[] = [];

  function noticeOf(
    { event }: Delivered,
    changed: Map<string, (KnownState & { readonly organization: string }) | undefined>,
  ): Notice | undefined {
    if (event.type === 'io.openova.catalyst.git.ref-updated') return noticeOfRef(event.data);
    if (event.type === 'io.openova.catalyst.pull-request.changed') return noticeOfPullRequest(event.data);
    if (event.type === 'io.openova.catalyst.break-glass.changed') return noticeOfBreakGlass(event.data);
    if (event.type !== 'io.openova.catalyst.release.reported') return undefined;
    const { environment, application, organization } = event.data;
    const id = `${environment}/${application}`;
    const before = changed.has(id) ? changed.get(id) : known.get(id);
    const { after, notice } = noticeOfRelease(before, event.data);
    const same = before?.state === after?.state && before?.revision === after?.revision;
    if (!same || before?.readyRevision !== after?.readyRevision)
      changed.set(id, after && { ...after, organization });
    return notice;
  }

  /** Those that asked for it, and were there when it happened: a new webhook is not told the past. */
  function receivers(notice: Notice, time: string): WebhookRow[] {
    return registry
      .of(notice.organization)
      .filter((row) => row.active && row.events.includes(notice.event) && row.createdAt <= time);
  }

  function messagesFor(delivered: Delivered, notice: Notice): MessageRow[] {
    const { id, time } = delivered.event;
    const hash = createHash('sha256').update(`${notice.event}\n${id}`).digest('base64url').slice(0, 27);
    return receivers(notice, time).flatMap((webhook) => {
      if (dispatcher.waitingOf(webhook.id) >= mostWaitingPerWebhook) {
        logger.warn(
          { webhook: webhook.id, event: notice.event },
          'too much waits for a webhook; an event is dropped',
        );
        return [];
      }
      return {
        id: `${webhook.id}/msg_${hash}`,
        webhook: webhook.id,
        message: `msg_${hash}`,
        event: notice.event,
        body: toBody(notice.event, time, notice.data),
        createdAt: time,
        attempts: 0,
        pending: true,
        dueAt: 0,
      };
    });
  }

  async function take(batch: readonly Delivered[]): Promise<void> {
    const changed: Parameters<typeof noticeOf>[1] = new Map();
    const messages = batch.flatMap((delivered) => {
      try {
        const notice = noticeOf(delivered, changed);
        return notice ? messagesFor(delivered, notice) : [];
      } catch (error) {
        // An event of another shape must not hold up all that come after it.
        logger.error(
          { err: error, sequence: delivered.sequence },
          'an event could not be read and is left out',
        );
        return [];
      }
    });
    if (messages.length === 0 && changed.size === 0) return;
    const added: MessageRow[] = [];
    await database.transaction(async (tables) => {
      added.length = 0;
      const states = tables.table(knownStatesTable);
      for (const [id, state] of changed) await (state ? states.put({ id, ...state }) : states.delete(id));
      for (const message of messages)
        if (await tables.table(messagesTable).insert(message)) added.push(message);
    });
    for (const [id, state] of changed)
      if (state) known.set(id, state);
      else known.delete(id);
    if (added.length > 0) dispatcher.added(added);
  }

  return {
    async start(): Promise<void> {
      for await (const { id, ...state } of matching(database.table(knownStatesTable))) known.set(id, state);
      for (const [durable, filter] of sources)
        subscriptions.push(await deps.spine.subscribeBatches(durable, filter, take));
    },
    async stop(): Promise<void> {
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.stop()));
    },
    forget(organization: string): void {
      for (const [id, state] of known) if (state.organization === organization) known.delete(id);
    },
  };
}
