import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import {
  alice,
  author,
  codeOf,
  createShop,
  eventually,
  type RepositoriesUnderTest,
  request,
  shop,
  valueIn,
  type WithRepositories,
  type Work,
} from './repositories.kit.contract.ts';
import { namesContract } from './repositories.names.contract.ts';
import { treesContract } from './repositories.trees.contract.ts';

/** The laws of `Repositories`, for any adapter that was made with `testJudge`. */
export function repositoriesContract(name: string, create: () => Promise<RepositoriesUnderTest>): void {
  const withRepositories = (work: Work) => async () => {
    const subject = await create();
    try {
      await work(subject.repositories, subject);
    } finally {
      await subject.dispose();
    }
  };
  describe(`${name} creates and deletes`, () => creation(withRepositories));
  describe(`${name} commits`, () => commits(withRepositories));
  describe(`${name} refuses`, () => namesContract(withRepositories));
  describe(`${name} tells`, () => telling(withRepositories));
  describe(`${name} branches and merges`, () => treesContract(withRepositories));
}

function creation(withRepositories: WithRepositories): void {
  it(
    'makes a repository whole, once, with an event per branch',
    withRepositories(async (repositories, { told }) => {
      const made = valueIn(await createShop(repositories));
      assert.deepEqual(
        made.map(({ ref, sequence, environment }) => [ref, sequence, environment]),
        [
          ['refs/heads/develop', 1, 'of-develop'],
          ['refs/heads/staging', 2, 'of-staging'],
          ['refs/heads/main', 3, 'of-main'],
        ],
      );
      assert.equal(codeOf(await createShop(repositories)), 'Conflict');
      assert.equal(await repositories.head(shop, 'develop'), made[0]?.newRevision);
      // Branches with the same content share their commit.
      assert.equal(made[1]?.newRevision, made[2]?.newRevision);
      await eventually(() => told.length === 3);
      assert.deepEqual(told, made);
    }),
  );

  it(
    'makes nothing when the judge refuses',
    withRepositories(async (repositories) => {
      assert.equal(codeOf(await createShop(repositories, { 'refuse.yaml': 'x' })), 'Refused');
      assert.equal(await repositories.exists(shop), false);
      assert.deepEqual(await repositories.list('acme'), []);
    }),
  );

  it(
    'lists, deletes for good, and makes anew with the sequence going on',
    withRepositories(async (repositories) => {
      await createShop(repositories);
      assert.deepEqual(await repositories.list('acme'), ['shop']);
      assert.equal(await repositories.delete(shop), true);
      assert.equal(await repositories.delete(shop), false);
      assert.equal(await repositories.exists(shop), false);
      assert.deepEqual(await repositories.history(shop, 'develop'), []);
      assert.equal(valueIn(await createShop(repositories))[0]?.sequence, 4);
    }),
  );

  it(
    'takes no name for a path',
    withRepositories(async (repositories) => {
      for (const organization of ['..', 'a/b', '.git', '', 'A', '-a']) {
        const repository = { organization, name: 'shop' };
        assert.equal(await repositories.exists(repository), false);
        assert.deepEqual(await repositories.list(organization), []);
        assert.equal(await repositories.head(repository, 'main'), undefined);
        const made = await repositories.create({
          repository,
          branches: { main: {} },
          head: 'main',
          message: 'x',
          author,
          pusher: alice,
        });
        assert.equal(codeOf(made), 'Invalid');
      }
    }),
  );
}

function commits(withRepositories: WithRepositories): void {
  it(
    'writes, replaces and deletes files in one commit, and reads them back',
    withRepositories(async (repositories) => {
      const files = { 'base/a.yaml': 'a', 'base/b/c.yaml': 'c', 'z.txt': 'z', 'base.txt': 'order' };
      const first = valueIn(await createShop(repositories, files))[0]?.newRevision ?? '';
      const bytes = Uint8Array.from([0, 255, 10]);
      const changes = { 'base/a.yaml': 'a2', 'base/b/c.yaml': null, 'new/b.bin': bytes };
      const update = valueIn(await repositories.commit(request(changes, first, { message: 'Say\n\nwhy' })));
      assert.equal(update.oldRevision, first);
      assert.equal(update.subject, 'Say');
      const listed = await repositories.files(shop, update.newRevision);
      assert.deepEqual(listed.map(({ path }) => path).sort(), [
        'base.txt',
        'base/a.yaml',
        'new/b.bin',
        'z.txt',
      ]);
      const read = (path: string) => repositories.read(shop, update.newRevision, path);
      assert.deepEqual(await read('new/b.bin'), bytes);
      assert.equal(new TextDecoder().decode(await read('base/a.yaml')), 'a2');
      for (const nothing of ['base/b/c.yaml', 'base', 'none', '../x', 'a\nb'])
        assert.equal(await read(nothing), undefined);
      assert.equal(new TextDecoder().decode(await repositories.read(shop, first, 'base/b/c.yaml')), 'c');
    }),
  );

  it(
    'shows history with who pushed, newest first, page by page',
    withRepositories(async (repositories) => {
      const heads = [valueIn(await createShop(repositories))[0]?.newRevision ?? ''];
      for (const n of [1, 2, 3])
        heads.push(
          valueIn(
            await repositories.commit(
              request({ 'n.txt': String(n) }, heads.at(-1) ?? null, { pusher: { ...alice, id: `u${n}` } }),
            ),
          ).newRevision,
        );
      const all = await repositories.history(shop, 'develop');
      assert.deepEqual(
        all.map(({ revision }) => revision),
        heads.toReversed(),
      );
      assert.deepEqual(
        all.map(({ pusher }) => pusher?.id),
        ['u3', 'u2', 'u1', 'u1'],
      );
      assert.deepEqual(all[0]?.parents, [heads[2]]);
      assert.deepEqual(all[0]?.author, author);
      const page = await repositories.history(shop, 'develop', { limit: 1, before: heads[2] ?? '' });
      assert.deepEqual(
        page.map(({ revision }) => revision),
        [heads[1]],
      );
    }),
  );

  it(
    'lets one of many writers on one head win each round: a hundred commits, a hundred in history, none lost',
    withRepositories(async (repositories, { told }) => {
      await createShop(repositories);
      let conflicts = 0;
      const writer = async (n: number) => {
        for (;;) {
          const head = (await repositories.head(shop, 'develop')) ?? null;
          const result = await repositories.commit(request({ [`w${n}.txt`]: String(n) }, head));
          if (result.ok) return result.value;
          assert.equal(codeOf(result), 'Conflict');
          conflicts++;
        }
      };
      const updates = await Promise.all(Array.from({ length: 100 }, (_, n) => writer(n)));
      assert.ok(conflicts > 0);
      const head = (await repositories.head(shop, 'develop')) ?? '';
      assert.equal((await repositories.files(shop, head)).length, 101);
      const history = await repositories.history(shop, 'develop', { limit: 200 });
      assert.equal(history.length, 101);
      assert.deepEqual(
        updates.map(({ newRevision }) => newRevision).sort(),
        history
          .slice(0, 100)
          .map(({ revision }) => revision)
          .sort(),
      );
      await eventually(() => told.length === 103);
      assert.deepEqual(
        told.map(({ sequence }) => sequence),
        Array.from({ length: 103 }, (_, at) => at + 1),
      );
    }),
  );
}

function telling(withRepositories: WithRepositories): void {
  it(
    'acknowledges while the sink refuses, and tells all in order afterwards',
    withRepositories(async (repositories, { told, failSink }) => {
      failSink(true);
      let head = valueIn(await createShop(repositories))[0]?.newRevision ?? '';
      for (const n of [1, 2, 3])
        head = valueIn(await repositories.commit(request({ n: String(n) }, head))).newRevision;
      assert.equal(told.length, 0);
      failSink(false);
      await eventually(() => told.length === 6);
      assert.deepEqual(
        told.map(({ sequence }) => sequence),
        [1, 2, 3, 4, 5, 6],
      );
    }),
  );

  it(
    'tells after a reopening what was not told before, also of what is deleted',
    withRepositories(async (repositories, subject) => {
      subject.failSink(true);
      const head = valueIn(await createShop(repositories))[0]?.newRevision ?? '';
      await repositories.commit(request({ n: '1' }, head));
      await repositories.delete(shop);
      subject.failSink(false);
      await subject.reopen();
      await eventually(() => subject.told.length === 4);
      assert.deepEqual(
        subject.told.map(({ sequence }) => sequence),
        [1, 2, 3, 4],
      );
    }),
  );

  it(
    'accepts nothing before start and after stop',
    withRepositories(async (repositories) => {
      await repositories.stop();
      await assert.rejects(
        createShop(repositories),
        (error) => error instanceof CatalystError && error.code === 'Unavailable',
      );
    }),
  );
}
