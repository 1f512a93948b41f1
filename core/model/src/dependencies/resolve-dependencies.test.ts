import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Candidate } from './dependency-index.ts';
import { resolveDependencies } from './resolve-dependencies.ts';
import { candidate, catalog, on, request } from './testing/naive-solver.ts';

/** `application blueprint version` per Application, or `code field`. */
function solve(candidates: readonly Candidate[], change: Partial<Parameters<typeof request>[0]> = {}) {
  const outcome = resolveDependencies(request(change), catalog(candidates));
  return outcome.ok
    ? outcome.value.applications.map((one) => `${one.application} ${one.version}`)
    : outcome.problems.map((problem) => `${problem.code} ${problem.field ?? ''}`);
}

const wordpress = [
  candidate('bp-root', '1.0.0', on('bp-wp', '^1', 'web')),
  candidate('bp-wp', '1.0.0', on('bp-db', '^1')),
  candidate('bp-wp', '1.3.0', on('bp-db', '^1.4')),
  candidate('bp-wp', '2.0.0', on('bp-db', '^2')),
];
const databases = ['1.0.0', '1.4.2', '1.5.0-beta.1', '2.0.0'].map((version) => candidate('bp-db', version));

describe('resolveDependencies', () => {
  it('takes the newest in range, dependencies first', () =>
    assert.deepEqual(solve([...wordpress, ...databases]), [
      'app-web-db 1.4.2',
      'app-web 1.3.0',
      'app 1.0.0',
    ]));

  it('takes an older version where the newest cannot have what it needs', () =>
    assert.deepEqual(solve([...wordpress, candidate('bp-db', '1.0.0')]), [
      'app-web-db 1.0.0',
      'app-web 1.0.0',
      'app 1.0.0',
    ]));

  it('uses what is chosen, and asks nothing more below it', () => {
    const outcome = resolveDependencies(
      request({
        choices: { web: { use: 'existing', application: 'site' } },
        existing: [{ application: 'site', blueprint: 'bp-wp', version: '1.3.0' }],
      }),
      catalog([...wordpress, ...databases]),
    );
    assert.ok(outcome.ok);
    assert.deepEqual(outcome.value.applications[0]?.bindings, [{ alias: 'web', application: 'site' }]);
    assert.deepEqual(outcome.value.choices[0]?.existing, ['site']);
  });

  it('takes an older dependent that goes with the chosen Application', () =>
    assert.deepEqual(
      solve([...wordpress, ...databases], {
        choices: { 'web.db': { use: 'existing', application: 'old' } },
        existing: [{ application: 'old', blueprint: 'bp-db', version: '1.1.0' }],
      }),
      ['app-web 1.0.0', 'app 1.0.0'],
    ));

  const refusals: {
    name: string;
    given: readonly Candidate[];
    change?: object;
    want: string;
    says: RegExp;
  }[] = [
    {
      name: 'a range that nothing satisfies',
      given: [...wordpress, candidate('bp-db', '0.9.0')],
      want: 'DependencyMissing dependencies.web.db',
      says: /bp-root 1\.0\.0 asks for bp-wp \^1 \(alias web\), bp-wp 1\.3\.0 asks for bp-db \^1\.4 \(alias db\)\. No version of bp-db in the catalog is within \^1\.4: there is 0\.9\.0\./,
    },
    {
      name: 'a circle',
      given: [
        candidate('bp-root', '1.0.0', on('bp-a')),
        candidate('bp-a', '1.0.0', on('bp-b')),
        candidate('bp-b', '1.0.0', on('bp-a')),
      ],
      want: 'DependencyCycle dependencies.a.b.a',
      says: /bp-root 1\.0\.0 asks for bp-a .*bp-a 1\.0\.0 asks for bp-b .*bp-b 1\.0\.0 asks for bp-a/,
    },
    {
      name: 'a circle of composites',
      given: [candidate('bp-set-a', '1.0.0', on('bp-set-b')), candidate('bp-set-b', '1.0.0', on('bp-set-a'))],
      change: { blueprint: 'bp-set-a' },
      want: 'DependencyCycle dependencies.set-b.set-a',
      says: /bp-set-a 1\.0\.0 asks for bp-set-b/,
    },
    {
      name: 'requirements that disagree on one Application',
      given: [
        candidate('bp-root', '1.0.0', on('bp-a'), on('bp-b')),
        candidate('bp-a', '1.0.0', on('bp-db', '^1')),
        candidate('bp-b', '1.0.0', on('bp-db', '^2')),
        ...databases,
      ],
      change: { choices: { 'a.db': { use: 'new', name: 'db' }, 'b.db': { use: 'new', name: 'db' } } },
      want: 'DependencyConflict dependencies.b.db',
      says: /"db" is to meet all of these: .*bp-a 1\.0\.0 asks for bp-db \^1 \(alias db\); .*bp-b 1\.0\.0 asks for bp-db \^2/,
    },
    {
      name: 'an Application that does not fit',
      given: [...wordpress, ...databases],
      change: {
        choices: { web: { use: 'existing', application: 'x' } },
        existing: [{ application: 'x', blueprint: 'bp-wp', version: '3.0.0' }],
      },
      want: 'DependencyUnfit dependencies.web',
      says: /"x" is bp-wp 3\.0\.0/,
    },
    {
      name: 'an Application that would depend on itself',
      given: [...wordpress, ...databases],
      change: {
        choices: { web: { use: 'existing', application: 'x' } },
        existing: [{ application: 'x', blueprint: 'bp-wp', version: '1.3.0', boundTo: ['app'] }],
      },
      want: 'DependencyCycle dependencies.web',
      says: /"x" cannot serve "app"/,
    },
    {
      name: 'a choice that nothing asks for',
      given: [...wordpress, ...databases],
      change: { choices: { 'web.cache': { use: 'new' } } },
      want: 'UnknownChoice dependencies.web.cache',
      says: /Nothing is asked for under "web\.cache"/,
    },
    {
      name: 'two Applications of one name',
      given: [
        candidate('bp-root', '1.0.0', on('bp-a'), on('bp-b')),
        candidate('bp-a', '1.0.0'),
        candidate('bp-b', '1.0.0'),
      ],
      change: { choices: { b: { use: 'new', name: 'app-a' } } },
      want: 'NameTaken dependencies.b',
      says: /"app-a"/,
    },
    {
      name: 'more than ten levels',
      given: [
        candidate('bp-root', '1.0.0', on('bp-l0')),
        ...Array.from({ length: 11 }, (_, level) =>
          candidate(`bp-l${level}`, '1.0.0', on(`bp-l${level + 1}`)),
        ),
        candidate('bp-l11', '1.0.0'),
      ],
      want: `TooDeep dependencies.${Array.from({ length: 11 }, (_, level) => `l${level}`).join('.')}`,
      says: /10 levels/,
    },
    {
      name: 'more than 500 Applications',
      given: [
        candidate('bp-root', '1.0.0', ...Array.from({ length: 30 }, (_, at) => on('bp-a', '*', `a${at}`))),
        candidate('bp-a', '1.0.0', ...Array.from({ length: 30 }, (_, at) => on('bp-b', '*', `b${at}`))),
        candidate('bp-b', '1.0.0'),
      ],
      want: 'TooLarge dependencies.a15.b19',
      says: /500/,
    },
    {
      name: 'a condition that fails',
      given: [candidate('bp-root', '1.0.0', { ...on('bp-db'), when: '{{ .config.a.b }}' }), ...databases],
      want: 'ConditionFailed spec.depends.0.when',
      says: /"db" of bp-root 1\.0\.0/,
    },
    {
      name: 'a template outside of its scope',
      given: [
        candidate('bp-root', '1.0.0', { ...on('bp-db'), values: { a: '{{ .secrets.x }}' } }),
        ...databases,
      ],
      want: 'TemplateScope spec.depends.0.values.a',
      says: /outside/,
    },
  ];
  for (const { name, given, change, want, says } of refusals)
    it(`refuses ${name}`, () => {
      const outcome = resolveDependencies(request(change ?? {}), catalog(given));
      assert.ok(!outcome.ok);
      assert.equal(`${outcome.problems[0]?.code} ${outcome.problems[0]?.field}`, want);
      assert.match(outcome.problems[0]?.message ?? '', says);
    });

  /** More members of a set than versions, no two of which may have the same one: only trying everything shows that it cannot be. */
  const pigeons = (count: number) => {
    const names = Array.from({ length: count }, (_, at) => `bp-p${at}`);
    const others = (at: number, version: string) =>
      names.slice(at + 1).map((other) => on(other, `<${version} || >${version}`));
    return [
      candidate('bp-set', '1.0.0', ...names.map((name) => on(name))),
      ...names.flatMap((name, at) =>
        names.slice(1).map((_, minor) => candidate(name, `1.${minor}.0`, ...others(at, `1.${minor}.0`))),
      ),
    ];
  };
  for (const [count, code] of [
    [4, 'DependencyConflict'],
    [10, 'TooComplex'],
  ] as const)
    it(`answers ${code} for ${count} members that cannot go together, in bounded time`, () => {
      const began = performance.now();
      const outcome = resolveDependencies(request({ blueprint: 'bp-set' }), catalog(pigeons(count)));
      assert.ok(performance.now() - began < 10_000);
      assert.equal(outcome.ok ? '' : outcome.problems[0]?.code, code);
    });
});
