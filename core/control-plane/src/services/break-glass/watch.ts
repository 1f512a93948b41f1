import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { BrokenGlass } from './break-glass.ts';
import { type BreakGlassRow, breakGlassTable, whyEndedNow } from './rows.ts';

const tickMs = 30_000;
const leastMs = 100;

/** Writes ends down when they come, and counts what was waited for, which no setting of the clock changes. */
export function createWatch(deps: {
  readonly database: Database;
  readonly settle: (row: BreakGlassRow) => Promise<BrokenGlass>;
  readonly clock: Clock;
  readonly logger: Logger;
}) {
  const { database, clock, logger } = deps;
  const table = database.table(breakGlassTable);
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  function count(id: string, waitedMs: number): Promise<BreakGlassRow | undefined> {
    return database.transaction(async (tables) => {
      const rows = tables.table(breakGlassTable);
      const row = await rows.get(id);
      if (!row?.open || whyEndedNow(row, clock.now())) return row;
      const counted = {
        ...row,
        seenMs: Math.max(row.seenMs, clock.now()),
        waitedMs: row.waitedMs + waitedMs,
      };
      await rows.put(counted);
      return counted;
    });
  }

  /** Gives how long to wait until something may be to do. */
  async function tick(waitedMs: number): Promise<number> {
    let next = tickMs;
    for (const { id } of await table.list({ where: { open: true } }))
      try {
        const row = await count(id, waitedMs);
        const glass = row && (await deps.settle(row));
        if (glass && !glass.ended) next = Math.min(next, Date.parse(glass.until) - clock.now());
      } catch (error) {
        // One that cannot be looked at must not keep open what others have broken.
        logger.warn({ err: error, id }, 'a broken glass could not be looked at yet; trying again');
      }
    return Math.max(next, leastMs);
  }

  async function run(): Promise<void> {
    for (let waited = 0; !stopping.signal.aborted; ) {
      waited = await tick(waited).catch((error: unknown) => {
        logger.warn({ err: error }, 'who has broken the glass could not be looked at');
        return tickMs;
      });
      await clock.sleep(waited, stopping.signal);
    }
  }

  return {
    start(): void {
      loop = run();
    },
    async stop(): Promise<void> {
      stopping.abort();
      await loop;
    },
  };
}
