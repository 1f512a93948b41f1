import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Blueprint } from '../resources/blueprint.ts';
import { findCompositeCycles } from './composite-cycles.ts';
import { parseBlueprint } from './validate.ts';

const depends = [{ blueprint: 'bp-a', version: '^1', alias: 'a' }];
const composite = (fields: object) => ({
  apiVersion: 'catalyst.openova.io/v1alpha1',
  kind: 'Blueprint',
  metadata: { name: 'bp-bundle' },
  spec: {
    version: '1.0.0',
    card: { title: 'Bundle', tagline: 'A bundle', category: 'composite' },
    visibility: 'listed',
    configSchema: { type: 'object' },
    ...fields,
  },
});

describe('composites', () => {
  const cases: { name: string; given: object; want: string[] }[] = [
    { name: 'dependencies alone', given: { depends }, want: [] },
    { name: 'no dependency', given: {}, want: ['spec.depends'] },
    {
      name: 'a chart',
      given: { depends, manifests: { source: { kind: 'HelmChart', ref: './chart' } } },
      want: ['spec.manifests'],
    },
    {
      name: 'a secret',
      given: { depends, secrets: [{ name: 's', keys: [{ name: 'k', generate: { kind: 'hex' } }] }] },
      want: ['spec.secrets'],
    },
    {
      name: 'a service',
      given: { depends, provides: { service: 's', port: 80 } },
      want: ['spec.provides'],
    },
    {
      name: 'itself',
      given: { depends: [{ blueprint: 'bp-bundle', version: '*', alias: 'me' }] },
      want: ['spec.depends.0.blueprint'],
    },
  ];
  for (const { name, given, want } of cases)
    it(name, () => {
      const result = parseBlueprint(stringify(composite(given)));
      assert.deepEqual(result.ok ? [] : result.problems.map((problem) => problem.field), want);
      if (result.ok) assert.deepEqual(result.value.warnings, []);
    });
});

type Sketch = Record<string, { composite?: boolean; needs?: Record<string, string> }>;

/** Keys are `<name> <version>`. */
function sketch(given: Sketch): Blueprint[] {
  return Object.entries(given).map(([key, { composite: bundle, needs }]) => {
    const [name, version] = key.split(' ');
    return {
      metadata: { name },
      spec: {
        version,
        card: { category: bundle ? 'composite' : 'general' },
        depends: Object.entries(needs ?? {}).map(([blueprint, range]) => ({
          blueprint,
          version: range,
          alias: blueprint,
        })),
      },
    } as unknown as Blueprint;
  });
}

describe('findCompositeCycles', () => {
  const cases: { name: string; given: Sketch; want: string[] }[] = [
    {
      name: 'a bundle of bundles is none',
      given: {
        'a 1.0.0': { composite: true, needs: { b: '*', c: '*' } },
        'b 1.0.0': { composite: true, needs: { c: '*' } },
        'c 1.0.0': {},
      },
      want: [],
    },
    {
      name: 'a circle of two, seen from each',
      given: {
        'a 1.0.0': { composite: true, needs: { b: '*' } },
        'b 1.0.0': { needs: { a: '^1' } },
        'c 1.0.0': { needs: { a: '*' } },
      },
      want: ['a 1.0.0 > b 1.0.0 > a 1.0.0', 'b 1.0.0 > a 1.0.0 > b 1.0.0'],
    },
    {
      name: 'a circle without a composite is for whoever resolves versions',
      given: { 'a 1.0.0': { needs: { b: '*' } }, 'b 1.0.0': { needs: { a: '*' } } },
      want: [],
    },
    {
      name: 'a newer version that mended it counts',
      given: {
        'a 1.0.0': { composite: true, needs: { b: '^1' } },
        'b 1.0.0': { needs: { a: '*' } },
        'b 1.1.0': {},
      },
      want: [],
    },
    {
      name: 'what hangs below a circle is not on it',
      given: {
        'a 1.0.0': { composite: true, needs: { b: '*' } },
        'b 1.0.0': { composite: true, needs: { a: '*', c: '*' } },
        'c 1.0.0': { composite: true, needs: { d: '*' } },
        'd 1.0.0': {},
      },
      want: ['a 1.0.0 > b 1.0.0 > a 1.0.0', 'b 1.0.0 > a 1.0.0 > b 1.0.0'],
    },
  ];
  for (const { name, given, want } of cases)
    it(name, () =>
      assert.deepEqual(
        findCompositeCycles(sketch(given)).map(({ chain }) => chain.join(' > ')),
        want,
      ),
    );

  it('finds a composite exactly when it can be reached from itself', () => {
    const size = 7;
    const edges = fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 14 });
    fc.assert(
      fc.property(edges, fc.array(fc.boolean(), { minLength: size, maxLength: size }), (pairs, bundles) => {
        const given = sketch(
          Object.fromEntries(
            bundles.map((composite, at) => [
              `n${at} 1.0.0`,
              {
                composite,
                needs: Object.fromEntries(
                  pairs.filter(([from]) => from === at).map(([, to]) => [`n${to}`, '*']),
                ),
              },
            ]),
          ),
        );
        const reach = bundles.map(() => new Set<number>());
        for (const _ of bundles)
          for (const [from, to] of pairs) for (const end of [to, ...(reach[to] ?? [])]) reach[from]?.add(end);
        const found = new Set(findCompositeCycles(given).map(({ blueprint }) => blueprint.metadata.name));
        for (const [at, composite] of bundles.entries())
          if (composite) assert.equal(found.has(`n${at}`), reach[at]?.has(at), `n${at}`);
      }),
    );
  });

  it('stays quick over a large catalog', () => {
    const given: Sketch = {};
    for (let at = 0; at < 5000; at++)
      for (const version of ['1.0.0', '1.1.0', '2.0.0', '2.1.0'])
        given[`n${at} ${version}`] = {
          composite: at % 2 === 0,
          needs: { [`n${at + 1}`]: '^2', [`n${at + 2}`]: '*' },
        };
    const blueprints = sketch(given);
    const begin = performance.now();
    assert.deepEqual(findCompositeCycles(blueprints), []);
    assert.ok(performance.now() - begin < 3000);
  });
});
