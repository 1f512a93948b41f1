import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ResourceEvent } from '@catalyst/model/events/cloud-event.ts';
import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats } from './nats-access.ts';
import { createEventSpine, type RunningEventSpine } from './nats-event-spine.ts';
import { eventually, type NatsKit, startNatsKit, testClock, testLogger } from './testing/nats-kit.ts';

let kit: NatsKit;
before(async () => {
  kit = await startNatsKit();
});
after(() => kit.dispose());

const open = () => createEventSpine({ access: kit.access, logger: testLogger, clock: testClock });

function event(id: string, name = id): ResourceEvent {
  return {
    specversion: '1.0',
    id,
    source: '/test',
    type: 'io.openova.catalyst.resource.changed',
    time: new Date(0).toISOString(),
    datacontenttype: 'application/json',
    data: { kind: 'Organization', name, revision: '0'.repeat(40) },
  };
}

async function withSpine(work: (spine: RunningEventSpine) => Promise<void>): Promise<void> {
  const spine = await open();
  try {
    await work(spine);
  } finally {
    await spine.stop();
  }
}

test('the same event published twice is delivered once', () =>
  withSpine(async (spine) => {
    const seen: string[] = [];
    await spine.subscribe('twice', 'sv.twice', async ({ event: { id } }) => void seen.push(id));
    const first = await spine.publish('sv.twice', event('same'));
    assert.equal((await spine.publish('sv.twice', event('same'))).sequence, first.sequence);
    await spine.publish('sv.twice', event('other'));
    await eventually('both arrive', () => seen.length === 2);
    assert.deepEqual(seen, ['same', 'other']);
  }));

test('an event that is too large is refused and nothing is published', () =>
  withSpine(async (spine) => {
    const before = await spine.stream();
    await assert.rejects(spine.publish('sv.big', event('big', 'x'.repeat(300_000))), { code: 'TooLarge' });
    assert.equal((await spine.stream()).lastSequence, before.lastSequence);
  }));

test('a handler that fails is tried again and nothing later overtakes', () =>
  withSpine(async (spine) => {
    const seen: string[] = [];
    let failures = 2;
    for (const id of ['a', 'b', 'c']) await spine.publish('sv.fail', event(`fail-${id}`));
    await spine.subscribe('fail', 'sv.fail', async ({ event: { id } }) => {
      if (id === 'fail-b' && failures-- > 0) throw new Error('not yet');
      seen.push(id);
    });
    await eventually('all arrive', () => seen.length === 3);
    assert.deepEqual(seen, ['fail-a', 'fail-b', 'fail-c']);
  }));

test('a durable goes on where it was, in order, after its process vanished in the middle', async () => {
  const first = await open();
  for (let index = 0; index < 40; index += 1) await first.publish('sv.resume', event(`resume-${index}`));
  const seen: number[] = [];
  const indexOf = (id: string) => Number(id.split('-')[1]);
  const hang = Promise.withResolvers<void>();
  // Handles ten, then hangs for ever with the rest delivered and not acknowledged: as a crash leaves it.
  await first.subscribe('resume', 'sv.resume', ({ event: { id } }) => {
    if (indexOf(id) >= 10) return hang.promise;
    seen.push(indexOf(id));
    return Promise.resolve();
  });
  await eventually('ten are handled', () => seen.length === 10);
  await withSpine(async (second) => {
    await second.publish('sv.resume', event('resume-40'));
    await second.subscribe('resume', 'sv.resume', async ({ event: { id } }) => void seen.push(indexOf(id)));
    await eventually('the rest arrives', () => seen.at(-1) === 40);
    const rest = seen.slice(10);
    assert.deepEqual(
      rest,
      Array.from({ length: rest.length }, (_item, index) => 41 - rest.length + index),
    );
    assert.ok(rest.length >= 31, 'nothing unhandled is skipped');
  });
  hang.resolve();
  await first.stop();
});

test('a server killed during publishes loses no acknowledged event, and consumers go on', async () => {
  await withSpine(async (spine) => {
    const acknowledged: string[] = [];
    const seen: string[] = [];
    const subscription = await spine.subscribe(
      'kill',
      'sv.kill',
      async ({ event: { id } }) => void seen.push(id),
    );
    let publishing = true;
    const publisher = (async () => {
      for (let index = 0; publishing; index += 1) {
        await spine.publish('sv.kill', event(`kill-${index}`));
        acknowledged.push(`kill-${index}`);
      }
    })();
    for (let kill = 0; kill < 4; kill += 1) {
      const at = acknowledged.length;
      await eventually('publishes go on', () => acknowledged.length > at + 50, 20_000);
      const pid = kit.server.pid();
      if (pid) process.kill(pid, 'SIGKILL');
      await eventually('it is restarted', () => kit.server.pid() !== undefined && kit.server.pid() !== pid);
    }
    const at = acknowledged.length;
    await eventually('publishes go on', () => acknowledged.length > at + 20, 20_000);
    publishing = false;
    await publisher;
    await eventually('all arrive', () => new Set(seen).size >= acknowledged.length, 20_000);
    const firsts = [...new Set(seen)];
    assert.deepEqual(firsts, acknowledged);
    await subscription.stop();
  });
});

test('a deleted stream is made anew, said so, and goes on', () =>
  withSpine(async (spine) => {
    const seen: string[] = [];
    const lost: string[] = [];
    spine.onStreamLost(({ id }) => lost.push(id));
    await spine.subscribe('deleted', 'sv.deleted', async ({ event: { id } }) => void seen.push(id));
    await spine.publish('sv.deleted', event('before'));
    await eventually('the first arrives', () => seen.length === 1);
    const { id } = await spine.stream();
    const other = await connectNats(kit.access, 'test');
    await (await jetstreamManager(other)).streams.delete('catalyst');
    await other.close();
    await eventually('the loss is noticed', () => lost.length === 1, 3_000);
    assert.notEqual(lost[0], id);
    await spine.publish('sv.deleted', event('after'));
    await eventually('the second arrives', () => seen.length === 2);
  }));
