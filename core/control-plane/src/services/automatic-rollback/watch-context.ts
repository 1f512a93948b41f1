import type { Actor } from '@catalyst/model/authorization.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Reviews } from '../../ports/reviews.ts';
import type { Provisioning } from '../provisioning/provisioning.ts';
import type { Policies } from '../review/policies.ts';
import { type WatchEnd, type WatchRow, watchesTable } from './watch-rows.ts';

/** What watching merges and rolling them back needs. */
export interface WatchDeps {
  readonly database: Database;
  readonly repositories: Pick<Repositories, 'head' | 'read' | 'history'>;
  readonly reviews: Pick<Reviews, 'comment' | 'comments' | 'get'>;
  readonly policies: Pick<Policies, 'of'>;
  readonly provisioning: Pick<Provisioning, 'plan' | 'apply'>;
  /** The card as it is shown now. */
  readonly viewOf: (environment: string, application: string) => ApplicationView | undefined;
  /** Called before a watch ends with a rollback, or without one that was due; perhaps again after a crash. */
  readonly told?: (row: WatchRow, message: string, end: 'rolled-back' | 'not-rolled-back') => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** In whose name it is rolled back. */
export const catalystActor: Actor = {
  id: 'system',
  name: 'Catalyst',
  email: 'catalyst@localhost',
  sovereignAdmin: false,
  memberships: [],
  surface: 'system',
};

/** Writes more of a watch, unless it has gone on to another state meanwhile; answers what it is then. */
export async function changeWatch(
  database: Database,
  { id, state }: WatchRow,
  more: Partial<WatchRow>,
): Promise<WatchRow | undefined> {
  return database.transaction(async (tables) => {
    const watches = tables.table(watchesTable);
    const present = await watches.get(id);
    if (present?.state !== state) return present;
    const changed = { ...present, ...more };
    await watches.put(changed);
    return changed;
  });
}

/** Ends a watch, for good. */
export async function endWatch(
  database: Database,
  row: WatchRow,
  end: { readonly end: WatchEnd; readonly message: string; readonly rollbackRevision?: string },
  now: number,
): Promise<void> {
  await changeWatch(database, row, { ...end, state: 'ended', endedAt: new Date(now).toISOString() });
}
