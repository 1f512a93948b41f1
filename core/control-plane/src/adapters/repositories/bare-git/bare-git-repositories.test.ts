import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { repositoriesContract } from '../../../ports/repositories.contract.ts';
import { request, shop, valueIn } from '../../../ports/repositories.kit.contract.ts';
import { startKit } from './testing/repositories-kit.ts';

repositoriesContract('Bare Git', () => startKit());

it('writes what git fsck finds no fault with', async () => {
  const kit = await startKit();
  const repository = { organization: 'acme', name: 'shop' };
  const by = {
    author: { name: 'Zoë', email: 'z@x' },
    pusher: { id: 'u', name: 'Z', surface: 'api' } as const,
  };
  const files = {
    'a/b/c.txt': 'x',
    'a.txt': 'y',
    'a-b': 'z',
    'ä/ö.txt': '',
    'big.bin': new Uint8Array(300_000),
  };
  const made = await kit.repositories.create({
    repository,
    branches: { develop: files, main: {} },
    head: 'develop',
    message: 'Install\n\nLong\0text',
    ...by,
  });
  assert.ok(made.ok);
  const commit = await kit.repositories.commit({
    repository,
    branch: 'develop',
    expectedHead: made.value[0]?.newRevision ?? null,
    changes: { 'a/b/d.txt': 'new', 'a.txt': null },
    message: '',
    ...by,
  });
  assert.ok(commit.ok);
  const directory = join(kit.directory, 'repositories/acme/shop.git');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', directory, ...args], { encoding: 'utf8' });
  assert.equal(git('fsck', '--strict', '--full', '--no-dangling').trim(), '');
  assert.equal(git('symbolic-ref', 'HEAD').trim(), 'refs/heads/develop');
  // Five names, each ended by a NUL.
  assert.equal(git('ls-tree', '-r', '--name-only', '-z', 'develop').split('\0').length, 6);
  await kit.dispose();
});

it('answers nothing of a repository that was deleted, also when another one has its name', async () => {
  const kit = await startKit();
  const { repositories } = kit;
  const files = { 'a.txt': 'secret of the first' };
  const wanted = { ...request({}, null), repository: shop, branches: { develop: files }, head: 'develop' };
  const [first] = valueIn(await repositories.create(wanted));
  const revision = first?.newRevision ?? '';
  assert.ok(await repositories.read(shop, revision, 'a.txt'));
  assert.equal((await repositories.files(shop, revision)).length, 1);
  assert.ok(await repositories.delete(shop));
  valueIn(await repositories.create({ ...wanted, branches: { develop: { 'b.txt': 'of the second' } } }));
  assert.equal(await repositories.read(shop, revision, 'a.txt'), undefined);
  assert.equal(await repositories.treeOf(shop, revision, ''), undefined);
  await assert.rejects(repositories.files(shop, revision), { code: 'NotFound' });
  await kit.dispose();
});

it('says when the sink has taken what was acknowledged, and does not wait long for one that refuses', async () => {
  const kit = await startKit();
  const { repositories, told } = kit;
  const make = async (repository: { organization: string; name: string }) =>
    valueIn(
      await repositories.create({
        ...request({}, null),
        repository,
        branches: { develop: { 'a.txt': 'a' } },
        head: 'develop',
      }),
    );
  const names = () => told.map(({ repository }) => repository);
  await make(shop);
  await repositories.settled(shop.organization);
  assert.deepEqual(names(), ['shop']);
  kit.failSink(true);
  await make({ organization: 'globex', name: 'slow' });
  const first = await Promise.race([
    repositories.settled('globex').then(() => 'globex'),
    repositories.settled(shop.organization).then(() => 'acme'),
  ]);
  assert.equal(first, 'acme', 'what another Organization waits for is not its affair');
  await repositories.settled('globex');
  assert.deepEqual(names(), ['shop']);
  kit.failSink(false);
  for (let tries = 0; tries < 20 && names().length < 2; tries += 1) await repositories.settled('globex');
  assert.deepEqual(names(), ['shop', 'slow']);
  await kit.dispose();
});
