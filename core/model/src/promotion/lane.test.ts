import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toBlueprintMatrix } from '../projection/blueprint-matrix.ts';
import type { ApplicationView } from '../views/application-view.ts';
import { describeStep, type StepFacts } from './lane-step.ts';
import { besideEachOther, diffSettings } from './settings-difference.ts';

const password = { type: 'string', 'x-catalyst-ui-hint': 'password' };

describe('settings of two Environments', () => {
  const schema = {
    properties: {
      admin: { properties: { token: password, name: {} } },
      users: { items: { properties: { secret: password } } },
      vault: { 'x-catalyst-ui-hint': 'password' },
    },
  };

  test('differ field by field, seen from the destination', () => {
    assert.deepEqual(diffSettings({ a: 1, b: { c: 2 } }, { a: 1, b: { c: 3, d: 4 } }, []), [
      { path: 'b.c', before: 2, after: 3 },
      { path: 'b.d', after: 4 },
    ]);
  });

  for (const { name, source } of [
    { name: 'a password', source: { admin: { token: 'hush' } } },
    { name: 'a password inside of what is new', source: { admin: { token: 'hush', name: 'x' } } },
    { name: 'a password inside of a list', source: { users: [{ secret: 'hush' }] } },
    { name: 'everything below a password', source: { vault: { deep: { deeper: 'hush' } } } },
  ])
    test(`do not show ${name}`, () => {
      // What either version calls a password is hidden, whichever schema comes first.
      for (const schemas of [[schema], [{}, schema]]) {
        const shown = JSON.stringify([
          diffSettings({}, source, schemas),
          diffSettings({ admin: { token: 'hush!' }, users: [{ secret: 'hush!' }] }, source, schemas),
          besideEachOther(source, {}, schemas),
        ]);
        assert.doesNotMatch(shown, /hush/);
        assert.match(shown, /not shown/);
      }
    });

  test('are bounded, and the rest is counted', () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_item, index) => [`f${index}`, 'x']));
    assert.equal(diffSettings({}, many, []).length, 201);
    assert.equal(diffSettings({}, many, []).at(-1)?.path, '… 50 more fields');
    assert.equal(besideEachOther(many, {}, []).length, 200);
    const [long] = besideEachOther({ a: 'y'.repeat(5_000) }, {}, []);
    assert.ok(String(long?.from).length < 2_100);
  });
});

describe('the way between two neighbours', () => {
  const facts: StepFacts = {
    application: 'shop',
    from: 'acme-dev',
    to: 'acme-stg',
    source: true,
    destination: true,
    commits: 3,
    fileCount: 2,
    own: [],
    conflicts: [],
  };
  const cases: { name: string; given: Partial<StepFacts>; promotable: boolean; why: RegExp }[] = [
    { name: 'carries', given: {}, promotable: true, why: /changes 2 files of acme-stg in 3 commits\.$/ },
    { name: 'is empty', given: { fileCount: 0 }, promotable: false, why: /Everything of acme-dev is in/ },
    { name: 'has no source', given: { source: false }, promotable: false, why: /not installed in acme-dev/ },
    { name: 'is the first', given: { destination: false }, promotable: true, why: /for the first time/ },
    {
      name: 'names what the destination has of its own',
      given: { fileCount: 0, own: ['README.md'] },
      promotable: false,
      why: /changes of its own that acme-dev lacks \(README\.md\)/,
    },
    {
      name: 'asks about what changed on both sides',
      given: { conflicts: ['base/values.yaml'], fileCount: 0 },
      promotable: true,
      why: /asks which of the two stays/,
    },
  ];
  for (const { name, given, promotable, why } of cases)
    test(name, () => {
      const found = describeStep({ ...facts, ...given });
      assert.equal(found.promotable, promotable);
      assert.match(found.why, why);
    });
});

describe('the Applications of a Blueprint', () => {
  const view = (name: string, version: string, blueprint = 'bp-web') =>
    ({ name, blueprint: { name: blueprint, version, digest: '' }, state: 'Running' }) as ApplicationView;
  const of = { organization: 'acme', blueprint: 'bp-web', newest: '2.0.0' };

  test('are rows by name, with the newest version marked', () => {
    const matrix = toBlueprintMatrix(of, [
      {
        name: 'acme-dev',
        views: [view('shop', '2.0.0'), view('blog', '1.0.0'), view('db', '1.0.0', 'bp-db')],
      },
      { name: 'acme-prod', views: [view('shop', '1.0.0')] },
    ]);
    assert.deepEqual(matrix.environments, ['acme-dev', 'acme-prod']);
    assert.deepEqual(
      matrix.applications.map(({ name, cells }) => [
        name,
        cells.map(({ environment, version, newest }) => `${environment} ${version} ${newest}`),
      ]),
      [
        ['blog', ['acme-dev 1.0.0 false']],
        ['shop', ['acme-dev 2.0.0 true', 'acme-prod 1.0.0 false']],
      ],
    );
    assert.equal(matrix.continue, undefined);
  });

  test('come in pages that leave nobody out', () => {
    const names = Array.from({ length: 450 }, (_item, index) => `app-${String(index).padStart(3, '0')}`);
    const columns = [{ name: 'acme-dev', views: names.map((name) => view(name, '1.0.0')) }];
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = toBlueprintMatrix(of, columns, after);
      assert.ok(page.applications.length <= 200);
      seen.push(...page.applications.map(({ name }) => name));
      after = page.continue;
    } while (after !== undefined);
    assert.deepEqual(seen, names);
  });
});
