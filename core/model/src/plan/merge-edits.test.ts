import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../kubernetes.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import { mergeEdits } from './merge-edits.ts';

const variable = (name: string, value: string) => ({ name, value });

const cases: {
  name: string;
  base: JsonObject;
  theirs: JsonObject;
  mine: JsonObject;
  merged?: JsonObject;
  fields?: string[];
}[] = [
  {
    name: 'other fields on both sides',
    base: { a: 1, b: 1 },
    theirs: { a: 2, b: 1 },
    mine: { a: 1, b: 3 },
    merged: { a: 2, b: 3 },
  },
  {
    name: 'the same change on both sides',
    base: { a: 1 },
    theirs: { a: 2 },
    mine: { a: 2 },
    merged: { a: 2 },
  },
  {
    name: 'a field that one side takes away',
    base: { a: 1, b: 1 },
    theirs: { a: 1, b: 1 },
    mine: { b: 1 },
    merged: { b: 1 },
  },
  {
    name: 'fields inside of maps that both sides add',
    base: {},
    theirs: { probe: { path: '/' } },
    mine: { probe: { port: 80 } },
    merged: { probe: { path: '/', port: 80 } },
  },
  {
    name: 'items of named lists',
    base: { environment: [variable('A', '1'), variable('B', '1')] },
    theirs: { environment: [variable('A', '2'), variable('B', '1'), variable('C', '1')] },
    mine: { environment: [variable('A', '1'), variable('B', '3'), variable('D', '1')] },
    merged: { environment: [variable('A', '2'), variable('B', '3'), variable('C', '1'), variable('D', '1')] },
  },
  {
    name: 'a field that both change',
    base: { a: 1, b: 1 },
    theirs: { a: 2, b: 5 },
    mine: { a: 3, b: 1 },
    fields: ['a'],
    merged: { a: 2, b: 5 },
  },
  {
    name: 'what one changes and the other takes away',
    base: { m: { a: 1 } },
    theirs: { m: {} },
    mine: { m: { a: 2 } },
    fields: ['m.a'],
  },
  {
    name: 'an item that both change',
    base: { environment: [variable('GREETING', 'a')] },
    theirs: { environment: [variable('GREETING', 'b')] },
    mine: { environment: [variable('GREETING', 'c')] },
    fields: ['environment[GREETING].value'],
  },
  {
    name: 'lists without names as wholes',
    base: { args: ['a'] },
    theirs: { args: ['a', 'b'] },
    mine: { args: ['c'] },
    fields: ['args'],
  },
];

const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.nat(2),
    fc.array(fc.nat(2), { maxLength: 2 }),
    fc.uniqueArray(fc.record({ name: fc.constantFrom('x', 'y', 'z'), value: fc.nat(2) }), {
      selector: ({ name }) => name,
    }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).node;
const mapping = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, {
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;

describe('mergeEdits', () => {
  for (const { name, base, theirs, mine, merged, fields = [] } of cases)
    it(`merges or tells ${name}`, () => {
      const outcome = mergeEdits(base, theirs, mine);
      assert.deepEqual(
        outcome.conflicts.map(({ field }) => field),
        fields,
      );
      if (merged) assert.deepEqual(outcome.merged, merged);
    });

  it('takes a side that is alone in changing anything, and never complains then', () => {
    fc.assert(
      fc.property(mapping, mapping, (base, other) => {
        for (const outcome of [
          mergeEdits(base, other, base),
          mergeEdits(base, base, other),
          mergeEdits(base, other, other),
        ]) {
          assert.deepEqual(outcome.conflicts, []);
          assert.ok(sameJson(outcome.merged, other));
        }
      }),
    );
  });

  it('complains of the same fields whichever side is called mine', () => {
    fc.assert(
      fc.property(mapping, mapping, mapping, (base, theirs, mine) => {
        const fields = (outcome: ReturnType<typeof mergeEdits>) =>
          outcome.conflicts.map(({ field }) => field).sort();
        assert.deepEqual(fields(mergeEdits(base, theirs, mine)), fields(mergeEdits(base, mine, theirs)));
      }),
    );
  });
});
