import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connectNats } from '../events/nats-access.ts';
import { eventually, type NatsKit, startNatsKit, testClock, testLogger } from '../events/testing/nats-kit.ts';
import { createReadModel, type RunningReadModel } from './nats-read-model.ts';
import type { Change } from './read-model.ts';

let kit: NatsKit;
before(async () => {
  kit = await startNatsKit();
});
after(() => kit.dispose());

async function withModel(work: (model: RunningReadModel) => Promise<void>): Promise<void> {
  const model = await createReadModel({ access: kit.access, logger: testLogger, clock: testClock });
  try {
    await work(model);
  } finally {
    await model.stop();
  }
}

async function deleteBucket(): Promise<void> {
  const connection = await connectNats(kit.access, 'test');
  const kv = await new Kvm(jetstream(connection)).open('catalyst-state');
  await kv.destroy();
  await connection.close();
}

test('entries are listed in order of key below a prefix, across Environments and within one', () =>
  withModel(async (model) => {
    for (const key of ['ws.list-b.g.K.n.z', 'ws.list-a.g.K.n.b', 'ws.list-a.g.K.n.a', 'ws.list-ab.g.K.n.a'])
      await model.put(key, { key }, 1);
    await eventually('all are mirrored', () => model.list('ws.').length >= 4);
    const keys = (prefix: string) => model.list(prefix).map(({ key }) => key);
    assert.deepEqual(keys('ws.list-a.'), ['ws.list-a.g.K.n.a', 'ws.list-a.g.K.n.b']);
    assert.deepEqual(keys('ws.list-a.g.K.n.b'), ['ws.list-a.g.K.n.b']);
    assert.deepEqual(keys('ws.list-a.g.X.'), []);
    assert.equal(keys('ws.').filter((key) => key.startsWith('ws.list-')).length, 4);
  }));

test('an older source never overwrites, also before the newer one is mirrored', () =>
  withModel(async (model) => {
    await Promise.all([model.put('ws.older.x', 'new', 10), model.put('ws.older.x', 'old', 9)]);
    await eventually('it is mirrored', () => model.get('ws.older.x') !== undefined);
    await model.put('ws.older.x', 'older', 8);
    await model.delete('ws.older.x', 8);
    assert.equal(model.get('ws.older.x')?.value, 'new');
  }));

test('a reader that left at any revision learns every change since, deletions included', () =>
  withModel(async (model) => {
    await model.put('ws.since.a', 1, 1);
    await model.put('ws.since.b', 1, 1);
    await eventually('they are mirrored', () => model.list('ws.since.').length === 2);
    const left = model.revision();
    await model.put('ws.since.a', 2, 2);
    await model.delete('ws.since.b', 2);
    await eventually('the deletion is mirrored', () => model.list('ws.since.').length === 1);
    const changes = model.since('ws.since.', model.epoch(), left) ?? [];
    assert.deepEqual(
      changes.map(({ key, value }) => [key, value]),
      [
        ['ws.since.a', 2],
        ['ws.since.b', undefined],
      ],
    );
    assert.equal(model.since('ws.since.', 'another epoch', left), undefined);
    assert.equal(model.since('ws.since.', model.epoch(), model.revision() + 1), undefined);
  }));

test('what was written is there for the next process, deletions can be resumed from too', async () => {
  let left = 0;
  await withModel(async (model) => {
    await model.put('ws.restart.a', 1, 1);
    await model.put('ws.restart.b', 1, 1);
    await eventually('they are mirrored', () => model.list('ws.restart.').length === 2);
    left = model.revision();
    await model.delete('ws.restart.a', 2);
  });
  await withModel(async (model) => {
    assert.deepEqual(
      model.list('ws.restart.').map(({ key }) => key),
      ['ws.restart.b'],
    );
    assert.deepEqual(
      model.since('ws.restart.', model.epoch(), left)?.map(({ key }) => key),
      ['ws.restart.a'],
    );
  });
});

test('a bucket deleted while running is made anew: a new epoch, empty, and writable', () =>
  withModel(async (model) => {
    await model.put('ws.gone.a', 1, 50);
    await eventually('it is mirrored', () => model.get('ws.gone.a') !== undefined);
    const epoch = model.epoch();
    const epochs: string[] = [];
    model.onEpoch((next) => epochs.push(next));
    await deleteBucket();
    await eventually('the deletion is noticed', () => epochs.length === 1, 3_000);
    assert.notEqual(model.epoch(), epoch);
    assert.equal(model.get('ws.gone.a'), undefined);
    await model.put('ws.gone.a', 2, 1);
    await eventually('it is written again', () => model.get('ws.gone.a')?.value === 2);
  }));

test('watchers get each change in order, through a kill of the server', () =>
  withModel(async (model) => {
    const seen: Change[] = [];
    const watch = model.watch('ws.kill.', (change) => seen.push(change));
    const puts: Promise<void>[] = [];
    for (let value = 1; value <= 300; value += 1) {
      puts.push(model.put('ws.kill.a', value, value), model.put('ws.kill.b', value, value));
      if (value % 100 === 50) {
        const pid = kit.server.pid();
        if (pid) process.kill(pid, 'SIGKILL');
        await testClock.sleep(300);
      }
    }
    await Promise.all(puts);
    for (const key of ['ws.kill.a', 'ws.kill.b'])
      await eventually('the last is mirrored', () => model.get(key)?.value === 300, 20_000);
    const revisions = seen.map(({ revision }) => revision);
    assert.deepEqual(
      revisions,
      revisions.toSorted((a, b) => a - b),
    );
    const values = seen.filter(({ key }) => key === 'ws.kill.a').map(({ value }) => value as number);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    );
    watch.stop();
  }));

test('writes in plenty while the bucket is checked do not make it look like one that lost its end', () =>
  withModel(async (model) => {
    const epoch = model.epoch();
    const until = performance.now() + 7_000;
    for (let round = 1; performance.now() < until; round += 1)
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => model.put(`ws.plenty.${index}`, round, round)),
      );
    assert.equal(model.epoch(), epoch);
  }));
