import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { applicationKey, filledKey } from '@catalyst/model/projection/keys.ts';
import cookie from '@fastify/cookie';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import Fastify, { type FastifyInstance } from 'fastify';
import { connectNats } from '../../events/nats-access.ts';
import {
  eventually,
  type NatsKit,
  startNatsKit,
  testClock,
  testLogger,
} from '../../events/testing/nats-kit.ts';
import { createReadModel, type RunningReadModel } from '../../read-model/nats-read-model.ts';
import { installGuard } from '../http/guard.ts';
import { createOrigins } from '../http/origins.ts';
import { registerStreamRoutes } from './stream-routes.ts';

let kit: NatsKit;
let readModel: RunningReadModel;
let app: FastifyInstance;
let port = 0;
const revoked = new Set<string>();
const fill = () => readModel.put(filledKey, { epoch: readModel.epoch() }, 0);
const put = (name: string, value: object) =>
  readModel.put(applicationKey('acme-dev', name), { name, ...value }, 1);

before(async () => {
  kit = await startNatsKit();
  readModel = await createReadModel({ access: kit.access, logger: testLogger, clock: testClock });
  await fill();
  const actorOf = async (token: string): Promise<Actor | undefined> =>
    revoked.has(token)
      ? undefined
      : {
          id: token,
          name: token,
          email: '',
          sovereignAdmin: false,
          memberships: [{ organization: token.split('-')[0] ?? '', role: 'org-viewer' }],
          surface: 'api',
        };
  const access = { authenticateToken: actorOf, authenticateSession: actorOf };
  app = Fastify();
  await app.register(cookie);
  installGuard(app, { access: access as never, origins: createOrigins('http://localhost:1') });
  const organizations = {
    environment: async (name: string) => (name === 'acme-dev' ? ({} as never) : undefined),
  };
  registerStreamRoutes(app, {
    readModel,
    organizations,
    access,
    clock: testClock,
    logger: testLogger,
    recheckMs: 100,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  port = (app.server.address() as AddressInfo).port;
});
after(async () => {
  await app.close();
  await readModel.stop();
  await kit.dispose();
});

interface Frame {
  readonly event: string;
  readonly id: string;
  readonly data: { name?: string; applications?: { name: string }[]; value?: number };
}

/** Opens a stream; `frames` grows as they arrive. */
async function listen(token: string, lastEventId?: string, environment = 'acme-dev') {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        path: `/v1/environments/${environment}/events`,
        headers: {
          host: 'localhost:1',
          authorization: `Bearer ${token}`,
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
      },
      resolve,
    );
    request.on('error', reject);
    request.end();
  });
  const frames: Frame[] = [];
  let text = '';
  let ended = false;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? '';
      if (field('event'))
        frames.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) });
    }
  });
  response.on('close', () => {
    ended = true;
  });
  return { response, frames, ended: () => ended, close: () => response.destroy() };
}

test('a stream begins with a snapshot, then tells each change and removal', async () => {
  await put('shop', { value: 1 });
  await eventually('it is mirrored', () => readModel.list('ws.acme-dev.').length === 1);
  const stream = await listen('acme-a');
  await eventually('the snapshot', () => stream.frames.length === 1);
  assert.deepEqual(
    stream.frames[0]?.data.applications?.map(({ name }) => name),
    ['shop'],
  );
  await put('blog', { value: 1 });
  await put('shop', { value: 2 });
  await readModel.delete(applicationKey('acme-dev', 'blog'), 2);
  await eventually('all arrive', () => stream.frames.length === 4);
  assert.deepEqual(
    stream.frames.slice(1).map(({ event, data }) => [event, data.name, data.value]),
    [
      ['application', 'blog', 1],
      ['application', 'shop', 2],
      ['application-removed', 'blog', undefined],
    ],
  );
  stream.close();
});

test('a reader goes on from its last id with exactly what it missed', async () => {
  const first = await listen('acme-b');
  await eventually('the snapshot', () => first.frames.length === 1);
  first.close();
  await put('shop', { value: 3 });
  await put('wiki', { value: 1 });
  await eventually('they are mirrored', () => readModel.list('ws.acme-dev.').length === 2);
  const second = await listen('acme-b', first.frames[0]?.id);
  await eventually('both arrive', () => second.frames.length === 2);
  assert.deepEqual(
    second.frames.map(({ event, data }) => [event, data.name]),
    [
      ['application', 'shop'],
      ['application', 'wiki'],
    ],
  );
  second.close();
  for (const id of ['another.5', 'nonsense', '', '9'.repeat(100)]) {
    const other = await listen('acme-b', id);
    await eventually(`a snapshot for "${id}"`, () => other.frames[0]?.event === 'snapshot');
    other.close();
  }
});

test('a new epoch gives a fresh snapshot only when it has been filled again', async () => {
  const stream = await listen('acme-c');
  await eventually('the snapshot', () => stream.frames.length === 1);
  const epoch = readModel.epoch();
  const connection = await connectNats(kit.access, 'test');
  await (await new Kvm(jetstream(connection)).open('catalyst-state')).destroy();
  await connection.close();
  await eventually('a new epoch', () => readModel.epoch() !== epoch);
  await put('shop', { value: 4 });
  await put('wiki', { value: 4 });
  await testClock.sleep(100);
  assert.equal(
    stream.frames.findIndex(({ event, data }) => event === 'snapshot' && data.applications?.length === 0),
    -1,
    'nobody sees an empty Environment',
  );
  await fill();
  await eventually('the snapshot', () => stream.frames.at(-1)?.id.startsWith(readModel.epoch()) ?? false);
  assert.equal(stream.frames.length, 2);
  assert.equal(stream.frames.at(-1)?.data.applications?.length, 2);
  stream.close();
});

test('a token that is revoked ends its stream', async () => {
  const stream = await listen('acme-d');
  await eventually('the snapshot', () => stream.frames.length === 1);
  revoked.add('acme-d');
  await eventually('it ends', stream.ended, 5_000);
});

test('strangers, unknown Environments and too many streams are refused', async () => {
  assert.notEqual((await listen('other-x')).response.statusCode, 200);
  assert.notEqual((await listen('acme-e', undefined, 'acme-prod')).response.statusCode, 200);
  const open = await Promise.all(Array.from({ length: 30 }, () => listen('acme-e')));
  const last = await listen('acme-e');
  assert.notEqual(last.response.statusCode, 200);
  for (const stream of open) stream.close();
});

test('a reader that does not read costs a bounded buffer and gets a snapshot when it reads again', async () => {
  const stream = await listen('acme-f');
  await eventually('the snapshot', () => stream.frames.length === 1);
  stream.response.pause();
  const filler = 'x'.repeat(100_000);
  for (let value = 1; value <= 150; value += 1) await put('big', { value, filler });
  await eventually(
    'the last is mirrored',
    () => readModel.get<{ value: number }>(applicationKey('acme-dev', 'big'))?.value.value === 150,
  );
  stream.response.resume();
  await eventually('a snapshot', () => stream.frames.at(-1)?.event === 'snapshot', 10_000);
  assert.ok(stream.frames.length < 150);
  stream.close();
});
