import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createQuietWatch, startIdleCollection } from './idle-collection.ts';

const elapsedMs = 5_000;
const play = (...cpuMs: readonly number[]) => {
  const watch = createQuietWatch();
  return cpuMs.map((ms) => watch({ cpuMs: ms, elapsedMs }));
};

test('memory is given back once, after work that was followed by quiet', () => {
  assert.deepEqual(play(4_000, 4_000, 100, 100, 100, 100), [false, false, false, true, false, false]);
});

test('not while it goes on, not in a pause of it, and not for a trifle', () => {
  assert.ok(play(...Array.from({ length: 50 }, () => 400)).every((over) => !over));
  assert.ok(play(4_000, 10, 4_000, 10, 4_000).every((over) => !over));
  assert.ok(play(300, 10, 10, 10).every((over) => !over));
});

test('what trickles in is noticed in the end', () => {
  assert.equal(play(...Array.from({ length: 50 }, () => 100)).filter(Boolean).length, 2);
});

test('it looks at what this process has used, and collects thoroughly, until it is stopped', async () => {
  const asked: unknown[] = [];
  let user = 3_000_000;
  const parts = { collect: (how?: unknown) => void asked.push(how), usage: () => ({ user, system: 0 }) };
  const collection = startIdleCollection({ ...parts, everyMs: 20 });
  const started = performance.now();
  while (asked.length === 0 && performance.now() - started < 10_000) await wait(5, undefined, { ref: true });
  assert.deepEqual(asked, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }]);
  collection.stop();
  user += 3_000_000;
  await wait(200);
  assert.equal(asked.length, 1);
});
