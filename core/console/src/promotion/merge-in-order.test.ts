import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Mergeable, mergeInOrder } from './merge-in-order.ts';

const open: Mergeable = { state: 'open', mergeable: true, why: '' };

async function run(states: Readonly<Record<string, Mergeable>>, refused?: string) {
  const merged: string[] = [];
  const stopped = await mergeInOrder(Object.keys(states), {
    read: async (item) => states[item] ?? open,
    merge: async (item) => {
      if (item === refused) throw new Error('the head moved');
      merged.push(item);
    },
    reasonOf: (error) => (error instanceof Error ? error.message : ''),
  });
  return { merged, stopped };
}

describe('mergeInOrder', () => {
  it('merges all, the first first', async () => {
    assert.deepEqual(await run({ db: open, blog: open }), { merged: ['db', 'blog'], stopped: undefined });
  });
  it('passes over what is merged already', async () => {
    const { merged } = await run({ db: { ...open, state: 'merged' }, blog: open });
    assert.deepEqual(merged, ['blog']);
  });
  it('stops at the first that waits, and merges nothing after it', async () => {
    const { merged, stopped } = await run({
      db: open,
      cache: { ...open, mergeable: false, why: 'It needs 1 more approval.' },
      blog: open,
    });
    assert.deepEqual(merged, ['db']);
    assert.deepEqual(stopped, { item: 'cache', reason: 'It needs 1 more approval.' });
  });
  it('stops at the first that is closed or refused', async () => {
    assert.equal(
      (await run({ db: { ...open, state: 'closed', why: 'Closed.' }, blog: open })).stopped?.item,
      'db',
    );
    const { merged, stopped } = await run({ db: open, blog: open, shop: open }, 'blog');
    assert.deepEqual(merged, ['db']);
    assert.deepEqual(stopped, { item: 'blog', reason: 'the head moved' });
  });
});
