import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Candidate } from './dependency-index.ts';
import { resolveDependencies } from './resolve-dependencies.ts';
import { candidate, catalog, on, request } from './testing/naive-solver.ts';

const databases = ['1.0.0', '1.4.2', '1.5.0-beta.1', '2.0.0'].map((version) => candidate('bp-db', version));

/** `application version` per Application, or `code field`. */
function solve(candidates: readonly Candidate[], change: Parameters<typeof request>[0] = {}) {
  const outcome = resolveDependencies(request(change), catalog(candidates));
  return outcome.ok
    ? outcome.value.applications.map((one) => `${one.application} ${one.version}`)
    : outcome.problems.map((problem) => `${problem.code} ${problem.field ?? ''}`);
}

describe('conditions and values', () => {
  const given = [
    candidate('bp-root', '1.0.0', {
      ...on('bp-a', '*', 'a'),
      when: "{{ .config.mode == 'embedded' }}",
      values: {
        owner: '{{ .application.name }}',
        size: '{{ .config.size }}',
        deep: { mode: '{{ .config.mode }}' },
      },
    }),
    candidate('bp-a', '1.0.0', { ...on('bp-b', '*', 'b'), when: "{{ .config.deep.mode == 'embedded' }}" }),
    candidate('bp-b', '1.0.0'),
  ];
  it('a true condition makes it, with what the dependent says, at every level', () => {
    const outcome = resolveDependencies(
      request({ values: { mode: 'embedded', size: 3 }, choices: { a: { use: 'new', values: { size: 4 } } } }),
      catalog(given),
    );
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.applications.map((one) => [one.application, one.values]),
      [
        ['app-a-b', {}],
        ['app-a', { owner: 'app', size: 4, deep: { mode: 'embedded' } }],
        ['app', { mode: 'embedded', size: 3 }],
      ],
    );
  });
  it('a false one leaves it out, and says so', () => {
    const outcome = resolveDependencies(request({ values: { mode: 'external' } }), catalog(given));
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.applications.map((one) => [one.application, one.requires.length, one.bindings]),
      [['app', 1, []]],
    );
    assert.deepEqual(
      outcome.value.skipped.map((one) => one.alias),
      ['a'],
    );
  });
});

describe('sets', () => {
  const shop = candidate(
    'bp-set',
    '1.0.0',
    on('bp-db', '^1', 'store'),
    on('bp-wp', '*', 'web'),
    on('bp-cache'),
  );
  const others = [
    candidate('bp-wp', '1.0.0', on('bp-db', '^1.2', 'db')),
    candidate('bp-cache', '1.0.0'),
    ...databases,
  ];
  it('makes its members, and lets a member meet what another needs', () => {
    const outcome = resolveDependencies(
      request({ application: 'shop', blueprint: 'bp-set' }),
      catalog([shop, ...others]),
    );
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.applications.map((one) => [one.application, one.version, one.set, one.bindings]),
      [
        ['shop-store', '1.4.2', 'shop', []],
        ['shop-web', '1.0.0', 'shop', [{ alias: 'db', application: 'shop-store' }]],
        ['shop-cache', '1.0.0', 'shop', []],
      ],
    );
    const choice = outcome.value.choices.find((one) => one.alias === 'web.db');
    assert.deepEqual(
      [choice?.met, choice?.existing, choice?.chosen],
      ['shared', ['shop-store'], { use: 'existing', application: 'shop-store' }],
    );
  });
  it('makes a new one where that was chosen', () =>
    assert.deepEqual(
      solve([shop, ...others], { blueprint: 'bp-set', choices: { 'web.db': { use: 'new' } } }),
      ['app-store 1.4.2', 'app-web-db 1.4.2', 'app-web 1.0.0', 'app-cache 1.0.0'],
    ));
  it('makes a new one where no member can fit', () =>
    assert.deepEqual(
      solve(
        [
          shop,
          candidate('bp-wp', '1.0.0', on('bp-db', '^2', 'db')),
          candidate('bp-cache', '1.0.0'),
          ...databases,
        ],
        {
          blueprint: 'bp-set',
        },
      ),
      ['app-store 1.4.2', 'app-web-db 2.0.0', 'app-web 1.0.0', 'app-cache 1.0.0'],
    ));
  it('takes the version of a member that its users need', () =>
    assert.deepEqual(
      solve(
        [
          shop,
          candidate('bp-wp', '1.0.0', on('bp-db', '<1.4', 'db')),
          candidate('bp-cache', '1.0.0'),
          ...databases,
        ],
        {
          blueprint: 'bp-set',
        },
      ),
      ['app-store 1.0.0', 'app-web 1.0.0', 'app-cache 1.0.0'],
    ));
  it('holds sets in sets', () =>
    assert.deepEqual(
      solve([candidate('bp-set-all', '1.0.0', on('bp-set', '*', 'shop')), shop, ...others], {
        blueprint: 'bp-set-all',
      }),
      ['app-shop-store 1.4.2', 'app-shop-web 1.0.0', 'app-shop-cache 1.0.0'],
    ));
});
