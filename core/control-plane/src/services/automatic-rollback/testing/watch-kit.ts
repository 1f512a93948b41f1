import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Policy } from '@catalyst/model/policy/policy.ts';
import type { ApplicationState, ApplicationView } from '@catalyst/model/views/application-view.ts';
import { logger } from '../../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { createRowReviews } from '../../../adapters/reviews/rows/row-reviews.ts';
import { type KitBlueprint, startHistoryKit } from '../../history/testing/history-kit.ts';
import { healthStatesTable } from '../../projector/health.ts';
import { createManualClock } from '../../waiting/testing/manual-clock.ts';
import { createRollbackWatches, type RollbackWatches } from '../rollback-watches.ts';
import type { WatchDeps } from '../watch-context.ts';
import { beginWatch, watchesTable, watchId } from '../watch-rows.ts';

/** Dies where it is told to: asked before and after every durable step. */
type Deadly = (step: string) => void;

const environment = 'acme-dev';
const application = 'db';
const versions = [...Array.from({ length: 11 }, (_, minor) => `1.${minor}.0`), '2.0.0'];
const blueprints: readonly KitBlueprint[] = versions.map((version) => ({ name: 'store', version }));
const person = { id: 'u1', name: 'Layla', email: 'layla@example.net' };

function dying<T extends object>(part: T, steps: readonly string[], deadly: Deadly): T {
  return new Proxy(part, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function' || !steps.includes(String(name))) return value;
      return async (...given: unknown[]) => {
        deadly(`before ${String(name)}`);
        const result: unknown = await value.apply(target, given);
        deadly(`after ${String(name)}`);
        return result;
      };
    },
  });
}

/** Real Git, rows, planning and judging; what runs is what the test says was observed. */
export async function startWatchKit() {
  const history = await startHistoryKit(blueprints);
  const { database, repositories, provisioning } = history;
  const clock = createManualClock();
  const reviews = createRowReviews({ database, clock, onChange: beginWatch });
  const views = new Map<string, ApplicationView>();
  const repository = { organization: 'acme', name: application };
  let watches: RollbackWatches | undefined;

  const setPolicy = (more: Partial<Policy>) => {
    history.rules.policy = { name: 'p', environment, rules: [], rollback: 'free', ...more };
  };
  setPolicy({ automaticRollback: { after: '10m' } });

  async function start(deadly: Deadly = () => undefined): Promise<void> {
    await watches?.stop();
    const deps: WatchDeps = {
      database: dying(database, ['transaction'], deadly),
      repositories,
      reviews: dying(reviews, ['comment'], deadly),
      policies: { of: async () => history.rules.policy },
      provisioning: dying(provisioning, ['plan', 'apply'], deadly),
      viewOf: () => views.get(application),
      clock,
      logger,
    };
    watches = createRollbackWatches(deps);
    await watches.start();
  }

  async function headOf(): Promise<string> {
    return (await repositories.head(repository, 'develop')) ?? '';
  }

  return {
    ...history,
    clock,
    reviews,
    start,
    setPolicy,
    headOf,
    watches: () => {
      assert.ok(watches);
      return watches;
    },
    install: (version: string) =>
      history.change({ action: 'install', application, blueprint: 'bp-store', version, values: {} }),
    upgrade: (version: string) => history.change({ action: 'configure', application, version }),
    /** What the merge of a pull request leaves: the commit and the row, with its watch. */
    async merged(change: () => Promise<string>) {
      const base = await headOf();
      const revision = await change();
      const opened = await reviews.open({
        repository,
        title: 'Change',
        description: '',
        destination: 'develop',
        environment,
        head: revision,
        openedBy: person,
        openedOn: 'api',
        pushers: [person.id],
      });
      const at = new Date(clock.now()).toISOString();
      const merged = { revision, base, by: person, at };
      const done = await reviews.update({ ...opened, state: 'merged', merged });
      assert.ok(done.ok);
      watches?.changed(done.value);
      return { number: opened.number, revision, base };
    },
    /** What the projector would have written and shown. */
    async observed(state: ApplicationState, revision: string, more: Partial<ApplicationView> = {}) {
      const from = new Date(clock.now()).toISOString();
      const target = `${environment}/${application}`;
      await database.table(healthStatesTable).put({ id: target, revision, state, from });
      const shown = { organization: 'acme', environment, name: application, state, revision, instances: [] };
      views.set(application, { ...shown, ...more } as unknown as ApplicationView);
      watches?.healthChanged({ environment, application });
    },
    forgetObserved: () => views.clear(),
    row: (revision: string) => database.table(watchesTable).get(watchId(environment, application, revision)),
    comments: async (number: number) => (await reviews.comments(repository, number)).map(({ text }) => text),
    baseOf: (revision: string) => repositories.treeOf(repository, revision, 'base'),
    async dispose() {
      await watches?.stop();
      await history.close();
    },
  };
}

/** Waits until something is so. */
export async function until(condition: () => Promise<boolean>, withinMs = 8_000): Promise<void> {
  const began = Date.now();
  while (!(await condition())) {
    assert.ok(Date.now() - began < withinMs, 'it did not come');
    await wait(20);
  }
}
