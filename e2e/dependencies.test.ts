import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import type { Client } from './kit/client.ts';
import { ensureImages } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { addBlueprint } from './kit/tier-blueprints.ts';
import { until } from './kit/until.ts';

const environment = 'acme-dev';
const stored = { mode: { type: 'string', enum: ['stored', 'volatile'], default: 'stored' } };
const on = (name: string, alias: string, more: object = {}) => ({
  blueprint: `bp-${name}`,
  version: '^1.0',
  alias,
  ...more,
});

/** Five levels: each passes on what the next needs to know, and asks for it only where that says so. */
function addChain(sovereign: Sovereign): void {
  const next = { when: "{{ .config.mode == 'stored' }}", values: { mode: '{{ .config.mode }}' } };
  addBlueprint(sovereign, {
    name: 'front',
    properties: { ...stored, cached: { type: 'boolean', default: false } },
    depends: [
      on('middle', 'api', {
        values: { greeting: 'api-of-{{ .application.name }}', mode: '{{ .config.mode }}' },
      }),
      on('bottom', 'cache', { when: '{{ .config.cached }}', values: { greeting: 'cache' } }),
    ],
  });
  addBlueprint(sovereign, { name: 'middle', properties: stored, depends: [on('store', 'store', next)] });
  addBlueprint(sovereign, { name: 'store', properties: stored, depends: [on('disk', 'disk', next)] });
  addBlueprint(sovereign, {
    name: 'disk',
    properties: stored,
    depends: [on('bottom', 'block', { when: next.when, values: { greeting: 'deepest' } })],
  });
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) addBlueprint(sovereign, { name: 'bottom', version });
}

function addTroublesome(sovereign: Sovereign): void {
  addBlueprint(sovereign, { name: 'ring-a', depends: [on('ring-b', 'b')] });
  addBlueprint(sovereign, { name: 'ring-b', depends: [on('ring-c', 'c')] });
  addBlueprint(sovereign, { name: 'ring-c', depends: [on('ring-a', 'a')] });
  addBlueprint(sovereign, { name: 'greedy', depends: [on('wants', 'w')] });
  addBlueprint(sovereign, { name: 'wants', depends: [on('bottom', 'b', { version: '^7.1' })] });
  addBlueprint(sovereign, {
    name: 'reaching',
    depends: [on('bottom', 'b', { values: { a: '{{ .secrets.x }}' } })],
  });
  addBlueprint(sovereign, { name: 'endless', depends: [on('bottom', 'b', { when: '{{ .config.a == }}' })] });
  addBlueprint(sovereign, {
    name: 'pair',
    composite: true,
    properties: { who: { type: 'string', default: 'pair' } },
    depends: [
      on('bottom', 'block', { version: '^1', values: { greeting: '{{ .config.who }}-block' } }),
      on('disk', 'disk', { values: { greeting: '{{ .config.who }}-disk' } }),
    ],
  });
}

describe('dependencies, by API', { timeout: 500_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  const change = (request: PlanRequest, at = environment) => client.change(at, request);
  const page = async (application: string) =>
    (await fetchLocal(sovereign.port, `${application}.acme-dev.localhost`, '/')).body.trim();
  const running = (application: string) =>
    client.waitFor(environment, application, (view) => view.state === 'Running', 60_000);

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    addChain(sovereign);
    addTroublesome(sovereign);
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'stg'] });
  });
  after(async () => sovereign.destroy());

  it('resolves a chain five levels deep with its conditions, installs it in order, and it runs', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-front',
      values: { greeting: 'hello' },
    });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.applications.map((one) => `${one.application} ${one.blueprint} ${one.version} ${one.change}`),
      [
        'shop-api-store-disk-block bp-bottom 1.1.0 create',
        'shop-api-store-disk bp-disk 1.0.0 create',
        'shop-api-store bp-store 1.0.0 create',
        'shop-api bp-middle 1.0.0 create',
        'shop bp-front 1.0.0 create',
      ],
    );
    assert.deepEqual(
      plan.choices.map((choice) => choice.alias),
      ['api', 'api.store', 'api.store.disk', 'api.store.disk.block'],
    );
    assert.ok(plan.consequences.some((text) => text.includes('"cache" is not needed')));
    await client.apply(environment, plan);
    const view = await running('shop');
    assert.deepEqual(
      view.instances.map((pod) => pod.restarts),
      [0],
    );
    assert.equal(await page('shop'), 'hello(api:api-of-shop(store:store(disk:disk(block:deepest))))');
  });

  it('uses an existing one or makes a new one, per Environment', async () => {
    const request: PlanRequest = {
      action: 'install',
      application: 'outlet',
      blueprint: 'bp-front',
      values: {},
      dependencies: { api: { use: 'existing', application: 'shop-api' } },
    };
    const plan = await client.plan(environment, request);
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(plan.choices[0]?.existing, ['shop-api']);
    assert.deepEqual(
      plan.applications.map((one) => [one.application, one.change]),
      [
        ['shop-api', 'use'],
        ['outlet', 'create'],
      ],
    );
    await client.apply(environment, plan);
    await running('outlet');
    assert.match(await page('outlet'), /^front\(api:api-of-shop/);
    // What runs in one Environment serves no other.
    const elsewhere = await client.plan('acme-stg', request);
    assert.equal(elsewhere.problems[0]?.code, 'NotShared');
    assert.match(elsewhere.problems[0]?.message ?? '', /runs in acme-dev/);
    assert.deepEqual(elsewhere.choices[0]?.existing, []);
    const fresh = await client.plan('acme-stg', {
      ...request,
      dependencies: { api: { use: 'new', name: 'own-api' } },
    });
    assert.deepEqual(fresh.problems, []);
    assert.equal(fresh.applications.at(-2)?.application, 'own-api');
  });

  it('offers no Application that is paused', async () => {
    await change({
      action: 'install',
      application: 'spare',
      blueprint: 'bp-middle',
      values: { mode: 'volatile' },
    });
    await change({ action: 'configure', application: 'spare', paused: true });
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'third',
      blueprint: 'bp-front',
      values: {},
      dependencies: { api: { use: 'existing', application: 'spare' } },
    });
    assert.deepEqual(plan.choices[0]?.existing, ['shop-api']);
    assert.match(plan.problems[0]?.message ?? '', /"spare" is paused/);
    await change({ action: 'configure', application: 'spare', paused: false });
  });

  it('refuses to uninstall what others are bound to, and names them', async () => {
    const plan = await client.plan(environment, { action: 'uninstall', application: 'shop-api' });
    assert.equal(plan.problems[0]?.code, 'InUse');
    assert.match(plan.problems[0]?.message ?? '', /outlet, shop/);
  });

  it('rebinds by a plan that says that data does not move', async () => {
    await running('spare');
    const plan = await client.plan(environment, {
      action: 'rebind',
      application: 'outlet',
      alias: 'api',
      to: { use: 'existing', application: 'spare' },
    });
    assert.deepEqual(plan.problems, []);
    assert.ok(plan.consequences.some((text) => /Data does not move by itself: shop-api keeps/.test(text)));
    assert.deepEqual(
      plan.applications.at(-1)?.files.map((file) => file.path),
      ['overlays/dev/application.yaml', 'overlays/dev/bindings.yaml'],
    );
    await client.apply(environment, plan);
    await until(
      'the page of the other one',
      async () => (await page('outlet')) === 'front(api:middle)',
      40_000,
    );
    const view = await client.application(environment, 'shop-api');
    assert.deepEqual(view.usedBy, ['shop']);
    const again = await client.plan(environment, {
      action: 'rebind',
      application: 'outlet',
      alias: 'api',
      to: { use: 'existing', application: 'spare' },
    });
    assert.equal(again.problems[0]?.code, 'NothingChanges');
  });

  it('makes a dependency whose condition turns true, and lets go of it when it turns false', async () => {
    const cached: PlanRequest = { action: 'configure', application: 'outlet', values: { cached: true } };
    const plan = await client.plan(environment, cached);
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.applications.map((one) => [one.application, one.change]),
      [
        ['outlet-cache', 'create'],
        ['outlet', 'change'],
      ],
    );
    assert.deepEqual(plan.choices.find((choice) => choice.alias === 'cache')?.chosen, { use: 'new' });
    await client.apply(environment, plan);
    await until('both', async () => (await page('outlet')) === 'front(api:middle)(cache:cache)', 45_000);

    const without = await client.plan(environment, { ...cached, values: { cached: false } });
    assert.deepEqual(without.problems, []);
    assert.ok(
      without.consequences.some((text) => /no longer bound to outlet-cache.*stays with its data/.test(text)),
    );
    await client.apply(environment, without);
    await until('one', async () => (await page('outlet')) === 'front(api:middle)', 45_000);
    assert.equal((await client.application(environment, 'outlet-cache')).state, 'Running');
    await change({ action: 'uninstall', application: 'outlet-cache' });
  });

  it('installs a composite as one set whose members serve one another, and takes it back as one', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'duo',
      blueprint: 'bp-pair',
      values: { who: 'both' },
    });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.applications.map((one) => `${one.application} ${one.version}`),
      ['duo-block 1.1.0', 'duo-disk 1.0.0'],
    );
    const base = plan.applications[0]?.files.find((file) => file.path === 'base/application.yaml');
    assert.match(base?.after ?? '', /catalyst\.openova\.io\/set: duo/);
    await client.apply(environment, plan);
    await running('duo-disk');
    assert.equal(await page('duo-disk'), 'both-disk(block:both-block)');
    const used = await client.plan(environment, { action: 'uninstall', application: 'duo-block' });
    assert.match(used.problems[0]?.message ?? '', /duo-disk is bound to it/);
    await change({ action: 'undo', plan: plan.id });
    await until('both are gone', async () => {
      const { items } = await client.json<{ items: { name: string }[] }>(
        'GET',
        `/v1/environments/${environment}/applications`,
      );
      return !items.some((one) => one.name.startsWith('duo'));
    });
  });

  const refusals: { name: string; blueprint: string; code: string; says: RegExp }[] = [
    {
      name: 'a circle',
      blueprint: 'bp-ring-a',
      code: 'DependencyCycle',
      says: /bp-ring-a 1\.0\.0 asks for bp-ring-b \^1\.0 \(alias b\), bp-ring-b 1\.0\.0 asks for bp-ring-c .*, bp-ring-c 1\.0\.0 asks for bp-ring-a/,
    },
    {
      name: 'a range that nothing satisfies',
      blueprint: 'bp-greedy',
      code: 'DependencyMissing',
      says: /bp-greedy 1\.0\.0 asks for bp-wants \^1\.0 \(alias w\), bp-wants 1\.0\.0 asks for bp-bottom \^7\.1 \(alias b\).*2\.0\.0, 1\.1\.0, 1\.0\.0/,
    },
    {
      name: 'a malformed Blueprint',
      blueprint: 'bp-reaching',
      code: 'UnknownBlueprint',
      says: /bp-reaching/,
    },
  ];
  for (const { name, blueprint, code, says } of refusals)
    it(`refuses ${name} with the chain of who asks for what, and changes nothing`, async () => {
      const plan = await client.plan(environment, {
        action: 'install',
        application: 'bad',
        blueprint,
        values: {},
      });
      assert.equal(plan.problems[0]?.code, code);
      assert.match(plan.problems[0]?.message ?? '', says);
      const applied = await client.call('POST', `/v1/environments/${environment}/plans/${plan.id}/apply`);
      assert.equal(applied.status, 404);
    });

  it('lists Blueprints whose conditions or templates cannot be used as malformed, with the place', async () => {
    const { malformed } = await client.json<{
      malformed: { name: string; problems: { code: string; field: string }[] }[];
    }>('GET', '/v1/blueprints');
    const found = malformed.map(({ problems }) => `${problems[0]?.code} ${problems[0]?.field}`).sort();
    assert.deepEqual(found, [
      'InvalidCondition spec.depends.0.when',
      'TemplateScope spec.depends.0.values.a',
    ]);
  });
});
