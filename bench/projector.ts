import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { environmentSubject } from '@catalyst/model/events/subjects.ts';
import { applicationKey } from '@catalyst/model/projection/keys.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { createSqliteDatabase } from '../core/control-plane/src/adapters/database/sqlite/sqlite-database.ts';
import { connectNats } from '../core/control-plane/src/events/nats-access.ts';
import { createEventSpine } from '../core/control-plane/src/events/nats-event-spine.ts';
import {
  eventually,
  type NatsKit,
  startNatsKit,
  testClock,
  testLogger,
} from '../core/control-plane/src/events/testing/nats-kit.ts';
import { createReadModel } from '../core/control-plane/src/read-model/nats-read-model.ts';
import { createApplicationController } from '../core/control-plane/src/services/application-controller/application-controller.ts';
import { createProjector } from '../core/control-plane/src/services/projector/projector.ts';
import type { Scale } from './sovereign.ts';
import { type Figure, inParallel, timed } from './table.ts';

const environment = 'acme-dev';
const revision = '1'.repeat(40);
const digest = `sha256:${'0'.repeat(64)}`;

/** Events per second from the stream to cards in the read model, beside loops that do nothing but consume and put. */
export async function measureProjector(scale: Scale): Promise<Figure[]> {
  const count = scale.full ? 10_000 : 3000;
  const projected = await projectorRate(count);
  const serial = await bareRate(count, 1);
  const pipelined = await bareRate(count, 256);
  const what = `projector, ${count.toLocaleString('en')} reports that change 500 cards`;
  return [
    {
      what,
      value: projected,
      unit: 'events/s',
      floor: { what: 'bare consume-and-put loop, one at a time', value: serial },
      budget: { words: 'at least 0.5×', met: projected >= serial / 2 },
    },
    {
      what: 'the same',
      value: projected,
      unit: 'events/s',
      floor: { what: 'bare consume-and-put loop, 256 puts on the way', value: pipelined },
    },
  ];
}

function toStatus(application: string, index: number): ReleaseStatus {
  const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: 'Ready.', lastTransitionTime: '' };
  return {
    environment,
    organization: 'acme',
    application,
    revision,
    appliedRevision: revision,
    ready: { ...ready, status: 'True' },
    replicas: { ready: index, desired: index },
    routes: [],
    inventory: [],
  };
}

const names = Array.from({ length: 500 }, (_item, index) => `app${index}`);
const nameOf = (index: number) => names[index % names.length] ?? '';

function toEvent(index: number) {
  const status = toStatus(nameOf(index), index);
  return makeEvent('io.openova.catalyst.release.reported', '/gitops', randomUUID(), Date.now(), status);
}

const subjectOf = (index: number) => environmentSubject(environment, 'flux', nameOf(index));

async function projectorRate(count: number): Promise<number> {
  const kit = await startNatsKit();
  const shared = { clock: testClock, logger: testLogger };
  const spine = await createEventSpine({ access: kit.access, ...shared });
  const readModel = await createReadModel({ access: kit.access, ...shared });
  const database = createSqliteDatabase({ path: join(kit.directory, 'database.sqlite') });
  const gitops = { declare: () => undefined, statuses: () => [] };
  const workloads = {
    availability: () => ({ available: true, message: '' }),
    onAvailability: () => undefined,
    snapshot: () => [],
  };
  const repositories = { head: async () => revision };
  const controller = createApplicationController({ spine, database, gitops, repositories, ...shared });
  const url = (host: string) => `http://${host}:8080`;
  const projector = createProjector({ spine, readModel, gitops, workloads, database, url, ...shared });
  try {
    await controller.start();
    await projector.start();
    await inParallel(names.length, 32, (index) => controller.sink(toUpdate(nameOf(index))));
    const desired = (index: number) =>
      readModel.get<ApplicationView>(applicationKey(environment, nameOf(index)))?.value.pods.desired;
    await eventually('the cards are there', () =>
      names.every((_name, index) => desired(index) !== undefined),
    );
    const publisher = await connectNats(kit.access, 'bench');
    const js = jetstream(publisher);
    const elapsed = await timed(async () => {
      await inParallel(count, 256, (index) => js.publish(subjectOf(index), JSON.stringify(toEvent(index))));
      const lastOnes = names.map((_name, back) => count - 1 - back);
      await eventually(
        'the last report of each is projected',
        () => lastOnes.every((index) => desired(index) === index),
        60_000,
      );
    });
    await publisher.close();
    return (1000 * count) / elapsed;
  } finally {
    await controller.stop();
    await projector.stop();
    await readModel.stop();
    await spine.stop();
    await database.close();
    await kit.dispose();
  }
}

function toUpdate(application: string) {
  return {
    organization: 'acme',
    repository: application,
    ref: 'refs/heads/develop',
    oldRevision: '0'.repeat(40),
    newRevision: revision,
    sequence: 1,
    pusher: { id: 'u1', name: 'Ada', surface: 'console' },
    subject: 'Install',
    time: '2026-01-01T00:00:00.000Z',
    environment,
    declaration: {
      application,
      organization: 'acme',
      environment,
      blueprint: { name: 'bp-web-app', version: '1.0.0', digest },
      requires: [],
      bindings: [],
      hosts: [],
      paused: false,
    },
  } as const;
}

/** The same events, put as they are; `width` puts on the way at a time. */
async function bareRate(count: number, width: number): Promise<number> {
  const kit: NatsKit = await startNatsKit();
  const connection = await connectNats(kit.access, 'bench');
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'bench', subjects: ['ws.>'] });
    await manager.consumers.add('bench', {
      durable_name: 'bench',
      ack_policy: AckPolicy.Explicit,
      max_ack_pending: 4096,
    });
    const js = jetstream(connection);
    // What a key-value bucket is to JetStream, and what `put` is to its client.
    await manager.streams.add({ name: 'KV_bench', subjects: ['$KV.bench.>'], max_msgs_per_subject: 1 });
    const consumer = await js.consumers.get('bench', 'bench');
    const elapsed = await timed(async () => {
      const published = inParallel(count, 256, (index) =>
        js.publish(subjectOf(index), JSON.stringify(toEvent(index))),
      );
      const messages = (await consumer.consume({ max_messages: 512 }))[Symbol.asyncIterator]();
      // Workers take from one iterator, as the loop of one does.
      await inParallel(count, width, async () => {
        const next = await messages.next();
        if (next.done) throw new Error('the consumer ended');
        const event = next.value.json<{ data: ReleaseStatus }>();
        const key = applicationKey(environment, event.data.application);
        await js.publish(`$KV.bench.${key}`, JSON.stringify(event));
        next.value.ack();
      });
      await published;
    });
    return (1000 * count) / elapsed;
  } finally {
    await connection.close();
    await kit.dispose();
  }
}
