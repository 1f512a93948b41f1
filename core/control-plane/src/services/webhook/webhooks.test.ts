import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { CreatedWebhook, WebhookEvent } from '@catalyst/model/api/webhooks.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { environmentSubject } from '@catalyst/model/events/subjects.ts';
import { toWebhookSecret } from '@catalyst/model/webhook/signature.ts';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { createGuardedHttp } from '../../adapters/outbound-http/guarded/guarded-http.ts';
import { createEncryptedFileSecrets } from '../../adapters/secrets/encrypted-file/encrypted-file-secrets.ts';
import { createEventSpine } from '../../events/nats-event-spine.ts';
import { eventually, type NatsKit, startNatsKit, testClock } from '../../events/testing/nats-kit.ts';
import type { Logger } from '../../ports/logger.ts';
import { createWebhooks } from './create-webhooks.ts';
import { createPullRequestPublisher } from './pull-request-publisher.ts';
import { knownStatesTable, messagesTable, webhooksTable } from './tables.ts';

interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const actor: Actor = {
  id: 'u',
  name: 'Ada',
  email: 'ada@example.org',
  sovereignAdmin: false,
  memberships: [],
  surface: 'api',
};
const lines: string[] = [];
const logger: Logger = {
  debug: (fields, message) => void lines.push(JSON.stringify([fields, message])),
  info: (fields, message) => logger.debug(fields, message),
  warn: (fields, message) => logger.debug(fields, message),
  error: (fields, message) => logger.debug(fields, message),
  child: () => logger,
};
const revision = 'b'.repeat(40);

/** Milliseconds that the clock of the service is ahead; sleeping services wake up when it moves. */
let ahead = 0;
const clock = {
  now: () => Date.now() + ahead,
  sleep: (ms: number, signal?: AbortSignal) => testClock.sleep(Math.min(ms, 20), signal),
};

let nats: NatsKit;
let folder: string;
let server: Server;
let port: number;
let received: Received[];
/** Status for a path; undefined hangs up. */
let answer: (path: string, count: number) => number | undefined;

/** `loseAcks`: that many batches are handed over again after they were taken, as when a crash swallows the acknowledgement. */
async function open({ loseAcks = 0 } = {}) {
  const database = createSqliteDatabase({ path: join(folder, 'database.sqlite') });
  const secrets = createEncryptedFileSecrets({ directory: join(folder, 'secrets') });
  const spine = await createEventSpine({ access: nats.access, logger, clock: testClock });
  let ids = 0;
  let lost = 0;
  const forgetful: Pick<typeof spine, 'subscribeBatches'> = {
    subscribeBatches: (durable, filter, handler) =>
      spine.subscribeBatches(durable, filter, async (batch) => {
        await handler(batch);
        if (lost++ < loseAcks) throw new Error('the acknowledgement is lost');
      }),
  };
  const webhooks = createWebhooks({
    database,
    secrets,
    spine: forgetful,
    http: createGuardedHttp({ allowPrivate: true, ownNames: [], timeoutMs: 2000 }),
    clock,
    logger,
    createId: () => `${Date.now()}${ids++}`,
    createSecret: () => toWebhookSecret(randomBytes(32)),
    random: () => 0.5,
    userAgent: 'Catalyst/test',
  });
  const pullRequests = createPullRequestPublisher({ spine, database, clock: testClock, logger });
  await webhooks.start();
  await pullRequests.start();
  return {
    webhooks,
    spine,
    database,
    pullRequests,
    async close() {
      await webhooks.stop();
      await pullRequests.stop();
      await spine.stop();
      await database.close();
      await secrets.close();
    },
  };
}
type Opened = Awaited<ReturnType<typeof open>>;

let reports = 0;
async function report(
  { spine }: Opened,
  application: string,
  over: Partial<ReleaseStatus> = {},
  id?: string,
) {
  const environment = over.environment ?? 'acme-dev';
  const status: ReleaseStatus = {
    environment,
    organization: 'acme',
    application,
    revision,
    appliedRevision: revision,
    ready: {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
    replicas: { ready: 1, desired: 1 },
    routes: [],
    inventory: [],
    ...over,
  };
  const event = makeEvent(
    'io.openova.catalyst.release.reported',
    '/gitops',
    id ?? `report-${process.pid}-${reports++}`,
    clock.now(),
    status,
  );
  await spine.publish(environmentSubject(environment, 'flux', application), event);
}

async function hook({ webhooks }: Opened, path: string, events: WebhookEvent[], organization = 'acme') {
  const made = await webhooks.create(actor, organization, { url: `http://127.0.0.1:${port}${path}`, events });
  assert.ok(made.ok, JSON.stringify(made));
  return made.value;
}
const at = (path: string) => received.filter((one) => one.path === path);

function verify({ headers, body }: Received, secret: string): void {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const want = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  assert.equal(headers['webhook-signature'], want);
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

describe('webhooks', () => {
  let sovereign: Opened;
  before(async () => {
    nats = await startNatsKit();
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const path = request.url ?? '';
        received.push({ path, headers: request.headers, body });
        const status = answer(path, at(path).length);
        if (status === undefined) request.socket.destroy();
        else response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await nats.dispose();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'catalyst-webhooks-'));
    received = [];
    answer = () => 204;
    sovereign = await open();
  });
  afterEach(async () => {
    await sovereign.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tells those who asked, signed, once, and nobody of another Organization', async () => {
    const running = await hook(sovereign, '/running', ['application.running']);
    const removed = await hook(sovereign, '/removed', ['application.removed']);
    await hook(sovereign, '/other', ['application.running'], 'globex');
    await report(sovereign, 'shop');
    await report(sovereign, 'shop');
    await report(sovereign, 'shop', { removed: true });
    await eventually('both came', () => at('/running').length === 1 && at('/removed').length === 1);
    await testClock.sleep(200);
    assert.equal(received.length, 2);
    const [one] = at('/running');
    const [two] = at('/removed');
    assert.ok(one && two);
    verify(one, running.secret);
    verify(two, removed.secret);
    assert.equal(one.headers['content-type'], 'application/json');
    const body = JSON.parse(one.body);
    assert.equal(body.type, 'application.running');
    assert.deepEqual(
      [body.data.environment, body.data.application, body.data.state],
      ['acme-dev', 'shop', 'Running'],
    );
    await eventually('the log says so', async () => {
      const [entry] = (await sovereign.webhooks.deliveries('acme', running.id, 10)) ?? [];
      return entry?.delivered === true && entry.status === 204 && entry.id === one.headers['webhook-id'];
    });
    assert.equal(await sovereign.webhooks.deliveries('globex', running.id, 10), undefined);
  });

  it('tells of pull requests, which wait in a row for the stream', async () => {
    await hook(sovereign, '/pr', ['pull-request.opened', 'pull-request.merged']);
    const told: string[] = [];
    const following = await sovereign.spine.subscribe('told', '>', async ({ event }) => {
      if (event.type === 'io.openova.catalyst.pull-request.changed') told.push(event.data.change);
    });
    const changed = {
      organization: 'acme',
      repository: 'shop',
      number: 7,
      title: 'More',
      environment: 'acme-prod',
      destination: 'main',
      head: revision,
      content: revision,
      by: { id: 'u', name: 'Ada' },
    } as const;
    await sovereign.pullRequests.record({ ...changed, change: 'opened' }, 1);
    await sovereign.pullRequests.record({ ...changed, change: 'updated' }, 2);
    await sovereign.database.transaction((tables) =>
      sovereign.pullRequests.record({ ...changed, change: 'merged', mergedRevision: revision }, 3, tables),
    );
    await eventually('both came', () => at('/pr').length === 2);
    await testClock.sleep(200);
    // The stream has an order, deliveries have none: several are on their way at once.
    await following.stop();
    assert.deepEqual(told, ['opened', 'updated', 'merged']);
    assert.deepEqual(
      at('/pr')
        .map(({ body }) => [JSON.parse(body).type, JSON.parse(body).data.number])
        .sort(),
      [
        ['pull-request.merged', 7],
        ['pull-request.opened', 7],
      ],
    );
  });

  it('rows that nothing can be made of end no start, and hold up no other ones', async () => {
    const running = await hook(sovereign, '/running', ['application.running']);
    const { database } = sovereign;
    const createdAt = '2026-01-01T00:00:00.000Z';
    const row = { message: 'm', event: 'application.running', body: '{}', createdAt, attempts: 0 } as const;
    const due = { ...row, pending: true, dueAt: 0 };
    await database.table(messagesTable).put({ ...due, id: 'wh_0/m', webhook: 'wh_0' });
    await database.table(messagesTable).put({ ...due, id: 'wh_1/m', webhook: 'wh_1' });
    await database.table(messagesTable).put({ ...due, id: `${running.id}/m`, webhook: running.id });
    const broken = { id: 'wh_1', organization: 'acme', active: true, url: 'no address', createdAt };
    await database.table(webhooksTable).put({ ...broken, events: [], createdBy: 'Ada' });
    await database.table(knownStatesTable).put({ id: 'x', organization: 'acme' } as never);
    await sovereign.close();
    sovereign = await open();
    await eventually('the good one came', () => at('/running').length === 1);
  });

  it('tells of a broken glass and of its end', async () => {
    await hook(sovereign, '/glass', ['break-glass.opened', 'break-glass.closed']);
    const changed = {
      organization: 'acme',
      environment: 'acme-prod',
      id: 'glass-1',
      by: { id: 'omar', name: 'Omar' },
      reason: 'The shop is down.',
      until: '2026-01-01T00:30:00.000Z',
    };
    const ended = {
      ...changed,
      change: 'closed',
      ended: 'hand',
      endedBy: { id: 'ada', name: 'Ada' },
    } as const;
    await sovereign.pullRequests.recordBreakGlass({ ...changed, change: 'opened' });
    await sovereign.pullRequests.recordBreakGlass(ended);
    await eventually('both came', () => at('/glass').length === 2);
    const bodies = at('/glass').map(({ body }) => JSON.parse(body) as { type: string; data: object });
    assert.deepEqual(bodies.map(({ type }) => type).sort(), ['break-glass.closed', 'break-glass.opened']);
    const { change: _kind, ...said } = ended;
    assert.deepEqual(bodies.find(({ type }) => type === 'break-glass.closed')?.data, said);
  });

  it('tries again with the same id, later each time, and says so in the log', async () => {
    answer = (_path, count) => (count === 1 ? undefined : count === 2 ? 500 : 200);
    const made = await hook(sovereign, '/flaky', ['application.running']);
    await report(sovereign, 'shop');
    await eventually('the first attempt is written down', async () => (await log(made)).length === 1);
    const [first] = await log(made);
    assert.ok(first?.nextAttemptAt && Date.parse(first.nextAttemptAt) - Date.parse(first.at) >= 4_000);
    await testClock.sleep(200);
    assert.equal(at('/flaky').length, 1, 'not before it is due');
    ahead += 6_000;
    await eventually('the second', async () => (await log(made)).length === 2);
    ahead += 30_000;
    await eventually('the third', async () => (await log(made)).length === 3);
    assert.deepEqual(
      (await log(made)).map(({ attempt, status, delivered }) => [attempt, status, delivered]),
      [
        [3, 200, true],
        [2, 500, false],
        [1, undefined, false],
      ],
    );
    assert.equal(new Set(at('/flaky').map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.equal(new Set(at('/flaky').map(({ body }) => body)).size, 1);
    for (const one of at('/flaky')) verify(one, made.secret);
    ahead += 100_000_000;
    await testClock.sleep(200);
    assert.equal(at('/flaky').length, 3);
  });

  const log = async (made: CreatedWebhook) =>
    (await sovereign.webhooks.deliveries('acme', made.id, 100)) ?? [];

  it('switches off at once at 410, and after a day without success, each with the reason', async () => {
    answer = (path) => (path === '/gone' ? 410 : 503);
    const gone = await hook(sovereign, '/gone', ['application.running']);
    const down = await hook(sovereign, '/down', ['application.running']);
    await report(sovereign, 'shop');
    await eventually('410', () => sovereign.webhooks.find('acme', gone.id)?.active === false);
    assert.match(sovereign.webhooks.find('acme', gone.id)?.disabledReason ?? '', /410/);
    for (let round = 1; round < 11; round++) {
      await eventually(`attempt ${round}`, async () => (await log(down)).length === round);
      assert.equal(sovereign.webhooks.find('acme', down.id)?.active, true);
      ahead += 8 * 3_600_000;
    }
    await eventually('off', () => sovereign.webhooks.find('acme', down.id)?.active === false);
    assert.match(sovereign.webhooks.find('acme', down.id)?.disabledReason ?? '', /503/);
    await report(sovereign, 'other');
    await testClock.sleep(200);
    assert.equal(at('/down').length, 11);
    const changed = await sovereign.webhooks.change('acme', down.id, { active: true });
    assert.ok(changed.ok && changed.value.active && changed.value.disabledReason === undefined);
    answer = () => 200;
    await report(sovereign, 'third');
    await eventually('on again', () => at('/down').length === 12);
  });

  it('delivers after a restart what was taken before, with the same id', async () => {
    answer = () => 503;
    const made = await hook(sovereign, '/restart', ['application.running']);
    await report(sovereign, 'shop');
    await eventually('an attempt', async () => (await log(made)).length === 1);
    await sovereign.close();
    answer = () => 200;
    sovereign = await open();
    await testClock.sleep(200);
    assert.equal(at('/restart').length, 1, 'not before it is due');
    ahead += 10_000;
    await eventually('it came', () => at('/restart').length === 2);
    assert.equal(new Set(at('/restart').map(({ headers }) => headers['webhook-id'])).size, 1);
  });

  it('says once what the stream hands over again', async () => {
    await sovereign.close();
    sovereign = await open({ loseAcks: 4 });
    await hook(sovereign, '/again', ['application.running', 'application.changed']);
    await report(sovereign, 'shop');
    const update = {
      organization: 'acme',
      environment: 'acme-dev',
      repository: 'shop',
      ref: 'refs/heads/develop',
      oldRevision: '0'.repeat(40),
      newRevision: revision,
      sequence: 1,
      pusher: { id: 'u', name: 'Ada', surface: 'git' },
      subject: 'Install',
      time: '2026-01-01T00:00:00Z',
      declaration: null,
    } as const;
    const id = `ref-${process.pid}`;
    const event = makeEvent('io.openova.catalyst.git.ref-updated', '/git', id, clock.now(), update);
    await sovereign.spine.publish(environmentSubject('acme-dev', 'git', revision), event);
    await report(sovereign, 'second');
    await eventually('all came', () => at('/again').length === 3);
    await testClock.sleep(500);
    assert.equal(at('/again').length, 3);
    assert.equal(new Set(at('/again').map(({ headers }) => headers['webhook-id'])).size, 3);
  });

  it('is not told the past, nor what happens after it is removed', async () => {
    await report(sovereign, 'old');
    await testClock.sleep(300);
    const made = await hook(sovereign, '/new', ['application.running']);
    await report(sovereign, 'old');
    await report(sovereign, 'young');
    await eventually('the new one', () => at('/new').length === 1);
    assert.ok(await sovereign.webhooks.remove('acme', made.id));
    assert.equal(await sovereign.webhooks.remove('acme', made.id), false);
    await report(sovereign, 'late');
    await testClock.sleep(200);
    assert.equal(at('/new').length, 1);
    assert.deepEqual(sovereign.webhooks.list('acme'), []);
  });

  it('pings and delivers again on demand', async () => {
    const made = await hook(sovereign, '/now', ['application.running']);
    const ping = await sovereign.webhooks.ping('acme', made.id);
    assert.ok(ping.ok && ping.value.delivered && ping.value.event === 'ping');
    const again = await sovereign.webhooks.redeliver('acme', made.id, ping.value.id);
    assert.ok(again.ok && again.value.attempt === 2 && again.value.id === ping.value.id);
    assert.equal(at('/now').length, 2);
    const none = await sovereign.webhooks.redeliver('acme', made.id, 'msg_none');
    assert.ok(!none.ok && none.problems[0]?.code === 'NotFound');
    const foreign = await sovereign.webhooks.ping('globex', made.id);
    assert.ok(!foreign.ok && foreign.problems[0]?.code === 'NotFound');
    const bad = await sovereign.webhooks.create(actor, 'acme', {
      url: 'http://169.254.169.254/',
      events: ['ping'],
    });
    assert.ok(!bad.ok && bad.problems[0]?.code === 'BlockedUrl');
  });

  it('sends few at once to one receiver, and keeps others going', async () => {
    let open_ = 0;
    let most = 0;
    const slow = createServer((request, response) => {
      open_ += 1;
      most = Math.max(most, open_);
      request.resume();
      setTimeout(() => {
        open_ -= 1;
        response.end();
      }, 100);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    await sovereign.webhooks.create(actor, 'acme', { url, events: ['application.running'] });
    await hook(sovereign, '/fast', ['application.running']);
    const names = Array.from({ length: 30 }, (_, index) => `app-${index}`);
    await Promise.all(names.map((name) => report(sovereign, name)));
    await eventually('the fast one has all', () => at('/fast').length === 30);
    slow.close();
    slow.closeAllConnections();
    assert.equal(most, 4);
  });

  it('leaves the secret in no log, no row and no file but its sealed one, and forgets an Organization', async () => {
    const made = await hook(sovereign, '/secret', ['application.running']);
    await report(sovereign, 'shop');
    await eventually('it came', async () => (await log(made)).length === 1);
    const needles = [made.secret, made.secret.slice('whsec_'.length)];
    const views = JSON.stringify([sovereign.webhooks.list('acme'), await log(made)]);
    await sovereign.close();
    const texts = [...filesBelow(folder), ...filesBelow(nats.directory)].map((path) => readFileSync(path));
    for (const needle of needles) {
      assert.ok(!views.includes(needle) && !lines.some((line) => line.includes(needle)));
      assert.ok(texts.every((text) => !text.includes(needle)));
      assert.ok(at('/secret').every((one) => !JSON.stringify(one).includes(needle)));
    }
    sovereign = await open();
    await sovereign.webhooks.removeOrganization('acme');
    await sovereign.webhooks.removeOrganization('acme');
    assert.deepEqual(sovereign.webhooks.list('acme'), []);
    assert.ok(!filesBelow(join(folder, 'secrets')).some((path) => path.includes(made.id)));
  });
});
