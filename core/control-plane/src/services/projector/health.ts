import type { ApplicationState } from '@catalyst/model/views/application-view.ts';
import type { Database, TableDefinition } from '../../ports/database.ts';

/** A time during which an Application was in one state at one commit. Nothing can give it back, so it is a row. */
export interface HealthInterval {
  /** `<environment>/<application>/<from>` */
  readonly id: string;
  /** `<environment>/<application>` */
  readonly target: string;
  readonly environment: string;
  readonly application: string;
  readonly revision: string;
  readonly state: ApplicationState;
  /** RFC 3339, UTC. */
  readonly from: string;
  readonly to: string;
}

/** The interval that is still open, and when it last was observed Running. */
export interface HealthState {
  /** `<environment>/<application>` */
  readonly id: string;
  readonly revision: string;
  readonly state: ApplicationState;
  readonly from: string;
  /** Last revision that was observed Running. */
  readonly readyRevision?: string;
}

/** Closed intervals. */
export const healthIntervalsTable: TableDefinition<HealthInterval> = {
  name: 'health_intervals',
  key: 'id',
  indexes: ['target', 'from'],
};
/** Open intervals, one per Application. */
export const healthStatesTable: TableDefinition<HealthState> = { name: 'health_states', key: 'id' };

const mostIntervals = 500;
const pruneEvery = 50;

/** What became of one Application: its next open interval, or undefined when it is gone. */
export interface HealthChange {
  readonly environment: string;
  readonly application: string;
  readonly before: HealthState | undefined;
  readonly after: HealthState | undefined;
  /** When the interval before ended, RFC 3339, where that is not now. */
  readonly until?: string;
}

/** Every open interval, by `<environment>/<application>`. */
export async function readHealth(database: Database): Promise<Map<string, HealthState>> {
  const states = new Map<string, HealthState>();
  const table = database.table(healthStatesTable);
  let after = '';
  for (;;) {
    const rows = await table.list({ limit: 1_000, ...(after ? { after } : {}) });
    for (const row of rows) states.set(row.id, row);
    const last = rows.at(-1);
    if (!last || rows.length < 1_000) return states;
    after = last.id;
  }
}

/** Writes changes in one transaction; the newest 500 closed intervals of an Application are kept. */
export async function writeHealth(
  database: Database,
  changes: readonly HealthChange[],
  now: string,
): Promise<void> {
  if (changes.length === 0) return;
  await database.transaction(async (tables) => {
    const states = tables.table(healthStatesTable);
    const intervals = tables.table(healthIntervalsTable);
    for (const { environment, application, before, after, until = now } of changes) {
      const target = `${environment}/${application}`;
      if (after) await states.put(after);
      else await states.delete(target);
      if (!before || (after && after.from === before.from)) continue;
      const { revision, state, from } = before;
      await intervals.put({
        id: `${target}/${from}`,
        target,
        environment,
        application,
        revision,
        state,
        from,
        to: until,
      });
      // Looked at now and then only: the bound may be passed by a few.
      if (Date.parse(now) % pruneEvery !== 0) continue;
      const surplus = (await intervals.count({ target })) - mostIntervals;
      if (surplus <= 0) continue;
      const oldest = await intervals.list({
        where: { target },
        orderBy: 'from',
        limit: Math.min(surplus, 1_000),
      });
      for (const { id } of oldest) await intervals.delete(id);
    }
  });
}
