import type { RollbackWatchView } from '@catalyst/model/api/reviews.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Database } from '../../ports/database.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { type WatchRow, watchesTable, watchId } from './watch-rows.ts';

/** The watch as people see it; undefined as long as the policy has not been asked. */
export function toWatchView(row: WatchRow): RollbackWatchView | undefined {
  if (row.state === 'new') return undefined;
  const { pullRequest, revision, deadline, after, end, endedAt, plan, rollbackRevision } = row;
  const state = row.state === 'ended' ? (end ?? 'superseded') : row.state;
  return {
    state,
    pullRequest,
    revision,
    ...(row.state === 'watching' && deadline !== undefined && !row.unknown ? { until: deadline } : {}),
    ...(endedAt === undefined ? {} : { at: endedAt }),
    message:
      row.message ??
      plan?.reason ??
      `It has ${after} to come to run; otherwise it goes back by itself to what was there before.${row.unknown ? ' Nobody can say how it is now: its time counts from when that is known again.' : ''}`,
    ...(plan ? { rolledBackTo: plan.to } : {}),
    ...(rollbackRevision === undefined ? {} : { rollbackRevision }),
  };
}

/** The watch of a merged pull request. */
export async function readWatch(
  database: Pick<Database, 'table'>,
  { environment, repository, merged }: Pick<PullRequest, 'environment' | 'repository' | 'merged'>,
): Promise<RollbackWatchView | undefined> {
  if (!merged) return undefined;
  const row = await database.table(watchesTable).get(watchId(environment, repository.name, merged.revision));
  return row && toWatchView(row);
}

/** The newest watch of an Application, while it matters: it is watched, or its rollback is what is there. */
export async function readNewestWatch(
  database: Pick<Database, 'table'>,
  {
    environment,
    name,
    revision,
    holds,
  }: Pick<ApplicationView, 'environment' | 'name' | 'revision' | 'holds'>,
): Promise<RollbackWatchView | undefined> {
  const where = { target: `${environment}/${name}` };
  const rows = await database
    .table(watchesTable)
    .list({ where, orderBy: 'mergedAt', descending: true, limit: 5 });
  const row = rows.find(({ state }) => state !== 'new');
  if (!row) return undefined;
  const matters =
    row.state !== 'ended' ||
    (row.end === 'not-rolled-back' && row.revision === revision) ||
    (row.end === 'rolled-back' && (row.rollbackRevision === revision || (holds?.length ?? 0) > 0));
  return matters ? toWatchView(row) : undefined;
}
