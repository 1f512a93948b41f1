import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type ChoiceNode, toChoiceTree } from './choice-tree.ts';

const of = (...paths: string[]) => paths.map((alias) => ({ alias }));
const shape = (nodes: readonly ChoiceNode<{ alias: string }>[]): unknown =>
  nodes.map((node) => (node.below.length === 0 ? node.choice.alias : [node.choice.alias, shape(node.below)]));

test('dependencies hang below who asks for them, whatever the order', () => {
  assert.deepEqual(shape(toChoiceTree(of('blog.db.backup', 'cache', 'blog', 'blog.db'))), [
    'cache',
    ['blog', [['blog.db', ['blog.db.backup']]]],
  ]);
});

test('one whose asker has no choice of its own hangs at the nearest that has', () => {
  assert.deepEqual(shape(toChoiceTree(of('a', 'a.b.c', 'x.y'))), [['a', ['a.b.c']], 'x.y']);
});

test('every dependency stands in the tree exactly once', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('.'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), (paths) => {
      const all = (nodes: readonly ChoiceNode<{ alias: string }>[]): string[] =>
        nodes.flatMap((node) => [node.choice.alias, ...all(node.below)]);
      assert.deepEqual(all(toChoiceTree(of(...paths))).sort(), [...paths].sort());
    }),
  );
});
