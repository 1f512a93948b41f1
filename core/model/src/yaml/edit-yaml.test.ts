import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../kubernetes.ts';
import { editYaml, sameJson } from './edit-yaml.ts';
import { parseYamlObject } from './parse-yaml.ts';

const key = fc.stringMatching(/^[a-z]{1,5}$/);
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.boolean(),
    fc.string({ maxLength: 8 }),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(key, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node;
const mapping = fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

describe('editYaml', () => {
  it('always ends up saying what is wanted', () => {
    fc.assert(
      fc.property(mapping, mapping, (before, wanted) => {
        const text = editYaml(stringify(before), wanted);
        assert.ok(sameJson(parse(text) ?? {}, wanted), text);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps comments, order and style of what does not change', () => {
    const text =
      '# head\nzebra: 1 # last of the animals\nlist: [1, 2]\nmap:\n  # why\n  keep: "quoted"\n  drop: 1\n';
    assert.equal(
      editYaml(text, { zebra: 2, list: [1, 2], map: { keep: 'quoted' }, added: true }),
      '# head\nzebra: 2 # last of the animals\nlist: [1, 2]\nmap:\n  # why\n  keep: "quoted"\nadded: true\n',
    );
  });

  it('starts a mapping in an empty file and keeps its comment', () => {
    assert.equal(editYaml('# What differs.\n{}\n', { replicas: 2 }), '# What differs.\nreplicas: 2\n');
  });

  it('keeps the comments inside of lists, on items that stay, are edited, or move', () => {
    const text =
      'env:\n  # the first\n  - name: A # a\n    value: 1 # one\n  # the second\n  - name: B\n    value: 2\nargs:\n  - x # ex\n  - y\n';
    const wanted = {
      env: [
        { name: 'B', value: 2 },
        { name: 'A', value: 3 },
        { name: 'C', value: 4 },
      ],
      args: ['x', 'z', 'y'],
    };
    assert.equal(
      editYaml(text, wanted),
      'env:\n  # the second\n  - name: B\n    value: 2\n  # the first\n  - name: A # a\n    value: 3 # one\n  - name: C\n    value: 4\nargs:\n  - x # ex\n  - z\n  - y\n',
    );
  });

  const anchors: { name: string; text: string; wanted: JsonObject; want: string }[] = [
    {
      name: 'an edited value under an alias breaks that alias alone',
      text: 'small: &small\n  cpu: 1\n  memory: 2\none: *small\ntwo: *small\n',
      wanted: { small: { cpu: 1, memory: 2 }, one: { cpu: 1, memory: 3 }, two: { cpu: 1, memory: 2 } },
      want: 'small: &small\n  cpu: 1\n  memory: 2\none:\n  cpu: 1\n  memory: 3\ntwo: *small\n',
    },
    {
      name: 'an edited anchor takes nothing along',
      text: 'small: &small\n  cpu: 1\none: *small\n',
      wanted: { small: { cpu: 2 }, one: { cpu: 1 } },
      want: 'small: &small\n  cpu: 2\none:\n  cpu: 1\n',
    },
    {
      name: 'an anchor that goes moves to who uses it first',
      text: 'small: &small # why\n  cpu: 1\none: *small\ntwo: *small\n',
      wanted: { one: { cpu: 1 }, two: { cpu: 1 } },
      want: 'one:\n  # why\n  &small\n  cpu: 1\ntwo: *small\n',
    },
    {
      name: 'a merged key is overridden, and the merge stays',
      text: 'base: &base\n  a: 1\n  b: 2\nthing:\n  <<: *base\n  c: 3 # own\n',
      wanted: { base: { a: 1, b: 2 }, thing: { a: 9, b: 2, c: 3 } },
      want: 'base: &base\n  a: 1\n  b: 2\nthing:\n  <<: *base\n  c: 3 # own\n  a: 9\n',
    },
    {
      name: 'a merge is written out where one of its keys goes',
      text: 'base: &base\n  a: 1\n  b: 2\nthing:\n  <<: *base\n  c: 3 # own\n',
      wanted: { base: { a: 1, b: 2 }, thing: { b: 2, c: 3 } },
      want: 'base: &base\n  a: 1\n  b: 2\nthing:\n  c: 3 # own\n  b: 2\n',
    },
  ];
  for (const { name, text, wanted, want } of anchors)
    it(`with anchors: ${name}`, () => {
      assert.equal(editYaml(text, wanted), want);
    });

  it('says what is wanted whatever aliases and merges the text has', () => {
    const node = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.nat(3).map(String),
        fc.constantFrom('*x', '*y'),
        fc.array(tie('node'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
        fc
          .tuple(
            fc.constantFrom('', '&x ', '&y '),
            fc.dictionary(fc.constantFrom('a', 'b', '<<'), tie('node'), { maxKeys: 3 }),
          )
          .map(
            ([anchor, map]) =>
              `${anchor}{${Object.entries(map)
                .map(([name, inner]) => `${name}: ${inner}`)
                .join(', ')}}`,
          ),
      ),
    })).node as fc.Arbitrary<string>;
    const document = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), node, { noNullPrototype: true });
    fc.assert(
      fc.property(document, mapping, fc.boolean(), (lines, other, keepsMost) => {
        const text = Object.entries(lines)
          .map(([name, inner]) => `${name}: ${inner}\n`)
          .join('');
        const parsed = parseYamlObject(text, 'test.yaml');
        if (!parsed.ok) return;
        const wanted = (keepsMost ? { ...parsed.value, ...other } : other) as JsonObject;
        const edited = parseYamlObject(editYaml(text, wanted), 'edited.yaml');
        assert.ok(edited.ok && sameJson(edited.value, wanted), editYaml(text, wanted));
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps every comment of every key that stays', () => {
    const commented = (map: JsonObject, path: string, indent: string): string =>
      Object.entries(map)
        .map(([name, inner]) =>
          inner !== null &&
          typeof inner === 'object' &&
          !Array.isArray(inner) &&
          Object.keys(inner).length > 0
            ? `${indent}# ${path}${name} above\n${indent}${name}:\n${commented(inner as JsonObject, `${path}${name}/`, `${indent}  `)}`
            : `${indent}# ${path}${name} above\n${indent}${name}: ${JSON.stringify(inner)} # ${path}${name} beside\n`,
        )
        .join('');
    const staying = (before: JsonObject, after: JsonObject, path: string): string[] =>
      Object.entries(before).flatMap(([name, inner]) => {
        if (!Object.hasOwn(after, name)) return [];
        const next = after[name];
        const isMap = (one: unknown) => one !== null && typeof one === 'object' && !Array.isArray(one);
        return [
          `# ${path}${name} above`,
          ...(isMap(inner) && isMap(next)
            ? staying(inner as JsonObject, next as JsonObject, `${path}${name}/`)
            : []),
        ];
      });
    fc.assert(
      fc.property(mapping, mapping, (before, wanted) => {
        const text = editYaml(commented(before, '', ''), wanted);
        assert.ok(sameJson(parse(text) ?? {}, wanted), text);
        for (const comment of staying(before, wanted, ''))
          assert.ok(`${text}\n`.includes(`${comment}\n`), `${comment} in\n${text}`);
      }),
      { numRuns: 500 },
    );
  });
});
