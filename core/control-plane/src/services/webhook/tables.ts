import type { WebhookEvent } from '@catalyst/model/api/webhooks.ts';
import type { BreakGlassEvent, PullRequestEvent } from '@catalyst/model/events/cloud-event.ts';
import type { KnownState } from '@catalyst/model/webhook/notices.ts';
import type { Table, TableDefinition } from '../../ports/database.ts';

/** An outgoing webhook. Its secret is in the secret store. Times are RFC 3339, UTC. */
export interface WebhookRow {
  readonly id: string;
  readonly organization: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly description?: string;
  readonly active: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly disabledReason?: string;
  /** When something last got through. */
  readonly deliveredAt?: string;
}

/** One event for one webhook. The body is kept as sent, so that repeats say the same. */
export interface MessageRow {
  /** `<webhook>/<message>` */
  readonly id: string;
  readonly webhook: string;
  readonly message: string;
  readonly event: WebhookEvent;
  readonly body: string;
  readonly createdAt: string;
  /** How many were made. */
  readonly attempts: number;
  /** Whether more are to come. */
  readonly pending: boolean;
  /** Milliseconds since the Unix epoch; of the next attempt. */
  readonly dueAt: number;
}

/** One attempt of one message. */
export interface AttemptRow {
  /** `<webhook>/<message>/<attempt>` */
  readonly id: string;
  readonly webhook: string;
  readonly message: string;
  readonly event: WebhookEvent;
  readonly attempt: number;
  readonly at: string;
  readonly status?: number;
  readonly durationMs: number;
  readonly delivered: boolean;
  readonly error?: string;
  readonly nextAttemptAt?: string;
}

/** What was last said of an Application. */
export interface KnownStateRow extends KnownState {
  /** `<environment>/<application>` */
  readonly id: string;
  readonly organization: string;
}

/** An event that waits to be acknowledged by the stream. */
export interface OutboxRow {
  readonly id: string;
  readonly subject: string;
  readonly event: PullRequestEvent | BreakGlassEvent;
}

export const webhooksTable: TableDefinition<WebhookRow> = {
  name: 'webhooks',
  key: 'id',
  indexes: ['organization'],
};
export const messagesTable: TableDefinition<MessageRow> = {
  name: 'webhook_messages',
  key: 'id',
  indexes: ['webhook', 'pending', 'createdAt'],
};
export const attemptsTable: TableDefinition<AttemptRow> = {
  name: 'webhook_attempts',
  key: 'id',
  indexes: ['webhook', 'at'],
};
export const knownStatesTable: TableDefinition<KnownStateRow> = {
  name: 'webhook_known_states',
  key: 'id',
  indexes: ['organization'],
};
export const outboxTable: TableDefinition<OutboxRow> = { name: 'webhook_outbox', key: 'id' };

const pageSize = 1_000;

/** Every row that matches, in order of its key, a page at a time. */
export async function* matching<Row extends { readonly id: string }>(
  table: Table<Row>,
  where: Partial<Row> = {},
): AsyncGenerator<Row> {
  for (let after = ''; ; ) {
    const rows = await table.list({ where, limit: pageSize, ...(after === '' ? {} : { after }) });
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.id;
  }
}
