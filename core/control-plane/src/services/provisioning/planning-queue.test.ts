import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ok } from '@catalyst/model/problem.ts';
import { createPlanningQueue } from './planning-queue.ts';

describe('the planning queue', () => {
  it('runs a few at a time in the order in which they came, and refuses what is too many', async () => {
    const queue = createPlanningQueue({ atOnce: 2, waiting: 3 });
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const results = Array.from({ length: 7 }, (_item, index) =>
      queue.run(async () => {
        begun.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        return ok(index);
      }),
    );
    const refusals = await Promise.all(results.slice(5));
    assert.deepEqual(
      refusals.map((result) => (result.ok ? 'ok' : result.problems[0]?.code)),
      ['TooMany', 'TooMany'],
    );
    assert.deepEqual(begun, [0, 1]);
    for (let ended = 0; ended < 5; ended += 1) {
      ends[ended]?.();
      await results[ended];
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(begun, [0, 1, 2, 3, 4].slice(0, Math.min(ended + 3, 5)));
    }
  });

  it('lets those who ask take turns, and refuses one who asks for too much without refusing others', async () => {
    const queue = createPlanningQueue({ atOnce: 1, waitingEach: 3 });
    const begun: string[] = [];
    const ask = (by: string, index: number) =>
      queue.run(async () => {
        begun.push(`${by}${index}`);
        await new Promise((resolve) => setImmediate(resolve));
        return ok(undefined);
      }, by);
    const outcomes = await Promise.all([
      ...[0, 1, 2, 3, 4].map((index) => ask('a', index)),
      ask('b', 0),
      ask('b', 1),
      ask('c', 0),
    ]);
    assert.deepEqual(
      outcomes.map(({ ok: fine }) => fine),
      [true, true, true, true, false, true, true, true],
    );
    assert.deepEqual(begun, ['a0', 'a1', 'b0', 'c0', 'a2', 'b1', 'a3']);
  });

  it('goes on after a plan that threw', async () => {
    const queue = createPlanningQueue({ atOnce: 1, waiting: 1 });
    await assert.rejects(queue.run(() => Promise.reject(new Error('broken'))));
    assert.deepEqual(await queue.run(async () => ok('next')), { ok: true, value: 'next' });
  });
});
