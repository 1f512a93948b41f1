import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../kubernetes.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import { combineLayers, diffOverlay, mergeValues } from './values.ts';

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString');
const tree = fc.letrec<{ map: JsonObject; value: Json }>((tie) => ({
  map: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as JsonObject),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<Json>(0, 1, '', 'x', true, null),
    fc.array(fc.constantFrom<Json>(1, 'x', null), { maxLength: 2 }) as fc.Arbitrary<Json>,
    tie('map') as fc.Arbitrary<Json>,
  ),
}));

describe('mergeValues', () => {
  const cases: { name: string; layers: JsonObject[]; want: JsonObject }[] = [
    { name: 'maps merge', layers: [{ a: { x: 1 } }, { a: { y: 2 } }], want: { a: { x: 1, y: 2 } } },
    { name: 'arrays replace', layers: [{ a: [1, 2] }, { a: [3] }], want: { a: [3] } },
    {
      name: 'null removes a default',
      layers: [{ a: { x: 1, y: 2 } }, { a: { x: null } }],
      want: { a: { y: 2 } },
    },
    { name: 'a scalar replaces a map', layers: [{ a: { x: 1 } }, { a: 5 }], want: { a: 5 } },
    {
      name: 'a later file brings a removed key back over the default, as Helm does with several -f',
      layers: [{ a: { p: 0 } }, { a: null }, { a: { q: 1 } }],
      want: { a: { p: 0, q: 1 } },
    },
    { name: 'nothing', layers: [], want: {} },
  ];
  for (const { name, layers, want } of cases)
    it(name, () => assert.ok(sameJson(mergeValues(...layers), want)));

  it('keeps __proto__ as data and pollutes nothing', () => {
    const merged = mergeValues({}, JSON.parse('{"__proto__":{"polluted":true}}'));
    assert.ok(Object.hasOwn(merged, '__proto__'));
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.equal(Object.getPrototypeOf(merged), Object.prototype);
  });

  it('leaves no null in a map', () => {
    const clean = (value: Json | undefined): boolean =>
      value === null || typeof value !== 'object' || Array.isArray(value)
        ? true
        : Object.values(value as JsonObject).every((item) => item !== null && clean(item));
    fc.assert(fc.property(tree.map, tree.map, (a, b) => clean(mergeValues(a, b))));
  });

  it('refuses endless depth instead of overflowing the stack', () => {
    let deep: JsonObject = {};
    for (let i = 0; i < 5000; i++) deep = { a: deep };
    assert.throws(() => mergeValues(deep, deep), { code: 'TooLarge' });
  });
});

describe('combineLayers', () => {
  it('keeps nulls, so that the chart sees them', () =>
    assert.deepEqual(combineLayers({ a: 1 }, { a: null }), { a: null }));
});

describe('diffOverlay', () => {
  it('leads from base to what is wanted', () => {
    fc.assert(
      fc.property(tree.map, tree.map, (base, raw) => {
        const wanted = mergeValues(raw);
        return sameJson(mergeValues(base, diffOverlay(base, wanted)), wanted);
      }),
    );
  });

  it('leads there through the defaults of the chart too', () => {
    fc.assert(
      fc.property(tree.map, tree.map, tree.map, (defaults, base, raw) => {
        const wanted = mergeValues(raw);
        return sameJson(mergeValues(defaults, base, diffOverlay(base, wanted, defaults)), wanted);
      }),
      { numRuns: 500 },
    );
  });

  it('is empty when nothing differs', () => {
    fc.assert(
      fc.property(tree.map, tree.map, (defaults, base) =>
        sameJson(diffOverlay(base, mergeValues(defaults, base), defaults), {}),
      ),
    );
  });

  it('names only what differs', () =>
    assert.deepEqual(diffOverlay({ a: { x: 1, y: 2 }, b: [1], c: 3 }, { a: { x: 1, y: 3 }, b: [1] }), {
      a: { y: 3 },
      c: null,
    }));
});
