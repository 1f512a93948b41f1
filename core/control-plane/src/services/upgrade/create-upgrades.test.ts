import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Actor, Membership } from '@catalyst/model/authorization.ts';
import { ok, refused } from '@catalyst/model/problem.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import type { BlueprintSource, BlueprintVersion } from '../../ports/blueprint-source.ts';
import type { Installation } from '../application-controller/installations.ts';
import { createCatalog } from '../catalog/create-catalog.ts';
import { createUpgrades } from './create-upgrades.ts';

const blueprint = 'bp-shop';

function version(number: string, origin = 'catalog', upgrades?: object): BlueprintVersion {
  const spec = { version: number, visibility: 'listed', configSchema: {}, ...(upgrades ? { upgrades } : {}) };
  return {
    name: blueprint,
    version: number,
    origin,
    digest: `sha256:${number}`,
    blueprint: { spec },
  } as unknown as BlueprintVersion;
}

function installed(environment: string, application: string, number: string, name = blueprint): Installation {
  const organization = environment.replace(/-[a-z]+$/, '');
  const declaration = { application, blueprint: { name, version: number, digest: '' } };
  return {
    id: `${environment}/${application}`,
    organization,
    environment,
    application,
    declaration,
  } as unknown as Installation;
}

function person(...memberships: Membership[]): Actor {
  return {
    id: 'u',
    name: 'Dana',
    email: 'd@example.net',
    sovereignAdmin: false,
    memberships,
    surface: 'api',
  };
}
const developer = person({ organization: 'acme', role: 'org-developer' });
const viewer = person({ organization: 'acme', role: 'org-viewer' });
const stranger = person({ organization: 'globex', role: 'org-admin' });
const admin: Actor = { ...person(), sovereignAdmin: true };

const rows = [
  installed('acme-prod', 'b', '1.0.0'),
  installed('acme-dev', 'c', '1.0.0'),
  installed('acme-dev', 'a', '0.9.0'),
  installed('acme-dev', 'new', '1.1.0'),
  installed('acme-dev', 'other', '1.0.0', 'bp-other'),
  installed('globex-dev', 'a', '1.0.0'),
];

function kit() {
  const proposed: string[] = [];
  const source = {
    list: () => [
      version('2.0.0', 'acme'),
      version('1.1.0', 'catalog', { from: ['1.0.x'] }),
      version('1.0.0'),
    ],
    malformed: () => [],
  } as unknown as BlueprintSource;
  const plan = (environment: string, application: string) =>
    ({
      id: `${environment}/${application}`,
      problems: [],
      consequences: ['Something happens.'],
      applications: [
        {
          application,
          objects: application === 'b' ? [] : [{ change: 'change', kind: 'Deployment', name: 'web' }],
          files: [{ path: 'base/application.yaml', change: 'change', before: 'long', after: 'text' }],
        },
      ],
    }) as unknown as Plan;
  const foresee = async (_actor: Actor, environment: string, request: unknown) =>
    ok(plan(environment, (request as { application: string }).application));
  const upgrades = createUpgrades({
    catalog: createCatalog({ source }),
    installations: {
      get: async (environment, application) => rows.find(({ id }) => id === `${environment}/${application}`),
      list: async ({ organization }) => rows.filter((row) => row.organization === organization),
    },
    provisioning: { plan: foresee, foresee },
    policy: async () => ({ protected: false, allowed: true, gates: [] }),
    organizations: { list: async () => ['acme', 'globex'].map((name) => ({ metadata: { name } })) },
    propose: async (_actor, environment, planId, { title }) => {
      proposed.push(`${planId}: ${title}`);
      return environment === 'acme-prod'
        ? refused({ code: 'Conflict', message: 'There is one already.' })
        : ok([{ application: 'c', number: 7 }] as never);
    },
  });
  const idsOf = async (actor: Actor, number = '1.1.0') => {
    const radius = await upgrades.blastRadius(actor, { blueprint, version: number });
    return radius.ok
      ? radius.value.items.map((item) => `${item.environment}/${item.application}`)
      : radius.problems[0]?.code;
  };
  return { upgrades, proposed, idsOf };
}

describe('the blast radius of a version', () => {
  it('has every Application of another version that the caller may see, and no others', async () => {
    const { idsOf } = kit();
    const own = ['acme-dev/a', 'acme-dev/c', 'acme-prod/b'];
    assert.deepEqual(await idsOf(viewer), own);
    assert.deepEqual(await idsOf(stranger), ['globex-dev/a']);
    assert.deepEqual(await idsOf(admin), [...own, 'globex-dev/a']);
    assert.deepEqual(await idsOf(person()), []);
  });

  it('of a private version is for its Organization alone, and does not exist for others', async () => {
    const { idsOf } = kit();
    assert.deepEqual(await idsOf(viewer, '2.0.0'), [
      'acme-dev/a',
      'acme-dev/c',
      'acme-dev/new',
      'acme-prod/b',
    ]);
    assert.equal(await idsOf(stranger, '2.0.0'), 'NotFound');
    assert.deepEqual(await idsOf(admin, '2.0.0'), [
      'acme-dev/a',
      'acme-dev/c',
      'acme-dev/new',
      'acme-prod/b',
    ]);
    assert.equal(await idsOf(admin, '9.9.9'), 'NotFound');
  });

  it('comes in pages, counts what stays the same, and carries no files', async () => {
    const { upgrades } = kit();
    const first = await upgrades.blastRadius(viewer, { blueprint, version: '1.1.0', limit: 2 });
    assert.ok(first.ok && first.value.continue);
    assert.equal(first.value.unchanged, 0);
    assert.deepEqual(first.value.items[0]?.planned?.files, [
      { path: 'base/application.yaml', change: 'change' },
    ]);
    assert.deepEqual(
      first.value.items.map(({ path }) => path.allowed),
      [false, true],
    );
    const second = await upgrades.blastRadius(viewer, {
      blueprint,
      version: '1.1.0',
      limit: 2,
      continue: first.value.continue,
    });
    assert.ok(second.ok && second.value.continue === undefined);
    assert.equal(second.value.unchanged, 1);
    const wrong = await upgrades.blastRadius(viewer, { blueprint, version: '1.1.0', continue: '../../x' });
    assert.equal(wrong.ok ? 'ok' : wrong.problems[0]?.code, 'Invalid');
  });
});

describe('proposing a version', () => {
  const ask = (...ids: string[]) => ({
    version: '1.1.0',
    applications: ids.map((id) => ({
      environment: id.split('/')[0] ?? '',
      application: id.split('/')[1] ?? '',
    })),
  });

  it('opens a pull request each, and says of each why there is none', async () => {
    const { upgrades, proposed } = kit();
    const outcome = await upgrades.propose(
      developer,
      blueprint,
      ask(
        'acme-dev/c',
        'acme-prod/b',
        'acme-dev/other',
        'acme-dev/nobody',
        'globex-dev/a',
        'globex-dev/nobody',
        'x/y',
      ),
    );
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.items.map(({ pullRequest, problems }) => pullRequest ?? problems[0]?.code),
      [7, 'Conflict', 'Invalid', 'NotFound', 'NotFound', 'NotFound', 'NotFound'],
    );
    const [there, nobody] = outcome.value.items.slice(4, 6);
    assert.equal(there?.problems[0]?.message.replace('"a"', '"nobody"'), nobody?.problems[0]?.message);
    assert.deepEqual(proposed, [
      'acme-dev/c: Change c to bp-shop 1.1.0',
      'acme-prod/b: Change b to bp-shop 1.1.0',
    ]);
  });

  it('needs the right to propose', async () => {
    const { upgrades, proposed } = kit();
    const outcome = await upgrades.propose(viewer, blueprint, ask('acme-dev/c'));
    assert.equal(outcome.ok && outcome.value.items[0]?.problems[0]?.code, 'Denied');
    assert.deepEqual(proposed, []);
  });
});
