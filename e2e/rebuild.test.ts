import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { cardsOf, eventually } from './kit/audit.ts';
import type { Client } from './kit/client.ts';
import { type OpenStream, openStream } from './kit/event-stream.ts';
import { ensureImages } from './kit/images.ts';
import { deleteStreams, streams } from './kit/nats.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-dev';
const installed: Readonly<Record<string, ReturnType<typeof webApp>>> = {
  one: webApp('one'),
  two: webApp('two', { replicas: 2 }),
  idle: webApp('idle', { replicas: 0 }),
  missing: { ...webApp('missing'), image: 'localhost/catalyst-test/none:1' },
};
const recoverWithinMs = 5_000;

interface Frame {
  readonly event: string;
  readonly id: string;
  readonly data: { applications?: ApplicationView[]; name?: string };
}

function framesOf(stream: OpenStream): Frame[] {
  const field = (block: string, name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return stream
    .text()
    .split('\n\n')
    .slice(0, -1)
    .map((block) => ({
      event: field(block, 'event'),
      id: field(block, 'id'),
      data: JSON.parse(field(block, 'data') || '{}') as Frame['data'],
    }))
    .filter(({ event }) => event !== '' && event !== 'ping');
}

/** The cards without what goes on by itself: an image is asked for again and again, and each time something else is true. */
function comparable(cards: readonly ApplicationView[]): unknown[] {
  return cards
    .map((card) =>
      card.name === 'missing' ? { ...card, state: 'not there yet', why: undefined, instances: [] } : card,
    )
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What somebody sees who follows the stream: snapshots replace everything, the rest changes single cards. */
function shownBy(stream: OpenStream): ApplicationView[] {
  const shown = new Map<string, ApplicationView>();
  for (const { event, data } of framesOf(stream)) {
    if (event === 'snapshot') {
      shown.clear();
      for (const card of data.applications ?? []) shown.set(card.name, card);
    } else if (event === 'application-removed') shown.delete(data.name ?? '');
    else if (event === 'application') {
      const card = data as unknown as ApplicationView;
      shown.set(card.name, card);
    }
  }
  return [...shown.values()];
}

describe('the read side is rebuilt from Git, rows and the runtime', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  let stream: OpenStream;

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
    for (const [application, values] of Object.entries(installed))
      await client.change(environment, { action: 'install', application, blueprint: 'bp-web-app', values });
    for (const name of ['one', 'two'])
      await client.waitFor(environment, name, (view) => view.state === 'Running');
    await client.waitFor(environment, 'idle', (view) => view.why?.reason === 'ScaledToZero');
    await client.waitFor(environment, 'missing', (view) => view.state !== 'Installing');
  });
  after(async () => {
    stream?.close();
    await sovereign.destroy();
  });

  /** Reads again and again; whatever is answered with 200 must show the very same. */
  function watchApi(expected: unknown[]) {
    const wrong: string[] = [];
    const told = { same: 0, refused: 0 };
    let stopped = false;
    const loop = (async () => {
      while (!stopped) {
        const answer = await client.call('GET', '/v1/applications?organization=acme&limit=100');
        if (answer.status === 200) {
          const { items } = JSON.parse(answer.body) as { items: ApplicationView[] };
          try {
            assert.deepEqual(comparable(items), expected);
            told.same += 1;
          } catch (error) {
            wrong.push(String(error));
          }
        } else if (answer.status === 503) told.refused += 1;
        else wrong.push(`${answer.status} ${answer.body}`);
        await wait(15);
      }
    })();
    return {
      wrong,
      told,
      async stop() {
        stopped = true;
        await loop;
      },
    };
  }

  async function vanishes(test: TestContext, names: readonly string[]): Promise<void> {
    stream?.close();
    stream = await openStream(sovereign.port, environment, client.token);
    const expected = comparable(await cardsOf(client, 'acme'));
    assert.equal(expected.length, 4);
    await eventually(() => assert.deepEqual(comparable(shownBy(stream)), expected), 5_000);
    const framesBefore = framesOf(stream).length;
    const epochOf = (frame: Frame | undefined) => frame?.id.split('.')[0];
    const epoch = epochOf(framesOf(stream).findLast(({ id }) => id !== ''));
    const api = watchApi(expected);
    const from = performance.now();
    await deleteStreams(sovereign, ...names);
    await eventually(() => {
      const snapshot = framesOf(stream)
        .slice(framesBefore)
        .find(({ event, id }) => event === 'snapshot' && id.split('.')[0] !== epoch);
      assert.ok(snapshot, `no snapshot of a new epoch; frames: ${framesOf(stream).length}`);
    }, recoverWithinMs);
    const tookMs = Math.round(performance.now() - from);
    await wait(1_500);
    await api.stop();
    assert.deepEqual(api.wrong, [], 'answers that showed something else');
    for (const frame of framesOf(stream).slice(framesBefore)) {
      assert.notEqual(frame.event, 'application-removed');
      if (frame.event === 'snapshot') assert.deepEqual(comparable(frame.data.applications ?? []), expected);
    }
    assert.deepEqual(comparable(shownBy(stream)), expected);
    assert.deepEqual(comparable(await cardsOf(client, 'acme')), expected);
    test.diagnostic(
      `snapshot after ${tookMs} ms; API meanwhile: ${api.told.same} same, ${api.told.refused} "being rebuilt"`,
    );
    await stillFollows();
  }

  /** A change reaches the open stream and the API. */
  async function stillFollows(): Promise<void> {
    const greeting = `changed ${Date.now()}`;
    const { commits } = await client.change(environment, {
      action: 'configure',
      application: 'one',
      values: webApp(greeting),
    });
    const isThere = (card: ApplicationView | undefined) =>
      card?.state === 'Running' &&
      card.revision === commits[0]?.revision &&
      // The Pod of the version before is still seen while it ends.
      card.instances.length === card.pods.desired;
    await client.waitFor(environment, 'one', isThere);
    await eventually(() => assert.ok(isThere(shownBy(stream).find(({ name }) => name === 'one'))), 2_000);
  }

  it('when the bucket is deleted', (test) => vanishes(test, [streams.readModel]));

  it('when the event stream is deleted', (test) => vanishes(test, [streams.events]));

  it('when both are deleted at once', (test) => vanishes(test, [streams.events, streams.readModel]));

  async function comesBack(remove: () => Promise<void>): Promise<void> {
    const expected = comparable(await cardsOf(client, 'acme'));
    await remove();
    await sovereign.up();
    // Ready means filled: the first answer is the whole picture.
    assert.deepEqual(
      (await cardsOf(client, 'acme')).map(({ name }) => name),
      Object.keys(installed).sort(),
    );
    await eventually(
      async () => assert.deepEqual(comparable(await cardsOf(client, 'acme')), expected),
      recoverWithinMs,
    );
    stream.close();
    stream = await openStream(sovereign.port, environment, client.token);
    await eventually(() => assert.deepEqual(comparable(shownBy(stream)), expected), 2_000);
    await stillFollows();
  }

  it('when the bucket is deleted while Catalyst is away', () =>
    comesBack(async () => {
      await sovereign.kill();
      await deleteStreams(sovereign, streams.readModel);
    }));

  it('when the event stream is deleted while Catalyst is away', () =>
    comesBack(async () => {
      await sovereign.kill();
      await deleteStreams(sovereign, streams.events);
    }));

  it('when the whole store of nats-server is gone', () =>
    comesBack(async () => {
      await sovereign.interrupt();
      rmSync(join(sovereign.dataDirectory, 'nats/store'), { recursive: true, force: true });
    }));
});
