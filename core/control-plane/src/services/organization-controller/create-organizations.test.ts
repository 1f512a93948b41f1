import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { resourceKey } from '@catalyst/model/projection/keys.ts';
import { toConfigFile } from '@catalyst/model/resources/config-tree.ts';
import { eventually } from '../../events/testing/nats-kit.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import { actor, installShop, openWorld, removedShop, type World } from './testing/organizations-kit.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

const codesOf = (result: { ok: boolean; problems?: readonly { code: string }[] }) =>
  result.ok ? [] : (result.problems ?? []).map(({ code }) => code);

test('an Organization with its Environments is one commit, and the next call sees them', async () => {
  const made = await world.organizations.create(actor, { name: 'acme', environments: ['prod', 'dev'] });
  assert.ok(made.ok);
  assert.equal((await world.organizations.get('acme'))?.metadata.name, 'acme');
  assert.deepEqual(
    (await world.organizations.environments('acme')).map(({ metadata }) => metadata.name),
    ['acme-dev', 'acme-prod'],
  );
  const key = resourceKey('Environment', 'acme-dev');
  await eventually('the read model has it', () => world.readModel.get(key) !== undefined);
});

test('an Environment is made in the size that was asked for, and in none where nobody asked', async () => {
  for (const input of [{ envType: 'stg', size: 'large' }, { envType: 'uat' }] as const)
    assert.deepEqual(codesOf(await world.organizations.createEnvironment(actor, 'acme', input)), []);
  const sizes = (await world.organizations.environments('acme')).map(({ spec }) => [spec.envType, spec.size]);
  assert.deepEqual(sizes, [
    ['dev', undefined],
    ['stg', 'large'],
    ['uat', undefined],
    ['prod', undefined],
  ]);
});

test('names off the rules, reserved and taken ones are refused and change nothing', async () => {
  const head = await world.repositories.head(configRepository, configBranch);
  const create = (name: string) => world.organizations.create(actor, { name, environments: ['dev'] });
  assert.deepEqual(codesOf(await create('A')), ['InvalidName']);
  assert.deepEqual(codesOf(await create('system')), ['ReservedName']);
  assert.deepEqual(codesOf(await create('acme')), ['NameTaken']);
  assert.deepEqual(
    codesOf(await world.organizations.create(actor, { name: 'abc', environments: ['qa' as 'dev'] })),
    ['InvalidEnvType'],
  );
  assert.deepEqual(codesOf(await world.organizations.createEnvironment(actor, 'acme', { envType: 'dev' })), [
    'NameTaken',
  ]);
  assert.deepEqual(codesOf(await world.organizations.createEnvironment(actor, 'none', { envType: 'dev' })), [
    'NotFound',
  ]);
  assert.equal(await world.repositories.head(configRepository, configBranch), head);
});

test('many at once are all made, none twice, also when the head moves under them', async () => {
  world.repositories.failNextCommits(3);
  const names = Array.from({ length: 12 }, (_item, index) => `many-${index % 6}x`);
  const made = await Promise.all(
    names.map((name) => world.organizations.create(actor, { name, environments: ['dev'] })),
  );
  assert.equal(made.filter(({ ok }) => ok).length, 6);
  assert.equal(
    (await world.organizations.list()).filter(({ metadata }) => metadata.name.startsWith('many-')).length,
    6,
  );
});

test('a push to catalyst-config has the same effect', async () => {
  const text = toConfigFile({
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'Organization',
    metadata: { name: 'pushed' },
    spec: { displayName: 'Pushed' },
  });
  await world.repositories.commit({
    repository: configRepository,
    branch: configBranch,
    expectedHead: (await world.repositories.head(configRepository, configBranch)) ?? null,
    changes: { 'organizations/pushed.yaml': text },
    message: 'Add it',
    author: actor,
    pusher: { id: 'u1', name: 'Ada', surface: 'git' },
  });
  await eventually('it is there', async () => (await world.organizations.get('pushed')) !== undefined);
});

test('a deletion says what is lost, wants the exact name, survives a restart, and leaves nothing behind', async () => {
  await installShop(world);
  const lost = await world.organizations.deletion('acme');
  assert.deepEqual(lost.applications, ['acme-dev/shop']);
  assert.deepEqual(lost.repositories, ['acme/shop']);
  assert.deepEqual(
    lost.volumes.map(({ claim }) => claim),
    ['data'],
  );
  assert.deepEqual(codesOf(await world.organizations.delete(actor, 'acme', 'Acme')), ['NotConfirmed']);
  assert.ok((await world.organizations.delete(actor, 'acme', 'acme')).ok);
  await eventually('it waits for the Application', async () =>
    ((await world.organizations.deletions())[0]?.progress ?? '').includes('shop'),
  );
  assert.deepEqual(codesOf(await world.organizations.create(actor, { name: 'acme', environments: [] })), [
    'BeingDeleted',
  ]);
  assert.equal(world.declared.at(-1)?.declaration, null);
  await world.organizations.stop();
  const second = world.open();
  await second.start();
  world.organizations = second;
  assert.equal(world.volumes.length, 1, 'data stays until the Application is gone');
  world.applications.reported(removedShop());
  await eventually('it is gone', async () => (await second.deletions()).length === 0);
  assert.equal(await second.get('acme'), undefined);
  assert.deepEqual(await second.environments('acme'), []);
  assert.deepEqual(await world.repositories.list('acme'), []);
  assert.equal(world.volumes.length, 0);
  assert.ok(world.deletedSecrets.includes('acme-dev/'));
  assert.ok(['acme', 'acme-dev'].every((name) => world.forgotten.includes(name)));
  const key = resourceKey('Organization', 'acme');
  await eventually('the read model forgot it', () => world.readModel.get(key) === undefined);
  assert.ok(
    (await second.create(actor, { name: 'acme', environments: ['dev'] })).ok,
    'the name is free again',
  );
});

test('deleting an Environment uninstalls by commit, deletes its data, and keeps the repository and the Organization', async () => {
  await installShop(world);
  assert.ok((await world.organizations.deleteEnvironment(actor, 'acme-dev', 'acme-dev')).ok);
  const repository = { organization: 'acme', name: 'shop' };
  await eventually('the branch no longer holds it', async () => {
    const head = (await world.repositories.head(repository, 'develop')) ?? '';
    const paths = (await world.repositories.files(repository, head)).map(({ path }) => path);
    return paths.join() === 'CODEOWNERS';
  });
  await eventually('its row says so', async () => (await world.applications.list({}))[0]?.removing === true);
  world.applications.reported(removedShop());
  await eventually('it is gone', async () => (await world.organizations.deletions()).length === 0);
  assert.equal(await world.organizations.environment('acme-dev'), undefined);
  assert.ok(await world.organizations.get('acme'));
  assert.ok(await world.repositories.exists(repository));
  assert.equal(world.volumes.length, 0);
});
