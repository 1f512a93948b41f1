import type { UnfinishedPlan } from '@catalyst/model/api/applications.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Table } from '../../ports/database.ts';
import type { PlanRow } from './plan-store.ts';
import { describeUnfinished, type LastTry } from './plan-trouble.ts';

/** What an apply that goes well takes; of those that did not fail, only what takes longer is shown. */
const usualMs = 10_000;

/** Plans of an Environment that are begun and neither finished nor taken back; oldest first. */
export async function listUnfinished(
  deps: {
    readonly plans: Table<PlanRow>;
    readonly clock: Pick<Clock, 'now'>;
    readonly tried: ReadonlyMap<string, LastTry>;
  },
  environment: string,
): Promise<UnfinishedPlan[]> {
  const aside = await deps.plans.list({ where: { status: 'set-aside' } });
  const applying = await deps.plans.list({ where: { status: 'applying' } });
  const lateBefore = deps.clock.now() - usualMs;
  const late = applying.filter(
    ({ id, commits, begunAt, createdAt }) =>
      deps.tried.has(id) || (commits.length > 0 && (begunAt ?? createdAt) < lateBefore),
  );
  return [...aside, ...late]
    .filter((row) => row.environment === environment)
    .toSorted((left, right) => left.createdAt - right.createdAt)
    .map((row) => toView(row, deps.tried.get(row.id) ?? { why: '', done: row.commits }));
}

function toView(row: PlanRow, last: LastTry): UnfinishedPlan {
  const done = (last.done ?? row.commits).map(({ application }) => application);
  const going = row.refusedBy ? 'taking-back' : 'going-on';
  return {
    planId: row.id,
    action: row.request.action,
    by: { id: row.actor.id, name: row.actor.name },
    begunAt: new Date(row.begunAt ?? row.createdAt).toISOString(),
    state: row.status === 'set-aside' ? 'set-aside' : going,
    done,
    left: row.steps.slice(done.length).map(({ application }) => application),
    message: describeUnfinished(row, last),
  };
}
