import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { findConflicts, mergeEdits } from './merge-edits.ts';

const base = { title: 'a', size: 1, mail: { host: 'h', port: 25 }, list: [1] };
const none: ReadonlySet<string> = new Set();

test('changes of different fields are put together, at any depth', () => {
  const mine = { ...base, title: 'mine', mail: { host: 'h', port: 465 } };
  const theirs = { ...base, size: 2, mail: { host: 'theirs', port: 25 } };
  assert.deepEqual(findConflicts(base, mine, theirs), []);
  assert.deepEqual(mergeEdits(base, mine, theirs, none), {
    title: 'mine',
    size: 2,
    mail: { host: 'theirs', port: 465 },
    list: [1],
  });
});

test('a field that both changed to the same is no conflict', () => {
  const changed = { ...base, title: 'same' };
  assert.deepEqual(findConflicts(base, changed, { ...changed }), []);
});

test('a field that both changed is shown with both sides, and either can be taken', () => {
  const mine = { ...base, title: 'mine', list: [1, 2] };
  const theirs = { ...base, title: 'theirs', list: [3] };
  assert.deepEqual(
    findConflicts(base, mine, theirs).map(({ path, mine: left, theirs: right }) => [path, left, right]),
    [
      ['title', 'mine', 'theirs'],
      ['list', [1, 2], [3]],
    ],
  );
  const merged = mergeEdits(base, mine, theirs, new Set(['title']));
  assert.deepEqual([merged.title, merged.list], ['theirs', [1, 2]]);
});

test('taken away on one side and left alone on the other means taken away; changed there is a conflict', () => {
  const { title: _gone, ...without } = base;
  assert.equal(Object.hasOwn(mergeEdits(base, without, base, none), 'title'), false);
  assert.deepEqual(
    findConflicts(base, without, { ...base, title: 'b' }).map(({ path, mine }) => [path, mine]),
    [['title', undefined]],
  );
});

test('with one side unchanged, the other side is the result', () => {
  const plain = { noNullPrototype: true };
  const values = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(fc.integer(), fc.dictionary(fc.constantFrom('x', 'y'), fc.integer(), plain)),
    plain,
  );
  fc.assert(
    fc.property(values, values, (before, changed) => {
      assert.deepEqual(mergeEdits(before, changed, before, none), changed);
      assert.deepEqual(mergeEdits(before, before, changed, none), changed);
      assert.deepEqual(findConflicts(before, changed, before), []);
    }),
  );
});
