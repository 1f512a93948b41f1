import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import type { WatchFacts } from '@catalyst/model/policy/decide-watch.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Database } from '../../ports/database.ts';
import { healthIntervalsTable, healthStatesTable } from '../projector/health.ts';
import type { WatchDeps } from './watch-context.ts';
import type { WatchRow } from './watch-rows.ts';

const running = 'Running';

/** Whether the rows of health, which outlive every read model, say that it was Running at the revision at some time. */
async function ranAt(database: Pick<Database, 'table'>, target: string, revision: string): Promise<boolean> {
  const present = await database.table(healthStatesTable).get(target);
  if (present?.readyRevision === revision) return true;
  if (present?.state === running && present.revision === revision) return true;
  const past = await database
    .table(healthIntervalsTable)
    .list({ where: { target }, orderBy: 'from', descending: true, limit: 200 });
  return past.some((interval) => interval.state === running && interval.revision === revision);
}

/** What Git, the rows of health and the card say of a watched merge now. */
export async function observeMerge(
  deps: WatchDeps,
  row: WatchRow,
): Promise<Omit<WatchFacts, 'view'> & { readonly view?: ApplicationView }> {
  const { organization, environment, application, target, revision, branch } = row;
  const repository = { organization, name: application };
  const head = await deps.repositories.head(repository, branch);
  const declaration =
    head === undefined ? undefined : await deps.repositories.read(repository, head, basePaths.application);
  const view = deps.viewOf(environment, application);
  const policy = await deps.policies.of(environment);
  return {
    now: deps.clock.now(),
    ...(head === undefined ? {} : { head }),
    installed: declaration !== undefined,
    ran: await ranAt(deps.database, target, revision),
    ...(view ? { view } : {}),
    wanted: policy?.automaticRollback !== undefined && policy.rollback !== 'gated',
  };
}
