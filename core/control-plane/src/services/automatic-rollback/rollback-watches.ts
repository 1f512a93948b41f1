import type { RollbackWatchView } from '@catalyst/model/api/reviews.ts';
import { parseDuration } from '@catalyst/model/change-window/duration.ts';
import { decideWatch } from '@catalyst/model/policy/decide-watch.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { createDueWork, type DueItem } from '../waiting/due-work.ts';
import { observeMerge } from './observe-merge.ts';
import { createRollingBack } from './roll-back.ts';
import { changeWatch, endWatch, type WatchDeps } from './watch-context.ts';
import { type WatchRow, watchesTable, watchId } from './watch-rows.ts';
import { readNewestWatch } from './watch-view.ts';

/**
 * Watches what merges brought, where the policy of the Environment says so, and goes back to what was there before when it does not
 * come to run in its time. Each step is a row before it is done, so that a start goes on with it and nothing goes back twice.
 */
export interface RollbackWatches {
  /** The newest watch of an Application while it matters. */
  ofApplication(
    view: Pick<ApplicationView, 'environment' | 'name' | 'revision' | 'holds'>,
  ): Promise<RollbackWatchView | undefined>;
  /** Call it with every row of a pull request that was written. */
  changed(pullRequest: PullRequest): void;
  /** Call it when the state of an Application in an Environment became another one. */
  healthChanged(of: { readonly environment: string; readonly application: string }): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** After a start nothing may be known yet of what ran all the time. */
const graceMs = 30_000;
/** The end of not knowing is not always told. */
const unknownMs = 5_000;
const pageSize = 1_000;

const ends = {
  healthy: ['healthy', 'It came to run.'],
  paused: [
    'unwanted',
    'It is paused, as was asked for: nothing is to run, so nothing has shown that it does.',
  ],
  'scaled-to-zero': [
    'unwanted',
    'It is scaled to zero, as was asked for: nothing is to run, so nothing has shown that it does.',
  ],
  superseded: ['superseded', 'Somebody changed it, or took it back, before its time was over.'],
  uninstalled: ['unwanted', 'It is not installed any more.'],
  unwanted: ['unwanted', 'The policy does not ask for it any more.'],
} as const;

/** Creates the controller. */
export function createRollbackWatches(deps: WatchDeps): RollbackWatches {
  const { database, clock } = deps;
  const rollingBack = createRollingBack(deps);
  let startedAt = Number.NEGATIVE_INFINITY;
  const work = createDueWork<DueItem>({ clock, logger: deps.logger, look: ({ key }) => look(key) });

  /** The policy as it is right after the merge decides whether it is watched at all. */
  async function beginWatching(row: WatchRow): Promise<number | undefined> {
    const policy = await deps.policies.of(row.environment);
    if (!policy?.automaticRollback) {
      await database.table(watchesTable).delete(row.id);
      return undefined;
    }
    const { after } = policy.automaticRollback;
    const deadline = new Date(Date.parse(row.mergedAt) + parseDuration(after)).toISOString();
    await changeWatch(database, row, { state: 'watching', after, deadline });
    return clock.now();
  }

  async function watch(row: WatchRow): Promise<number | undefined> {
    const afterMs = parseDuration(row.after ?? '');
    const facts = await observeMerge(deps, row);
    const known = Math.max(Date.parse(row.deadline ?? ''), startedAt + Math.min(graceMs, afterMs));
    const { revision, unknown = false } = row;
    const decision = decideWatch({ revision, deadline: known, afterMs, unknown }, facts);
    if (decision.kind === 'roll-back') return rollingBack.begin(row, facts.view);
    if (decision.kind !== 'wait') {
      const [end, message] = ends[decision.kind];
      await endWatch(database, row, { end, message }, clock.now());
      return undefined;
    }
    const deadline = new Date(decision.deadline).toISOString();
    if (decision.unknown !== unknown || deadline !== row.deadline)
      await changeWatch(database, row, { deadline, unknown: decision.unknown });
    return decision.unknown ? facts.now + Math.min(unknownMs, afterMs) : decision.deadline;
  }

  async function look(id: string): Promise<number | undefined> {
    const row = await database.table(watchesTable).get(id);
    switch (row?.state) {
      case 'new':
        return beginWatching(row);
      case 'watching':
        return watch(row);
      case 'rolling-back':
        return rollingBack.goOn(row);
      default:
        return undefined;
    }
  }

  const add = (id: string, target: string, mergedAt: string) =>
    work.add({ key: id, group: target, order: Date.parse(mergedAt) });

  return {
    ofApplication: (view) => readNewestWatch(database, view),
    changed({ merged, environment, repository }) {
      if (merged)
        add(
          watchId(environment, repository.name, merged.revision),
          `${environment}/${repository.name}`,
          merged.at,
        );
    },
    healthChanged: ({ environment, application }) =>
      work.wake(({ group }) => group === `${environment}/${application}`),
    async start() {
      startedAt = clock.now();
      for (const state of ['new', 'watching', 'rolling-back'] as const) {
        let after = '';
        for (;;) {
          const page = await database
            .table(watchesTable)
            .list({ where: { state }, limit: pageSize, ...(after ? { after } : {}) });
          for (const { id, target, mergedAt } of page) add(id, target, mergedAt);
          after = page.at(-1)?.id ?? '';
          if (page.length < pageSize) break;
        }
      }
      work.start();
    },
    stop: () => work.stop(),
  };
}
