import type { Database, TableDefinition } from '../../ports/database.ts';

/** When the projector last followed what runs: one row. What was open then is known up to then, and not a moment longer. */
export interface WatchTime {
  readonly id: 'projector';
  /** RFC 3339, UTC. */
  readonly seenAt: string;
}

/** Holds at most one row. */
export const watchTimesTable: TableDefinition<WatchTime> = { name: 'watch_times', key: 'id' };

/** How often it is written, in milliseconds. */
export const beatMs = 15_000;

/** From here on, in milliseconds, time between two beats is time in which nobody looked: a sleep of the machine, a clock that was set. */
export const gapMs = 3 * beatMs;

/** Milliseconds since 1970 at which the projector last followed what runs; undefined before its first start. */
export async function readSeenAt(database: Pick<Database, 'table'>): Promise<number | undefined> {
  const row = await database.table(watchTimesTable).get('projector');
  return row && Date.parse(row.seenAt);
}

/** Writes the moment. */
export async function writeSeenAt(database: Pick<Database, 'table'>, nowMs: number): Promise<void> {
  const seenAt = new Date(nowMs).toISOString();
  await database.table(watchTimesTable).put({ id: 'projector', seenAt });
}

/** Until when, in milliseconds since 1970, an interval that is still open counts now. */
export function countsUntil(seenAt: number | undefined, nowMs: number): number {
  return seenAt === undefined ? nowMs : Math.min(nowMs, seenAt + gapMs);
}
