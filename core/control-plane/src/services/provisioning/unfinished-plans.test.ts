import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { toProblemDocument } from '../../api/http/problem-response.ts';
import type { Database } from '../../ports/database.ts';
import type { Repositories } from '../../ports/repositories.ts';
import { layla, startHistoryKit } from '../history/testing/history-kit.ts';
import { type PlanRow, plansTable, volumeDeletionsTable } from './plan-store.ts';
import type { Provisioning } from './provisioning.ts';

const environment = 'acme-dev';
const kit = await startHistoryKit([
  { name: 'store', version: '1.0.0' },
  { name: 'gone', version: '1.0.0' },
  { name: 'lost', version: '1.0.0' },
  { name: 'site', version: '1.0.0', depends: [{ blueprint: 'bp-store', version: '^1.0', alias: 'db' }] },
  { name: 'shop', version: '1.0.0', depends: [{ blueprint: 'bp-gone', version: '^1.0', alias: 'db' }] },
  { name: 'fair', version: '1.0.0', depends: [{ blueprint: 'bp-lost', version: '^1.0', alias: 'db' }] },
]);
const rows = kit.database.table(plansTable);
const deletions = kit.database.table(volumeDeletionsTable);

class Death extends Error {}

/** What a process stands on: it may die at a moment, and what it asks for may be refused. */
function createSurroundings() {
  const state = {
    moments: 0,
    diesAt: 0,
    dead: false,
    /** Thrown instead of a commit or a new repository of this Application. */
    refusing: new Map<string, Error>(),
    databaseRefuses: undefined as ((row: unknown) => Error | undefined) | undefined,
    reading: undefined as Error | undefined,
  };
  const live = () => {
    if (state.dead) throw new Death();
  };
  const moment = () => {
    live();
    state.moments += 1;
    if (state.moments !== state.diesAt) return;
    state.dead = true;
    throw new Death();
  };
  async function step<T>(work: () => Promise<T>): Promise<T> {
    moment();
    const done = await work();
    moment();
    return done;
  }
  /** Rows and transactions are durable steps; in a process that is dead nothing answers. */
  const database = new Proxy(kit.database, {
    get(target, name) {
      if (name === 'transaction')
        return (work: Parameters<Database['transaction']>[0]) =>
          step(async () => {
            const error = state.databaseRefuses?.(undefined);
            if (error) throw error;
            return target.transaction(work);
          });
      if (name !== 'table') return Reflect.get(target, name);
      return (definition: Parameters<Database['table']>[0]) =>
        new Proxy(target.table(definition), {
          get(table, method) {
            const value = Reflect.get(table, method) as (...given: unknown[]) => Promise<unknown>;
            const writes = ['put', 'insert', 'delete'].includes(String(method));
            return async (...given: unknown[]) => {
              if (!writes) {
                live();
                return value.apply(table, given);
              }
              return step(async () => {
                const error = state.databaseRefuses?.(given[0]);
                if (error) throw error;
                return value.apply(table, given);
              });
            };
          },
        });
    },
  });
  const repositories = new Proxy(kit.repositories, {
    get(target, name) {
      const value = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
      if (name !== 'commit' && name !== 'create')
        return async (...given: unknown[]) => {
          live();
          if (state.reading && name === 'exists') throw state.reading;
          return value.apply(target, given);
        };
      return (request: Parameters<Repositories['commit']>[0]) =>
        step(async () => {
          const error = state.refusing.get(request.repository.name);
          if (error) throw error;
          return value.apply(target, [request]);
        });
    },
  });
  return { state, database, repositories };
}

const fullDisk = () =>
  new CatalystError('Unavailable', 'The repositories cannot be used: the disk refuses.', {
    cause: Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: 'write' }),
    retry: 'later',
  });

const opened: Provisioning[] = [];

function open(other: Parameters<typeof kit.openProvisioning>[0] = {}): Provisioning {
  const made = kit.openProvisioning(other);
  opened.push(made);
  return made;
}

function openIn(surroundings: ReturnType<typeof createSurroundings>): Provisioning {
  return open(surroundings);
}

let names = 0;
const fresh = () => `a${++names}`;

const installing = (application: string, blueprint = 'bp-site'): PlanRequest => ({
  action: 'install',
  application,
  blueprint,
  values: {},
  ...(blueprint === 'bp-store' ? {} : { dependencies: { db: { use: 'new' } } }),
});

async function planned(request: PlanRequest): Promise<string> {
  const made = await kit.provisioning.plan(layla, environment, request);
  assert.ok(made.ok);
  assert.deepEqual(made.value.problems, []);
  // Kits of other processes count their plans from 1 as well.
  const row = await rows.get(made.value.id);
  assert.ok(row);
  const id = `${made.value.id}-${fresh()}`;
  await rows.put({ ...row, id, plan: { ...row.plan, id } });
  await rows.delete(row.id);
  return id;
}

async function isInstalled(name: string): Promise<boolean> {
  const repository = kit.repository(name);
  const head = await kit.repositories.head(repository, 'develop');
  return (
    head !== undefined &&
    (await kit.repositories.read(repository, head, 'base/application.yaml')) !== undefined
  );
}

async function eventually(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(what);
}

const statusOf = async (id: string) => (await rows.get(id))?.status;
const apply = (by: Provisioning, id: string) => by.apply(layla, environment, id);

/** An installed Application with a volume, and the plan that takes both away. */
async function planToUninstall(): Promise<{ name: string; id: string }> {
  const name = fresh();
  await kit.change(installing(name, 'bp-store'));
  kit.volumes.push({
    ...{ environment, application: name, claim: 'data', sizeBytes: 1, requestedBytes: 1 },
    inUse: false,
  } as never);
  return { name, id: await planned({ action: 'uninstall', application: name, deleteVolumes: ['data'] }) };
}

const isDeleting = async (name: string) =>
  (await deletions.list()).some(({ application }) => application === name);

afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});
after(() => kit.close());

describe('a plan that cannot be carried out', { timeout: 240_000 }, () => {
  it('is not done at the next start when it was answered that it was not done', async () => {
    const { name, id } = await planToUninstall();
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    const error = await apply(openIn(surroundings), id).catch((thrown: unknown) => thrown);
    assert.match(toProblemDocument(error).detail, /so this was not done/);
    assert.equal(await statusOf(id), 'planned');
    await open().resume();
    assert.equal(await isInstalled(name), true);
    assert.equal(await isDeleting(name), false);
    // Asked for again, it is done.
    assert.ok((await apply(open(), id)).ok);
    assert.equal(await isInstalled(name), false);
    assert.equal(await isDeleting(name), true);
  });

  it('is not done either where the disk did not even take that back', async () => {
    const { name, id } = await planToUninstall();
    const surroundings = createSurroundings();
    const { state } = surroundings;
    state.refusing.set(name, fullDisk());
    state.databaseRefuses = (row) =>
      (row as PlanRow | undefined)?.status === 'applying' ? undefined : fullDisk();
    const first = openIn(surroundings);
    await assert.rejects(apply(first, id), { code: 'Unavailable' });
    assert.equal(await statusOf(id), 'applying');
    state.dead = true;
    await open().resume();
    assert.equal(await statusOf(id), 'planned');
    assert.equal(await isInstalled(name), true);
    assert.equal(await isDeleting(name), false);
  });

  it('says what is begun, and is finished by the same process', async () => {
    const name = fresh();
    const id = await planned(installing(name));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    const process = openIn(surroundings);
    const error = await apply(process, id).catch((thrown: unknown) => thrown);
    const told = toProblemDocument(error);
    assert.equal(told.status, 503);
    assert.equal(told.code, 'Unfinished');
    assert.match(
      told.detail,
      new RegExp(`begun.*1 of 2 steps are done \\(${name}-db\\).*disk.*full.*taken back`),
    );
    const [seen] = await process.unfinished(environment);
    assert.deepEqual(seen?.done, [`${name}-db`]);
    assert.deepEqual(seen?.left, [name]);
    assert.equal(seen?.state, 'going-on');
    surroundings.state.refusing.clear();
    await eventually(async () => (await statusOf(id)) === 'applied', 'it was not finished');
    assert.deepEqual([await isInstalled(name), await isInstalled(`${name}-db`)], [true, true]);
    assert.deepEqual(await process.unfinished(environment), []);
    const again = await apply(process, id);
    assert.ok(again.ok);
    assert.equal(again.value.commits.length, 2);
  });

  it('is finished when it is applied again', async () => {
    const name = fresh();
    const id = await planned(installing(name));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    const process = openIn(surroundings);
    await assert.rejects(apply(process, id), { code: 'Unfinished' });
    await assert.rejects(apply(process, id), { code: 'Unfinished' });
    surroundings.state.refusing.clear();
    assert.ok((await apply(process, id)).ok);
    assert.equal(await isInstalled(name), true);
  });

  it('is taken back at the next start when something moved meanwhile', async () => {
    const name = fresh();
    const id = await planned(installing(name, 'bp-shop'));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    await assert.rejects(apply(openIn(surroundings), id), { code: 'Unfinished' });
    surroundings.state.dead = true;
    const other = await planned(installing('other'));
    const crash = createSurroundings();
    crash.state.refusing.set('other', fullDisk());
    await assert.rejects(apply(openIn(crash), other), { code: 'Unfinished' });
    crash.state.dead = true;
    await kit.withdraw('gone', '1.0.0');
    const next = open();
    await next.resume();
    assert.equal(await statusOf(id), 'refused');
    assert.deepEqual([await isInstalled(name), await isInstalled(`${name}-db`)], [false, false]);
    // One that cannot go on does not hold up those that can.
    assert.equal(await statusOf(other), 'applied');
    assert.equal(await isInstalled('other'), true);
  });

  it('is taken back where it can never be finished, and says so', async () => {
    const name = fresh();
    const id = await planned(installing(name));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, new CatalystError('NotFound', 'It cannot be read any more.'));
    const told = await apply(openIn(surroundings), id);
    assert.ok(!told.ok);
    assert.deepEqual(
      told.problems.map(({ code }) => code),
      ['NotFound', 'TakenBack'],
    );
    assert.match(told.problems[1]?.message ?? '', new RegExp(`${name}-db`));
    assert.equal(await isInstalled(`${name}-db`), false);
    assert.equal(await statusOf(id), 'refused');
  });

  it('is taken back after an hour of trying', async () => {
    const name = fresh();
    const id = await planned(installing(name));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    await assert.rejects(apply(openIn(surroundings), id), { code: 'Unfinished' });
    surroundings.state.dead = true;
    const later = createSurroundings();
    later.state.refusing.set(name, fullDisk());
    const row = await rows.get(id);
    assert.ok(row);
    await rows.put({ ...row, begunAt: Date.now() - 61 * 60_000 });
    await openIn(later).resume();
    assert.equal(await statusOf(id), 'refused');
    assert.equal(await isInstalled(`${name}-db`), false);
  });

  it('never ends a start, is set aside with its reason, and can be gone on with', async () => {
    const name = fresh();
    const id = await planned(installing(name, 'bp-fair'));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    await assert.rejects(apply(openIn(surroundings), id), { code: 'Unfinished' });
    surroundings.state.dead = true;
    await kit.withdraw('lost', '1.0.0');
    const broken = createSurroundings();
    broken.state.refusing.set(`${name}-db`, new CatalystError('Internal', 'The repository is damaged.'));
    const next = openIn(broken);
    await next.resume();
    assert.equal(await statusOf(id), 'set-aside');
    const [seen] = await next.unfinished(environment);
    assert.equal(seen?.state, 'set-aside');
    assert.match(seen?.message ?? '', /damaged/);
    await assert.rejects(apply(next, id), { code: 'Unfinished' });
    // It stays where it is, start after start.
    await open().resume();
    assert.equal(await statusOf(id), 'set-aside');
    broken.state.refusing.clear();
    const back = await apply(next, id);
    assert.ok(!back.ok);
    assert.equal(await statusOf(id), 'refused');
    assert.equal(await isInstalled(`${name}-db`), false);
    assert.deepEqual(await next.unfinished(environment), []);
  });

  it('waits for repositories that cannot be read at a start, and is settled later', async () => {
    const name = fresh();
    const id = await planned(installing(name));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    await assert.rejects(apply(openIn(surroundings), id), { code: 'Unfinished' });
    surroundings.state.dead = true;
    const away = createSurroundings();
    away.state.reading = fullDisk();
    await openIn(away).resume();
    assert.equal(await statusOf(id), 'applying');
    away.state.reading = undefined;
    await eventually(async () => (await statusOf(id)) === 'applied', 'it was not finished');
  });

  it('does not end a start when a Blueprint it needs for its secrets is not in the catalog', async () => {
    const name = fresh();
    const id = await planned(installing(name));
    const surroundings = createSurroundings();
    surroundings.state.refusing.set(name, fullDisk());
    await assert.rejects(apply(openIn(surroundings), id), { code: 'Unfinished' });
    surroundings.state.dead = true;
    let away = true;
    await open({
      ensureSecrets: async () => {
        if (away) throw new CatalystError('Unavailable', 'bp-x is not in the catalog.', { retry: 'later' });
      },
    }).resume();
    assert.equal(await statusOf(id), 'applying');
    away = false;
    await eventually(async () => (await statusOf(id)) === 'applied', 'it was not finished');
  });
});

describe('a kill between any two durable steps of a plan', { timeout: 240_000 }, () => {
  /** Applies in a process that dies at a moment; what was answered, if anything. */
  async function applyAndDie(id: string, moment: number, refusing: readonly string[]) {
    const surroundings = createSurroundings();
    surroundings.state.diesAt = moment;
    for (const name of refusing) surroundings.state.refusing.set(name, fullDisk());
    const process = openIn(surroundings);
    const answer = await apply(process, id).then(
      (result) => (result.ok ? 'done' : 'refused'),
      (error: unknown) =>
        error instanceof Death ? 'nothing' : error instanceof CatalystError ? error.code : 'other',
    );
    const { moments, dead } = surroundings.state;
    surroundings.state.dead = true;
    await process.stop();
    return { answer, moments, dead };
  }

  for (const full of [false, true])
    it(`uninstalls with the data, or does nothing${full ? ', on a full disk' : ''}`, async () => {
      for (let moment = 1; ; moment += 1) {
        const { name, id } = await planToUninstall();
        const { answer, dead } = await applyAndDie(id, moment, full ? [name] : []);
        await open().resume();
        const gone = !(await isInstalled(name));
        assert.equal(await isDeleting(name), gone, `${moment}: data`);
        assert.equal(await statusOf(id), gone ? 'applied' : 'planned', `${moment}`);
        if (full) assert.equal(gone, false, `${moment}: done after "not done"`);
        if (answer === 'done') assert.equal(gone, true, `${moment}: lost`);
        if (dead) continue;
        assert.equal(answer, full ? 'Unavailable' : 'done');
        assert.ok(moment > 3, String(moment));
        return;
      }
    });

  for (const full of [false, true])
    it(`installs all of a set or nothing${full ? ', when the disk fills in the middle' : ''}`, async () => {
      let finished = 0;
      for (let moment = 1; ; moment += 1) {
        const name = fresh();
        const id = await planned(installing(name));
        const { answer, dead } = await applyAndDie(id, moment, full ? [name] : []);
        await open().resume();
        const both = [await isInstalled(`${name}-db`), await isInstalled(name)];
        assert.equal(both[0], both[1], `${moment}: half`);
        assert.equal(await statusOf(id), both[0] ? 'applied' : 'planned');
        if (answer === 'done') assert.equal(both[0], true, `${moment}: lost`);
        if (both[0]) finished += 1;
        if (dead) continue;
        assert.equal(answer, full ? 'Unfinished' : 'done');
        assert.ok(finished > 2, String(finished));
        return;
      }
    });

  it('takes all of a set back or finishes all of it, when the start that does so is killed as well', async () => {
    const ends = { applied: 0, refused: 0 };
    for (let moment = 1; ; moment += 1) {
      const name = fresh();
      const id = await planned(installing(name));
      const { answer } = await applyAndDie(id, 0, [name]);
      assert.equal(answer, 'Unfinished');
      const start = createSurroundings();
      start.state.diesAt = moment;
      start.state.refusing.set(name, new CatalystError('NotFound', 'It cannot be read any more.'));
      const dying = openIn(start);
      await dying.resume();
      const { dead } = start.state;
      start.state.dead = true;
      await dying.stop();
      await open().resume();
      const both = [await isInstalled(`${name}-db`), await isInstalled(name)];
      assert.equal(both[0], both[1], `${moment}: half`);
      const status = await statusOf(id);
      assert.equal(status, both[0] ? 'applied' : 'refused');
      ends[both[0] ? 'applied' : 'refused'] += 1;
      if (dead) continue;
      assert.ok(ends.applied > 0 && ends.refused > 3, JSON.stringify(ends));
      return;
    }
  });
});
