import type { BreakGlassChanged } from '@catalyst/model/events/cloud-event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Transaction } from '../../ports/database.ts';
import type { Access } from '../access/access.ts';
import type { BrokenGlass } from './break-glass.ts';
import { type BreakGlassRow, breakGlassTable, toBreakGlassChanged, whyEndedNow } from './rows.ts';

type Ended = NonNullable<BrokenGlass['ended']>;

/** Decides whether it is over, and writes an end down once, with the event that tells of it. */
export function createSettling(deps: {
  readonly database: Database;
  readonly access: Pick<Access, 'mayBreakGlass'>;
  /** Tells others; durable with the transaction whose tables are given. */
  readonly record: (changed: BreakGlassChanged, tables: Transaction) => Promise<void>;
  readonly clock: Clock;
}) {
  const { database, clock } = deps;

  function end(id: string, ended: Omit<Ended, 'at'>): Promise<BrokenGlass | undefined> {
    return database.transaction(async (tables) => {
      const row = await tables.table(breakGlassTable).get(id);
      if (!row?.open) return row?.glass;
      const glass = { ...row.glass, ended: { at: new Date(clock.now()).toISOString(), ...ended } };
      await tables.table(breakGlassTable).put({ ...row, open: false, glass });
      await deps.record(toBreakGlassChanged(glass), tables);
      return glass;
    });
  }

  /** As it is now: an end that nobody has written down yet is written down first. */
  async function settle(row: BreakGlassRow): Promise<BrokenGlass> {
    const { id, environment, by } = row.glass;
    const how =
      whyEndedNow(row, clock.now()) ??
      (row.open && !(await deps.access.mayBreakGlass(by.id, environment)) ? 'right' : undefined);
    return (how && (await end(id, { how }))) ?? row.glass;
  }

  return {
    end,
    settle,
    async openOf(where: Partial<BreakGlassRow>): Promise<BrokenGlass[]> {
      const rows = await database.table(breakGlassTable).list({ where: { ...where, open: true } });
      const settled = await Promise.all(rows.map(settle));
      return settled.filter(({ ended }) => !ended);
    },
  };
}
