import type { Clock } from '../../ports/clock.ts';
import type { Database, Table } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import { attemptsTable, messagesTable } from './tables.ts';

const everyMs = 10 * 60_000;
const keptMs = 7 * 24 * 3_600_000;
const mostPerWebhook = 2_000;
const pageSize = 500;

/** Keeps the delivery log to seven days and 2,000 attempts per webhook. Messages that still wait are not touched. */
export function createRetention(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly webhooks: () => Iterable<string>;
}) {
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  const messages = deps.database.table(messagesTable);
  const attempts = deps.database.table(attemptsTable);

  /** Takes away the oldest until `enough` says so. */
  async function trim<Row extends { readonly id: string }>(
    table: Table<Row>,
    query: { where?: Partial<Row>; orderBy: keyof Row & string },
    enough: (row: Row, page: number) => boolean,
  ): Promise<void> {
    for (;;) {
      const rows = await table.list({ ...query, limit: pageSize });
      const old = rows.filter((row, at) => !enough(row, at));
      for (const { id } of old) await table.delete(id);
      if (old.length < pageSize || stopping.signal.aborted) return;
    }
  }

  async function prune(): Promise<void> {
    const before = new Date(deps.clock.now() - keptMs).toISOString();
    await trim(attempts, { orderBy: 'at' }, ({ at }) => at >= before);
    await trim(
      messages,
      { where: { pending: false }, orderBy: 'createdAt' },
      ({ createdAt }) => createdAt >= before,
    );
    for (const webhook of deps.webhooks()) {
      let surplus = (await attempts.count({ webhook })) - mostPerWebhook;
      if (surplus > 0) await trim(attempts, { where: { webhook }, orderBy: 'at' }, () => surplus-- <= 0);
      let spare = (await messages.count({ webhook, pending: false })) - mostPerWebhook;
      if (spare > 0)
        await trim(
          messages,
          { where: { webhook, pending: false }, orderBy: 'createdAt' },
          () => spare-- <= 0,
        );
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await prune().catch((error: unknown) =>
        deps.logger.warn({ err: error }, 'old deliveries could not be removed yet'),
      );
      await deps.clock.sleep(everyMs, stopping.signal);
    }
  }

  return {
    start(): void {
      loop = run();
    },
    prune,
    async stop(): Promise<void> {
      stopping.abort();
      await loop;
    },
  };
}
