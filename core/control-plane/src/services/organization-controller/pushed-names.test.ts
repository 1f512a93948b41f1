import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { toConfigFile } from '@catalyst/model/resources/config-tree.ts';
import { createGitClient, startGitServer } from '../../adapters/repositories/bare-git/testing/git-server.ts';
import { eventually } from '../../events/testing/nats-kit.ts';
import { installationsTable } from '../application-controller/installations.ts';
import { environmentsTable } from './resource-tables.ts';
import { actor, installShop, openWorld, removedShop, type World } from './testing/organizations-kit.ts';

let world: World;
let server: Awaited<ReturnType<typeof startGitServer>>;
let git: ReturnType<typeof createGitClient>;
before(async () => {
  world = await openWorld();
  server = await startGitServer(world.repositories);
  git = createGitClient(world.directory);
});
beforeEach(async () => {
  rmSync(join(world.directory, 'config'), { recursive: true, force: true });
  const cloned = await git('.', 'clone', '-q', server.urlOf('alice', 'system/catalyst-config.git'), 'config');
  assert.ok(cloned.ok, cloned.output);
});
after(async () => {
  await server.stop();
  await world.close();
});

const config = (...args: string[]) => git('config', ...args);
const remove = async (...paths: string[]) => {
  assert.ok((await config('rm', '-q', ...paths)).ok);
  assert.ok((await config('commit', '-q', '-m', 'Remove it')).ok);
};
const push = (...options: string[]) =>
  config('push', ...options.flatMap((option) => ['-o', option]), 'origin', 'HEAD:main');
const isGone = (name: string) =>
  eventually(`${name} is gone`, async () => (await world.organizations.deletions()).length === 0);
const create = (name: string) => world.organizations.create(actor, { name, environments: ['dev'] });

test('a push that takes an Organization away is refused with what would be lost, and deletes it by its exact name', async () => {
  assert.ok((await create('globex')).ok);
  await installShop(world, 'globex');
  world.members.set('globex', 3);
  await config('pull', '-q');
  await remove('organizations/globex.yaml', 'environments/globex-dev.yaml');
  for (const options of [[], ['delete=globex-dev'], ['delete=Globex'], ['delete=']]) {
    const refused = await push(...options);
    assert.equal(refused.ok, false, `${options}`);
    if (options.length > 0) continue;
    for (const part of ['globex-dev/shop', 'globex/shop', 'globex-dev/shop/data', 'members (3)'])
      assert.ok(refused.output.includes(part), refused.output);
    assert.match(refused.output, /remote: +git push -o delete=globex/);
  }
  assert.ok(await world.organizations.get('globex'));
  assert.deepEqual(await world.organizations.deletions(), []);
  assert.equal(world.volumes.length, 1);

  const pushed = await push('delete=globex');
  assert.ok(pushed.ok, pushed.output);
  await eventually('it waits for the Application', async () =>
    ((await world.organizations.deletions())[0]?.progress ?? '').includes('shop'),
  );
  const [deletion] = await world.organizations.deletions();
  assert.deepEqual(
    [deletion?.kind, deletion?.name, deletion?.actor.id, deletion?.actor.surface],
    ['Organization', 'globex', 'alice', 'git'],
  );
  const taken = await create('globex');
  assert.equal(taken.ok ? '' : taken.problems[0]?.code, 'BeingDeleted');
  const back = await config('revert', '--no-edit', 'HEAD');
  assert.ok(back.ok, back.output);
  const tooEarly = await push();
  assert.match(tooEarly.output, /remote: .*"globex" is being deleted/);

  world.applications.reported(removedShop('globex'));
  await isGone('globex');
  assert.deepEqual(await world.repositories.list('globex'), []);
  assert.equal(world.volumes.length, 0);
  assert.ok(world.forgotten.includes('globex'));
  assert.ok(world.deletedSecrets.includes('globex-dev/'));
  assert.equal(await world.organizations.get('globex'), undefined);
  assert.deepEqual(await world.organizations.environments('globex'), []);
  const again = await push();
  assert.ok(again.ok, again.output);
  await eventually(
    'it is there again, empty',
    async () => (await world.organizations.get('globex')) !== undefined,
  );
  assert.deepEqual(await world.repositories.list('globex'), []);
});

test('an empty Organization goes without a word, by the same deletion', async () => {
  assert.ok((await create('empty')).ok);
  await config('pull', '-q');
  await remove('organizations/empty.yaml', 'environments/empty-dev.yaml');
  const pushed = await push();
  assert.ok(pushed.ok, pushed.output);
  await eventually('it is gone', async () => (await world.organizations.get('empty')) === undefined);
  await isGone('empty');
  assert.ok(world.forgotten.includes('empty'));
});

test('an Environment goes by its exact name with what it holds, and its repository stays', async () => {
  assert.ok((await create('acme')).ok);
  await installShop(world);
  await config('pull', '-q');
  await remove('environments/acme-dev.yaml');
  const refused = await push('delete=acme');
  assert.match(refused.output, /acme-dev\/shop\/data/);
  assert.match(refused.output, /-o delete=acme: this push takes no such file away/);
  const pushed = await push('delete=acme-dev');
  assert.ok(pushed.ok, pushed.output);
  const repository = { organization: 'acme', name: 'shop' };
  await eventually('the branch no longer holds it', async () => {
    const head = (await world.repositories.head(repository, 'develop')) ?? '';
    return (await world.repositories.files(repository, head)).length === 1;
  });
  await eventually('its row says so', async () => (await world.applications.list({}))[0]?.removing === true);
  world.applications.reported(removedShop());
  await isGone('acme-dev');
  assert.equal(await world.organizations.environment('acme-dev'), undefined);
  assert.ok(await world.repositories.exists(repository));
  assert.equal(world.volumes.length, 0);
});

test('an Environment that comes into the configuration gets what its branches hold', async () => {
  assert.ok((await create('initech')).ok);
  await installShop(world, 'initech');
  world.volumes.length = 0;
  // As an Environment was left that went without a deletion.
  await world.applications.remove('initech-dev', 'shop');
  await world.database.table(environmentsTable).delete('initech-dev');
  assert.equal(world.declared.at(-1)?.declaration, null);
  await config('pull', '-q');
  const path = join(world.directory, 'config/environments/initech-dev.yaml');
  writeFileSync(path, `# Back again.\n`, { flag: 'a' });
  assert.ok((await config('commit', '-q', '-a', '-m', 'Bring it back')).ok);
  const pushed = await push();
  assert.ok(pushed.ok, pushed.output);
  await eventually('it is declared', () => world.declared.at(-1)?.declaration?.application === 'shop');
  const [row] = await world.applications.list({ environment: 'initech-dev' });
  assert.equal(row?.removing, false);
  await eventually('that is done', async () => {
    const known = await world.database.table(environmentsTable).get('initech-dev');
    return known !== undefined && !known.undeclared;
  });

  // The same without a row: what Git says counts, and a later commit is heard.
  await world.database.table(installationsTable).delete('initech-dev/shop');
  await world.database.table(environmentsTable).delete('initech-dev');
  writeFileSync(path, `# Once more.\n`, { flag: 'a' });
  assert.ok((await config('commit', '-q', '-a', '-m', 'Bring it back')).ok);
  assert.ok((await push()).ok);
  await eventually(
    'it is recorded',
    async () => (await world.applications.list({ environment: 'initech-dev' })).length === 1,
  );
  const repository = { organization: 'initech', name: 'shop' };
  const done = await world.repositories.commit({
    repository,
    branch: 'develop',
    expectedHead: (await world.repositories.head(repository, 'develop')) ?? null,
    changes: { 'base/application.yaml': null },
    message: 'Uninstall it',
    author: actor,
    pusher: { id: 'u1', name: 'Ada', surface: 'console' },
  });
  assert.ok(done.ok);
  await eventually('it is uninstalled', async () =>
    (await world.applications.list({ environment: 'initech-dev' })).every(({ removing }) => removing),
  );
});

test('what an earlier Organization left comes to no namesake, and comes back by name', async () => {
  await installShop(world, 'umbrella');
  await world.applications.remove('umbrella-dev', 'shop');
  const refused = await create('umbrella');
  assert.equal(refused.ok ? '' : refused.problems[0]?.code, 'NameTaken');
  assert.match(
    refused.ok ? '' : (refused.problems[0]?.message ?? ''),
    /umbrella\/shop.*-o restore=umbrella/s,
  );
  const apiVersion = 'catalyst.openova.io/v1alpha1' as const;
  const write = (path: string, resource: Parameters<typeof toConfigFile>[0]) => {
    mkdirSync(join(world.directory, 'config', path, '..'), { recursive: true });
    writeFileSync(join(world.directory, 'config', path), toConfigFile(resource));
  };
  write('organizations/umbrella.yaml', {
    apiVersion,
    kind: 'Organization',
    metadata: { name: 'umbrella' },
    spec: {},
  });
  write('environments/umbrella-dev.yaml', {
    apiVersion,
    kind: 'Environment',
    metadata: { name: 'umbrella-dev' },
    spec: { organization: 'umbrella', envType: 'dev' },
  });
  await config('add', '-A');
  await config('commit', '-q', '-m', 'Add it');
  const pushed = await push();
  assert.equal(pushed.ok, false);
  assert.match(pushed.output, /organizations\/umbrella\.yaml: an Organization "umbrella" was here before/);
  const restored = await push('restore=umbrella');
  assert.ok(restored.ok, restored.output);
  await eventually('it runs again', async () =>
    (await world.applications.list({ environment: 'umbrella-dev' })).some(({ removing }) => !removing),
  );
  world.members.set('leftover', 1);
  const members = await create('leftover');
  assert.equal(members.ok ? '' : members.problems[0]?.code, 'NameTaken');
});
