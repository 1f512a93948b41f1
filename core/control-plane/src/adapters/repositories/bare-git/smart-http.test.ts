import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../../../ports/repositories.kit.contract.ts';
import { shop, withServed } from './testing/served.ts';

describe('a real Git client', () => {
  it(
    'pushes: the ref moves, the event names the pusher and the facts, another clone sees it',
    withServed(async ({ write, commitAndPush, git, repositories, told, server, directory }) => {
      write('base/a.yaml', 'a: 2\n');
      const pushed = await commitAndPush();
      assert.ok(pushed.ok, pushed.output);
      const head = (await repositories.head(shop, 'develop')) ?? '';
      await eventually(() => told.length === 3);
      const update = told[2];
      assert.deepEqual(
        [update?.newRevision, update?.sequence, update?.subject, update?.environment],
        [head, 3, 'Edit', 'of-develop'],
      );
      assert.deepEqual(update?.pusher, { id: 'alice', name: 'alice', surface: 'git' });
      const [newest] = await repositories.history(shop, 'develop');
      assert.deepEqual([newest?.pusher?.id, newest?.author.name], ['alice', 'Dev']);
      assert.equal(new TextDecoder().decode(await repositories.read(shop, head, 'base/a.yaml')), 'a: 2\n');
      assert.ok((await git('.', 'clone', '-q', server.urlOf('bob', 'acme/shop.git'), 'other')).ok);
      assert.deepEqual(readdirSync(join(directory, 'other')).sort(), ['.git', 'b.txt', 'base']);
    }),
  );

  it(
    'clones shallow and partial, and fetches what the API committed',
    withServed(async ({ git, work, server, repositories }) => {
      const url = server.urlOf('bob', 'acme/shop.git');
      assert.ok((await git('.', 'clone', '-q', '--depth=1', url, 'shallow')).ok);
      const partial = await git('.', 'clone', '-q', '--filter=blob:none', url, 'partial');
      assert.ok(partial.ok, partial.output);
      assert.doesNotMatch(partial.output, /filtering not recognized/);
      const made = await repositories.commit({
        repository: shop,
        branch: 'develop',
        expectedHead: (await repositories.head(shop, 'develop')) ?? null,
        changes: { 'c.txt': 'from the API' },
        message: 'API',
        author: { name: 'A', email: 'a@x' },
        pusher: { id: 'u', name: 'A', surface: 'api' },
      });
      assert.ok(made.ok);
      assert.ok((await work('pull', '-q', '--ff-only')).ok);
      assert.equal((await work('rev-parse', 'HEAD')).output.trim(), made.value.newRevision);
    }),
  );

  it(
    'makes no state of a branch of commits that only came along with a later one',
    withServed(async ({ write, work, repositories }) => {
      const revisions = [(await work('rev-parse', 'HEAD')).output.trim()];
      for (const text of ['a: 3\n', 'a: 4\n']) {
        write('base/a.yaml', text);
        await work('commit', '-q', '-a', '-m', 'Edit');
        revisions.push((await work('rev-parse', 'HEAD')).output.trim());
      }
      assert.ok((await work('push', '-q', 'origin', 'HEAD:develop')).ok);
      const were = revisions.map((revision) => repositories.wasHead(shop, 'develop', revision));
      assert.deepEqual(await Promise.all(were), [true, false, true]);
    }),
  );

  it(
    'remembers everybody who brought a commit, also who took it away again before another brought it',
    withServed(async ({ write, work, repositories, server }) => {
      const without = (await work('rev-parse', 'HEAD')).output.trim();
      write('base/a.yaml', 'a: 3\n');
      await work('commit', '-q', '-a', '-m', 'Edit');
      const revision = (await work('rev-parse', 'HEAD')).output.trim();
      for (const [name, refspec] of [
        ['dana', 'HEAD:refs/heads/topic'],
        ['dana', ':refs/heads/topic'],
        ['alice', 'HEAD:refs/heads/topic'],
      ] as const)
        assert.ok((await work('push', '-q', server.urlOf(name, 'acme/shop.git'), refspec)).ok, refspec);
      const [commit] = await repositories.commitsBetween(shop, without, revision);
      assert.deepEqual([commit?.pusher?.id, commit?.earlierPushers], ['alice', ['dana']]);
    }),
  );

  it(
    'is refused by the judge with file, field and message; nothing moves and the next push passes',
    withServed(async ({ write, commitAndPush, work, repositories, told }) => {
      const head = await repositories.head(shop, 'develop');
      write('overlays/refuse.yaml', 'bad\u001b[31m\n');
      const refused = await commitAndPush();
      assert.equal(refused.ok, false);
      assert.match(refused.output, /remote: overlays\/refuse\.yaml: spec: has "bad\?\[31m"/);
      assert.equal(await repositories.head(shop, 'develop'), head);
      await work('rm', '-q', 'overlays/refuse.yaml');
      await work('commit', '-q', '--amend', '--allow-empty', '-m', 'Fine');
      const pushed = await work('push', 'origin', 'develop');
      assert.ok(pushed.ok, pushed.output);
      await eventually(() => told.length === 3);
      assert.equal(told[2]?.sequence, 3);
    }),
  );

  it(
    'pushes feature branches and tags, several at once, and removes them',
    withServed(async ({ work, repositories, told }) => {
      await work('tag', '-a', 'v1', '-m', 'One');
      const many = await work(
        'push',
        'origin',
        'HEAD:refs/heads/feature/a',
        'HEAD:refs/heads/feature/b',
        'v1',
      );
      assert.ok(many.ok, many.output);
      assert.ok(await repositories.head(shop, 'feature/b'));
      const gone = await work('push', 'origin', ':feature/a');
      assert.ok(gone.ok, gone.output);
      assert.equal(await repositories.head(shop, 'feature/a'), undefined);
      await eventually(() => told.length === 6);
      assert.match(told[5]?.newRevision ?? '', /^0{40}$/);
    }),
  );

  it(
    'moves branches of Environments, what lies below their names, and others in one push',
    withServed(async ({ work, repositories }) => {
      assert.ok((await work('push', '-q', 'origin', 'HEAD:old')).ok);
      await work('commit', '-q', '--allow-empty', '-m', 'Next');
      const pushed = await work(
        'push',
        'origin',
        'HEAD:develop',
        'HEAD:uat/x',
        'HEAD:poc',
        'HEAD:topic',
        ':old',
      );
      assert.ok(pushed.ok, pushed.output);
      const head = (await work('rev-parse', 'HEAD')).output.trim();
      for (const branch of ['develop', 'uat/x', 'poc', 'topic'])
        assert.equal(await repositories.head(shop, branch), head);
      assert.equal(await repositories.head(shop, 'old'), undefined);
      const refused = await work('push', 'origin', 'HEAD:uat', 'HEAD:main');
      assert.equal(refused.ok, false);
    }),
  );
});

describe('what is hostile is refused before the judge', () => {
  const attacks: [why: string, refspec: string[], want: RegExp][] = [
    [
      'the deletion of an Environment branch',
      [':main'],
      /refs\/heads\/main: the branch of an Environment cannot be deleted/,
    ],
    ['a forced Environment branch', ['+develop~1:refs/heads/develop'], /only moves forward/],
    ['a ref of ours', ['develop:refs/catalyst/x'], /refs\/catalyst\/ is kept by Catalyst/],
    ['the head of a pull request', ['develop:refs/pull/1/head'], /refs\/pull\/ is kept by Catalyst/],
    ['a ref outside of branches and tags', ['develop:refs/notes/x'], /only branches and tags/],
    ['a branch that reads like an option', ['develop:refs/heads/-x'], /only branches and tags|refspec/],
  ];
  it(
    'refs',
    withServed(async ({ write, commitAndPush, work, repositories }) => {
      write('c.txt', 'c');
      assert.ok((await commitAndPush()).ok);
      const heads = [await repositories.head(shop, 'develop'), await repositories.head(shop, 'main')];
      for (const [why, refspec, want] of attacks) {
        const refused = await work('push', 'origin', ...refspec);
        assert.equal(refused.ok, false, why);
        assert.match(refused.output, want, why);
      }
      assert.deepEqual(
        [await repositories.head(shop, 'develop'), await repositories.head(shop, 'main')],
        heads,
      );
    }),
  );

  it(
    'symlinks reach the judge by mode; names that differ in case do not pass',
    withServed(async ({ write, commitAndPush, work, directory }) => {
      symlinkSync('/etc/passwd', join(directory, 'work/link'));
      assert.match((await commitAndPush()).output, /remote: link: A link\./);
      await work('reset', '-q', '--hard', 'origin/develop');
      write('B.txt', 'x');
      assert.match((await commitAndPush()).output, /remote: b\.txt: .*only in case/);
    }),
  );

  it(
    'a pack over the limit, without filling the disk',
    withServed(
      async ({ write, commitAndPush, repositories, directory }) => {
        write('large.bin', randomBytes(30 * 1024 * 1024));
        const refused = await commitAndPush();
        assert.equal(refused.ok, false);
        assert.match(refused.output, /exceeds maximum allowed size|too large|hung up|RPC failed/);
        const objects = readdirSync(join(directory, 'repositories/acme/shop.git/objects'));
        assert.deepEqual(
          objects.filter((entry) => entry.startsWith('tmp_objdir')),
          [],
        );
        assert.equal((await repositories.history(shop, 'develop')).length, 1);
      },
      { maxInputBytes: 1024 * 1024 },
    ),
  );
});

describe('a client that goes away', () => {
  const hangs = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('0000');
    await new Promise(() => undefined);
  };
  for (const service of ['git-upload-pack', 'git-receive-pack'] as const)
    it(
      `ends ${service} at once, and the next push passes`,
      withServed(async ({ repositories, write, commitAndPush }) => {
        const leaving = new AbortController();
        const answer = await repositories.exchange({
          repository: shop,
          service,
          pusher: { id: 'u', name: 'U', surface: 'git' },
          body: hangs(),
          signal: leaving.signal,
        });
        const started = Date.now();
        setTimeout(() => leaving.abort(), 50);
        for await (const _ of answer);
        assert.ok(Date.now() - started < 1500);
        write('c.txt', 'c');
        assert.ok((await commitAndPush()).ok);
      }),
    );
});
