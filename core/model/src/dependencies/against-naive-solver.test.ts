import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { resolveDependencies } from './resolve-dependencies.ts';
import { candidate, catalog, depend, request, solveNaively } from './testing/naive-solver.ts';

describe('against a solver that tries everything', () => {
  const range = fc.constantFrom('*', '*', '^1', '^1', '^2', '<1.1', '>=1.1', '>=1.0.0', '9.x');
  const names = ['bp-a', 'bp-b', 'bp-c', 'bp-d', 'bp-e'] as const;
  const version = fc.constantFrom('1.0.0', '1.1.0', '2.0.0', '2.0.0-rc.1');
  /** Mostly on what comes later in the alphabet, for otherwise nearly everything is a circle. */
  const candidateOf = (at: number) => {
    const later = fc.constantFrom(...names.slice(Math.min(at + 1, names.length - 1)));
    const target = fc.oneof(
      { weight: 12, arbitrary: later },
      { weight: 1, arbitrary: fc.constantFrom(...names) },
    );
    const dependency = fc
      .tuple(target, range, fc.constantFrom('x', 'y'))
      .map(([name, wanted, alias]) => depend(name, wanted, alias));
    const depends = fc.uniqueArray(dependency, {
      maxLength: at === names.length - 1 ? 0 : 2,
      selector: (one) => one.alias,
    });
    return fc.tuple(fc.constant(names[at] ?? ''), version, depends, fc.integer({ min: 0, max: 19 }));
  };
  const candidates = fc.uniqueArray(
    fc.integer({ min: 0, max: names.length - 1 }).chain((at) => candidateOf(at)),
    { minLength: 6, maxLength: 13, selector: ([name, one]) => `${name} ${one}` },
  );
  const roots = fc.tuple(
    fc.constantFrom('bp-root', 'bp-set'),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...names), range, fc.constantFrom('x', 'y', 'z')), {
      minLength: 1,
      maxLength: 3,
      selector: ([, , alias]) => alias,
    }),
  );
  const sharing = fc.option(fc.constantFrom(['x', 'y'], ['x.x', 'y.x'], ['x', 'y.y'], ['y', 'x.x.x']), {
    nil: [],
  });

  it('finds the same pick, or none where there is none', () => {
    let solved = 0;
    fc.assert(
      fc.property(candidates, roots, sharing, (list, [name, asked], together) => {
        const index = catalog([
          candidate(
            name,
            '1.0.0',
            ...asked.map(([blueprint, wanted, alias]) => depend(blueprint, wanted, alias)),
          ),
          ...names.map((one) => candidate(one, '1.0.1')),
          ...list.map(([one, at, needs, provides]) => ({
            ...candidate(one, at, ...needs),
            provides: provides > 0,
          })),
        ]);
        const asking = request({
          blueprint: name,
          choices: Object.fromEntries(
            together.map((path) => [path, { use: 'new' as const, name: 'common' }]),
          ),
        });
        const naive = solveNaively(asking, index, 20_000);
        fc.pre(naive !== 'too many');
        const outcome = resolveDependencies(asking, index);
        const aborted =
          !outcome.ok && /NameTaken|UnknownChoice|DependencyUnfit/.test(outcome.problems[0]?.code ?? '');
        fc.pre(!aborted && naive !== 'aborted');
        const found = outcome.ok
          ? outcome.value.applications
              .map((one) => `${one.application} ${one.blueprint} ${one.version}`)
              .sort()
          : undefined;
        if (found) solved += 1;
        assert.deepEqual(found, naive);
      }),
      { numRuns: 1000 },
    );
    assert.ok(solved > 200, `only ${solved} had an answer`);
  });
});
