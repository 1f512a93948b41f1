import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ObjectObserved, RefUpdated, ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { environmentSubject } from '@catalyst/model/events/subjects.ts';
import { applicationKey, filledKey } from '@catalyst/model/projection/keys.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { connectNats } from '../../events/nats-access.ts';
import { createEventSpine } from '../../events/nats-event-spine.ts';
import { eventually, startNatsKit, testClock, testLogger } from '../../events/testing/nats-kit.ts';
import type { ReleaseTarget } from '../../ports/gitops.ts';
import { createReadModel } from '../../read-model/nats-read-model.ts';
import { createApplicationController } from '../application-controller/application-controller.ts';
import { healthIntervalsTable } from './health.ts';
import { createProjector } from './projector.ts';
import { createStatusPublisher } from './status-publisher.ts';

/** Everything real but the runtime, which the tests speak for. */
async function openWorld() {
  const kit = await startNatsKit();
  const options = { access: kit.access, logger: testLogger, clock: testClock };
  const database = createSqliteDatabase({ path: join(kit.directory, 'database.sqlite') });
  const spine = await createEventSpine(options);
  const readModel = await createReadModel(options);
  const statuses = new Map<string, ReleaseStatus>();
  const objects: ObjectObserved[] = [];
  const heads = new Map<string, string>();
  const declared: ReleaseTarget[] = [];
  const engine = { available: true, message: '', listener: () => {} };
  const gitops = {
    declare: (target: ReleaseTarget) => void declared.push(target),
    statuses: () => [...statuses.values()],
  };
  const workloads = {
    availability: () => engine,
    onAvailability: (listener: (available: boolean, message: string) => void) => {
      engine.listener = () => listener(engine.available, engine.message);
    },
    snapshot: () => objects,
  };
  const repositories = {
    head: ({ organization, name }: { organization: string; name: string }, branch: string) =>
      Promise.resolve(heads.get(`${organization}/${name}:${branch}`)),
  };
  const shared = { spine, database, clock: testClock, logger: testLogger };
  const openController = () => createApplicationController({ ...shared, gitops, repositories });
  // What comes between is asked after each write of the read model.
  const between = { put: (_key: string): Promise<void> => Promise.resolve() };
  const interruptible: typeof readModel = {
    ...readModel,
    async put(key, value, source) {
      await readModel.put(key, value, source);
      await between.put(key);
    },
  };
  const openProjector = () =>
    createProjector({
      ...shared,
      readModel: interruptible,
      gitops,
      workloads,
      url: (host) => `http://${host}:8080`,
    });
  const publisher = createStatusPublisher(shared);
  const controller = openController();
  let projector = openProjector();
  await controller.start();
  await projector.start();
  return {
    kit,
    database,
    readModel,
    between,
    declared,
    engine,
    heads,
    controller,
    spine,
    report(status: ReleaseStatus) {
      if (status.removed) statuses.delete(`${status.environment}/${status.application}`);
      else statuses.set(`${status.environment}/${status.application}`, status);
      controller.reported(status);
      publisher.release(status);
    },
    observe(object: ObjectObserved) {
      objects.push(object);
      publisher.object(object);
    },
    view: (application: string) =>
      readModel.get<ApplicationView>(applicationKey('acme-dev', application))?.value,
    /** Starts it again; with `engineToo` the runtime has said nothing since its own start. */
    async restartProjector(engineToo = false) {
      await projector.stop();
      if (engineToo) {
        statuses.clear();
        objects.length = 0;
      }
      projector = openProjector();
      await projector.start();
    },
    stopProjector: () => projector.stop(),
    async close() {
      await controller.stop();
      await projector.stop();
      await publisher.stop();
      await readModel.stop();
      await spine.stop();
      await database.close();
      await kit.dispose();
    },
  };
}

let world: Awaited<ReturnType<typeof openWorld>>;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

function isFilled(readModel: typeof world.readModel): boolean {
  return readModel.get<{ epoch: string }>(filledKey)?.value.epoch === readModel.epoch();
}

const revisionOf = (sequence: number) => String(sequence).padStart(40, '0');

function declarationOf(
  application: string,
  over: Partial<ApplicationDeclaration> = {},
): ApplicationDeclaration {
  return {
    application,
    organization: 'acme',
    environment: 'acme-dev',
    blueprint: { name: 'bp-web-app', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
    requires: [],
    bindings: [],
    hosts: [`${application}.acme-dev.localhost`],
    paused: false,
    ...over,
  };
}

function update(
  application: string,
  sequence: number,
  declaration: ApplicationDeclaration | null,
): RefUpdated {
  world.heads.set(`acme/${application}:develop`, revisionOf(sequence));
  return {
    organization: 'acme',
    repository: application,
    ref: 'refs/heads/develop',
    oldRevision: revisionOf(sequence - 1),
    newRevision: revisionOf(sequence),
    sequence,
    pusher: { id: 'u1', name: 'Ada', surface: 'console' },
    subject: `Change ${sequence}`,
    time: '2026-01-01T00:00:00.000Z',
    declaration,
    environment: 'acme-dev',
  };
}

function status(application: string, sequence: number, over: Partial<ReleaseStatus> = {}): ReleaseStatus {
  return {
    environment: 'acme-dev',
    organization: 'acme',
    application,
    revision: revisionOf(sequence),
    appliedRevision: revisionOf(sequence),
    ready: { type: 'Ready', status: 'True', reason: 'Ready', message: 'Ready.', lastTransitionTime: '' },
    replicas: { ready: 1, desired: 1 },
    routes: [{ host: `${application}.acme-dev.localhost`, path: '/', address: '10.96.0.1', port: 80 }],
    inventory: [],
    ...over,
  };
}

const stateIs = (application: string, state: string | undefined) =>
  eventually(`${application} is ${state}`, () => world.view(application)?.state === state, 15_000);

test('a card goes from Installing to Running to Updating to Running, and away when it is removed', async () => {
  await world.controller.sink(update('life', 1, declarationOf('life')));
  await stateIs('life', 'Installing');
  await eventually('it is declared', () => world.declared.some((target) => target.application === 'life'));
  world.report(status('life', 1));
  await stateIs('life', 'Running');
  assert.equal(world.view('life')?.url, 'http://life.acme-dev.localhost:8080');
  assert.equal(world.view('life')?.lastChange?.by, 'Ada');
  await world.controller.sink(update('life', 2, declarationOf('life', { displayName: 'Life' })));
  await stateIs('life', 'Updating');
  assert.equal(world.view('life')?.displayName, 'Life');
  world.report(status('life', 2));
  await stateIs('life', 'Running');
  const intervals = await world.database
    .table(healthIntervalsTable)
    .list({ where: { target: 'acme-dev/life' } });
  assert.deepEqual(
    intervals.map(({ state }) => state),
    ['Installing', 'Running', 'Updating'],
  );
  await world.controller.sink(update('life', 3, null));
  await eventually('the removal is declared', () => world.declared.at(-1)?.declaration === null);
  world.report(status('life', 3, { removed: true }));
  await stateIs('life', undefined);
  await eventually('its row is gone', async () => (await world.controller.list({})).length === 0);
});

test('an old event told again does not bring back what was uninstalled', async () => {
  const count = world.declared.length;
  world.heads.set('acme/life:develop', revisionOf(3));
  await world.controller.sink({ ...update('life', 1, declarationOf('life')), newRevision: revisionOf(9) });
  await testClock.sleep(100);
  assert.equal(world.declared.length, count);
});

test('a card goes with the Organization of its Application, and a namesake that comes later is seen', async () => {
  await world.controller.sink(update('ghost', 1, declarationOf('ghost')));
  world.report(status('ghost', 1));
  await stateIs('ghost', 'Running');
  await world.controller.remove('acme-dev', 'ghost');
  world.report(status('ghost', 1, { removed: true }));
  await stateIs('ghost', undefined);
  await eventually(
    'its row is gone',
    async () => !(await world.controller.list({})).some((row) => row.application === 'ghost'),
  );
  const again = { ...update('ghost', 1, declarationOf('ghost')), newRevision: revisionOf(7) };
  world.heads.set('acme/ghost:develop', revisionOf(7));
  await world.controller.sink(again);
  await stateIs('ghost', 'Installing');
});

test('Applications that are bound to another one are listed there', async () => {
  await world.controller.sink(update('db', 1, declarationOf('db')));
  const bindings = [{ alias: 'db', application: 'db' }];
  await world.controller.sink(update('shop', 1, declarationOf('shop', { bindings })));
  await eventually('it is listed', () => world.view('db')?.usedBy[0] === 'shop');
});

test('Pods show on the card', async () => {
  const pod = { name: 'db-0', component: 'db', phase: 'Running', ready: true, restarts: 0, containers: [] };
  world.observe({
    environment: 'acme-dev',
    application: 'db',
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'db',
    name: 'db-0',
    status: pod,
  });
  await eventually('it shows', () => world.view('db')?.instances[0]?.name === 'db-0');
});

test('a container engine that goes away makes Unknown, and comes back', async () => {
  world.report(status('db', 1));
  await stateIs('db', 'Running');
  Object.assign(world.engine, { available: false, message: 'Podman does not answer.' });
  world.engine.listener();
  await stateIs('db', 'Unknown');
  assert.equal(world.view('db')?.why?.message, 'Podman does not answer.');
  Object.assign(world.engine, { available: true, message: '' });
  world.engine.listener();
  await stateIs('db', 'Running');
});

const deletions: { name: string; act: () => Promise<void> }[] = [
  {
    name: 'the bucket',
    act: async () => {
      const connection = await connectNats(world.kit.access, 'test');
      await (await new Kvm(jetstream(connection)).open('catalyst-state')).destroy();
      await connection.close();
    },
  },
  {
    name: 'the stream',
    act: async () => {
      const connection = await connectNats(world.kit.access, 'test');
      await (await jetstreamManager(connection)).streams.delete('catalyst');
      await connection.close();
    },
  },
];
for (const { name, act } of deletions)
  test(`deleting ${name} while running begins a new epoch that shows the same within 3 s, and goes on`, async () => {
    const before = { db: world.view('db'), shop: world.view('shop') };
    const epoch = world.readModel.epoch();
    await act();
    await eventually('a new epoch begins', () => world.readModel.epoch() !== epoch, 3_000);
    await eventually('everything is back', () => Boolean(world.view('db') && world.view('shop')), 3_000);
    assert.deepEqual({ db: world.view('db'), shop: world.view('shop') }, before);
    await world.controller.sink(
      update(
        'db',
        (world.view('db')?.revision ? Number(world.view('db')?.revision) : 0) + 1,
        declarationOf('db'),
      ),
    );
    await stateIs('db', 'Updating');
    world.report(status('db', Number(world.view('db')?.revision)));
    await stateIs('db', 'Running');
  });

test('a rebuild that is overtaken by another deletion never calls a half-filled read model filled', async () => {
  const wrong: string[] = [];
  const watch = world.readModel.watch(filledKey, () => {
    if (isFilled(world.readModel) && !(world.view('db') && world.view('shop')))
      wrong.push(world.readModel.epoch());
  });
  let overtaken = 0;
  world.between.put = async (key) => {
    if (key !== applicationKey('acme-dev', 'db') || overtaken > 0) return;
    overtaken += 1;
    await world.readModel.reset();
  };
  await world.readModel.reset();
  await eventually('it is filled', () => isFilled(world.readModel) && overtaken === 1, 5_000);
  await eventually('everything is back', () => Boolean(world.view('db') && world.view('shop')), 5_000);
  watch.stop();
  world.between.put = () => Promise.resolve();
  assert.deepEqual(wrong, []);
});

test('a projector that starts again shows the same', async () => {
  const before = { ...world.view('db'), ...world.view('shop') };
  const epoch = world.readModel.epoch();
  await world.restartProjector();
  assert.deepEqual({ ...world.view('db'), ...world.view('shop') }, before);
  assert.equal(world.readModel.epoch(), epoch);
});

test('after a start nothing is a state before the engine has spoken again, and time Running has ended', async () => {
  const intervals = () =>
    world.database.table(healthIntervalsTable).list({ where: { target: 'acme-dev/db' } });
  const next = Number(world.view('db')?.revision);
  await stateIs('db', 'Running');
  const before = await intervals();
  await world.restartProjector(true);
  assert.deepEqual(
    [world.view('db')?.state, world.view('db')?.why?.reason, world.view('db')?.instances],
    ['Unknown', 'NotObserved', []],
  );
  world.report(status('db', next));
  await stateIs('db', 'Running');
  const since = (await intervals()).slice(before.length);
  assert.deepEqual(
    since.map(({ state }) => state),
    ['Running', 'Unknown'],
  );
  assert.equal(since[0]?.to, since[1]?.from);
});

test('a report that was still on its way at a start says nothing of the time since', async () => {
  const next = Number(world.view('db')?.revision);
  await world.restartProjector(true);
  const subject = environmentSubject('acme-dev', 'flux', 'db');
  const late = status('db', next, { replicas: { ready: 1, desired: 9 } });
  await world.stopProjector();
  await world.spine.publish(
    subject,
    makeEvent('io.openova.catalyst.release.reported', '/gitops', randomUUID(), Date.now(), late),
  );
  await world.restartProjector(true);
  await eventually('it has arrived', () => world.view('db')?.pods.desired === 9);
  assert.equal(world.view('db')?.why?.reason, 'NotObserved');
  world.report(status('db', next));
  await stateIs('db', 'Running');
});

test('what is said of a release comes behind what is said of its objects', async () => {
  const order: string[] = [];
  const subscription = await world.spine.subscribeBatches('order', '>', async (batch) => {
    for (const { event } of batch)
      if (event.type === 'io.openova.catalyst.release.reported') order.push(event.data.ready.reason);
      else if (event.type === 'io.openova.catalyst.object.observed') order.push(event.data.name);
  });
  await testClock.sleep(200);
  order.length = 0;
  const pid = world.kit.server.pid();
  if (pid) process.kill(pid, 'SIGKILL');
  const next = Number(world.view('db')?.revision);
  const ready = status('db', next);
  const observe = (name: string) =>
    world.observe({
      environment: 'acme-dev',
      application: 'db',
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'db',
      name,
      status: { name, component: 'db', phase: 'Running', ready: true, restarts: 0, containers: [] },
    });
  // The first one is on its way already; the others queue up behind it.
  observe('db-8');
  world.report({ ...ready, ready: { ...ready.ready, status: 'Unknown', reason: 'Progressing' } });
  observe('db-9');
  world.report(ready);
  await eventually('both arrive', () => order.includes('db-9') && order.includes('Ready'), 15_000);
  await subscription.stop();
  assert.ok(order.indexOf('db-9') < order.indexOf('Ready'), order.join(', '));
});

test('reports during a kill of nats-server arrive, the latest of each', async () => {
  const pid = world.kit.server.pid();
  if (pid) process.kill(pid, 'SIGKILL');
  const next = Number(world.view('db')?.revision) + 1;
  const committed = world.controller.sink(update('db', next, declarationOf('db')));
  for (let ready = 0; ready <= 5; ready += 1)
    world.report(status('db', next, { replicas: { ready, desired: 5 } }));
  await committed;
  await eventually('the last arrives', () => world.view('db')?.pods.ready === 5, 15_000);
  await stateIs('db', 'Running');
});
