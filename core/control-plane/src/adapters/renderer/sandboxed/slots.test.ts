import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSlots } from './slots.ts';

describe('render slots', () => {
  function bench(count: number) {
    const slots = createSlots(count);
    const running = new Map<string, () => void>();
    const start = (name: string, background = false) =>
      void slots.use(
        async () => {
          await new Promise<void>((resolve) => running.set(name, resolve));
          running.delete(name);
        },
        { background },
      );
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    return { running, start, settle };
  }

  it('keep one place free of the background, and let it wait behind all others', async () => {
    const { running, start, settle } = bench(2);
    for (let plan = 0; plan < 100; plan += 1) start(`plan ${plan}`, true);
    await settle();
    assert.deepEqual([...running.keys()], ['plan 0']);
    start('commit 0');
    start('commit 1');
    await settle();
    assert.deepEqual([...running.keys()], ['plan 0', 'commit 0']);
    running.get('plan 0')?.();
    await settle();
    assert.deepEqual([...running.keys()], ['commit 0', 'commit 1']);
    running.get('commit 0')?.();
    running.get('commit 1')?.();
    await settle();
    assert.deepEqual([...running.keys()], ['plan 1']);
  });

  it('let the background work where there is one place only', async () => {
    const { running, start, settle } = bench(1);
    start('plan', true);
    start('commit');
    await settle();
    assert.deepEqual([...running.keys()], ['plan']);
    running.get('plan')?.();
    await settle();
    assert.deepEqual([...running.keys()], ['commit']);
  });
});
