import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ok, refused } from '@catalyst/model/problem.ts';
import type { PullRequestDoor, PullRequestPush, Repositories } from '../../../ports/repositories.ts';
import { shop, startServed } from './testing/served.ts';

/** A door that opens pull requests as the real one does: it looks at the commits, and makes the head fetchable. */
function createDoor(repositories: () => Repositories) {
  const pushes: PullRequestPush[] = [];
  const door: PullRequestDoor = async (push) => {
    pushes.push(push);
    const commits = await repositories().commitsBetween(push.repository, push.oldRevision, push.newRevision);
    const subject = commits[0]?.message ?? '';
    if (subject.includes('unwanted'))
      return refused(
        {
          code: 'Invalid',
          file: 'base/a.yaml',
          field: 'spec.x',
          message: 'It is not wanted.\nPush another one.',
        },
        { code: 'Denied', message: 'Nobody wants it.' },
      );
    if (subject.includes('breaks')) throw new Error('secret details');
    const number = pushes.length;
    await repositories().setPullHead(push.repository, number, push.newRevision);
    return ok({ number, lines: [`Opened by ${commits.map(({ pusher }) => pusher?.name).join()}.`] });
  };
  return { pushes, door };
}

function withDoor(work: (served: Awaited<ReturnType<typeof open>>) => Promise<void>) {
  return async () => {
    const served = await open();
    try {
      await work(served);
    } finally {
      await served.stop();
    }
  };
}

async function open() {
  let repositories: Repositories | undefined;
  const { door, pushes } = createDoor(() => repositories ?? assert.fail());
  const served = await startServed({}, door);
  repositories = served.repositories;
  return { ...served, pushes };
}

describe('a push that asks for a pull request', () => {
  it(
    'moves no branch: the door gets it, its head can be fetched, and the terminal says so',
    withDoor(async ({ write, commitAndPush, work, git, repositories, told, pushes, server }) => {
      const before = await repositories.head(shop, 'develop');
      write('base/a.yaml', 'a: 2\n');
      const opened = await commitAndPush('-o', 'pull-request=Two: of a = b', 'HEAD:develop');
      assert.ok(opened.ok, opened.output);
      assert.match(opened.output, /remote: Opened by alice\./);
      assert.match(opened.output, /\[new reference\] +HEAD -> refs\/pull\/1\/head/);
      assert.equal(await repositories.head(shop, 'develop'), before);
      const head = (await work('rev-parse', 'HEAD')).output.trim();
      assert.deepEqual(pushes, [
        {
          repository: shop,
          branch: 'develop',
          oldRevision: before,
          newRevision: head,
          title: 'Two: of a = b',
          pusher: { id: 'alice', name: 'alice', surface: 'git' },
        },
      ]);
      await git('.', 'clone', '-q', server.urlOf('bob', 'acme/shop.git'), 'other');
      assert.equal((await git('other', 'cat-file', '-e', head)).ok, false);
      assert.ok((await git('other', 'fetch', '-q', 'origin', 'refs/pull/1/head')).ok);
      assert.equal((await git('other', 'rev-parse', 'FETCH_HEAD')).output.trim(), head);
      assert.match((await git('other', 'ls-remote', 'origin')).output, /refs\/pull\/1\/head/);
      assert.equal(told.length, 2, 'no event');
      const plain = await work('push', 'origin', 'HEAD:develop');
      assert.ok(plain.ok, plain.output);
      assert.equal(await repositories.head(shop, 'develop'), head);
    }),
  );

  it(
    'is refused by the door with its words, and leaves nothing',
    withDoor(async ({ work, repositories, git, server }) => {
      await work('commit', '-q', '--allow-empty', '-m', 'unwanted');
      const refusal = await work('push', '-o', 'pull-request', 'origin', 'HEAD:develop');
      assert.equal(refusal.ok, false);
      assert.match(refusal.output, /remote: base\/a\.yaml: spec\.x: It is not wanted\./);
      assert.match(refusal.output, /remote: {3}Push another one\./);
      assert.match(refusal.output, /remote: Nobody wants it\./);
      assert.match(refusal.output, /remote rejected.*no pull request was opened/);
      await work('commit', '-q', '--amend', '--allow-empty', '-m', 'breaks');
      const broken = await work('push', '-o', 'pull-request', 'origin', 'HEAD:develop');
      assert.equal(broken.ok, false);
      assert.match(broken.output, /remote: The pull request could not be opened/);
      assert.doesNotMatch(broken.output, /secret details/);
      const refs = await git('.', 'ls-remote', server.urlOf('bob', 'acme/shop.git'));
      assert.doesNotMatch(refs.output, /pull/);
      assert.equal((await repositories.history(shop, 'develop')).length, 1);
    }),
  );

  it(
    'opens one for each of several branches, also of a history that goes another way',
    withDoor(async ({ work, pushes }) => {
      await work('checkout', '-q', '--orphan', 'other');
      await work('commit', '-q', '-m', 'Another history');
      const opened = await work(
        'push',
        '-o',
        'pull-request',
        'origin',
        '+HEAD:develop',
        '+HEAD:main',
        'HEAD:uat',
      );
      assert.ok(opened.ok, opened.output);
      assert.deepEqual(pushes.map(({ branch, title }) => [branch, title]).sort(), [
        ['develop', undefined],
        ['main', undefined],
        ['uat', undefined],
      ]);
      assert.match(opened.output, /refs\/pull\/3\/head/);
    }),
  );

  it(
    'is refused for other branches, tags and deletions, for hostile trees, and for other options',
    withDoor(async ({ work, write, commitAndPush, directory, pushes }) => {
      const refusals: [args: string[], want: RegExp][] = [
        [
          ['-o', 'pull-request', 'origin', 'HEAD:feature/x'],
          /feature\/x: a pull request leads to the branch/,
        ],
        [['-o', 'pull-request', 'origin', '+HEAD:main', 'HEAD:x'], /refs\/heads\/x: a pull request leads/],
        [['-o', 'pull-request', 'origin', ':develop'], /a pull request leads/],
        [['-o', 'pul-request', 'origin', 'HEAD:x'], /There is no push option "pul-request"/],
        [['-o', 'ci.skip', 'origin', 'HEAD:x'], /no push option "ci\.skip"/],
        [['-o', 'delete=', 'origin', 'HEAD:x'], /no push option "delete"/],
        [['-o', 'pull-request', '-o', 'delete=acme', 'origin', '+HEAD:main'], /deletes and restores nothing/],
        [['-o', `pull-request=${'x'.repeat(300)}`, 'origin', '+HEAD:main'], /at most 200 letters/],
        [[...Array(20).fill(['-o', 'pull-request']).flat(), 'origin', 'HEAD:x'], /at most 16 options/],
      ];
      await work('commit', '-q', '--allow-empty', '-m', 'x');
      for (const [args, want] of refusals) {
        const { ok: passed, output } = await work('push', ...args);
        assert.equal(passed, false, args.join(' '));
        assert.match(output, want);
      }
      symlinkSync('/etc/passwd', join(directory, 'work/link'));
      assert.match(
        (await commitAndPush('-o', 'pull-request', '+HEAD:main')).output,
        /remote: link: A link\./,
      );
      await work('reset', '-q', '--hard', 'origin/develop');
      write('B.txt', 'x');
      assert.match((await commitAndPush('-o', 'pull-request', '+HEAD:main')).output, /only in case/);
      assert.deepEqual(pushes, []);
      assert.deepEqual(
        readdirSync(join(directory, 'repositories/acme/shop.git/objects/pack')),
        [],
        'refused packs are not kept',
      );
    }),
  );

  it('is refused where nobody opens pull requests', async () => {
    const served = await startServed();
    try {
      await served.work('commit', '-q', '--allow-empty', '-m', 'x');
      const refusal = await served.work('push', '-o', 'pull-request', 'origin', 'HEAD:develop');
      assert.equal(refusal.ok, false);
      assert.match(refusal.output, /cannot be opened by a push here/);
    } finally {
      await served.stop();
    }
  });

  it('is refused where Git is too old to ask us, and would move the branch', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catalyst-old-git-'));
    const git = join(folder, 'git');
    const script = '#!/bin/sh\n[ "$1" = --version ] && { echo git version 2.25.1; exit; }\nexec git "$@"\n';
    writeFileSync(git, script, { mode: 0o755 });
    const served = await startServed({ git }, async () => assert.fail('the door is not asked'));
    try {
      const before = await served.repositories.head(shop, 'develop');
      await served.work('commit', '-q', '--allow-empty', '-m', 'x');
      const refusal = await served.work('push', '-o', 'pull-request', 'origin', 'HEAD:develop');
      assert.match(refusal.output, /cannot be opened by a push here/);
      assert.equal(await served.repositories.head(shop, 'develop'), before);
      assert.ok((await served.work('push', '-q', 'origin', 'HEAD:develop')).ok);
    } finally {
      await served.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
