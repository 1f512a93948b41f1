import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { eventually, request, shop, valueIn } from '../../../ports/repositories.kit.contract.ts';
import { withServed } from './testing/served.ts';

it(
  'packs what is scattered while writers, readers and pushers go on, and drops nothing that no ref holds',
  withServed(
    async ({ repositories, directory, work, write, commitAndPush }) => {
      const path = join(directory, 'repositories/acme/shop.git');
      const git = (...args: string[]) =>
        execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', path, ...args], { encoding: 'utf8' });
      // Pushed, then given up: a pull request may be about to be opened for it.
      write('lost.txt', 'nobody refers to it');
      assert.ok((await commitAndPush('HEAD:lost')).ok);
      const lost = (await work('rev-parse', 'HEAD')).output.trim();
      assert.ok((await work('push', '-q', 'origin', ':lost')).ok);
      await work('reset', '-q', '--hard', 'origin/develop');

      const revisions: string[] = [];
      const commitMany = async () => {
        for (let n = 0; n < 60; n++) {
          const head = (await repositories.head(shop, 'api')) ?? null;
          const made = await repositories.commit(request({ 'n.txt': `${n}` }, head, { branch: 'api' }));
          revisions.push(valueIn(made).newRevision);
          assert.ok(await repositories.read(shop, revisions[0] ?? '', 'n.txt'));
        }
      };
      const pushMany = async () => {
        for (let n = 0; n < 12; n++) {
          write('pushed.txt', `${n}`);
          const pushed = await commitAndPush();
          assert.ok(pushed.ok, pushed.output);
        }
      };
      await Promise.all([commitMany(), pushMany()]);
      const packs = () => readdirSync(join(path, 'objects/pack')).filter((name) => name.endsWith('.pack'));
      // Four are left alone, and up to five more come before the next look.
      await eventually(() => packs().length > 0 && packs().length < 11);
      const loose = Number(/^count: (\d+)/.exec(git('count-objects', '-v'))?.[1]);
      assert.ok(loose < 100, `${loose} of more than 180 objects are loose`);
      git('fsck', '--full', '--strict');
      const api = await repositories.history(shop, 'api', { limit: 100 });
      assert.deepEqual(
        api.map(({ revision }) => revision),
        revisions.toReversed(),
      );
      assert.equal((await repositories.history(shop, 'develop')).length, 13);
      await repositories.setPullHead(shop, 1, lost);
      assert.ok((await work('fetch', '-q', 'origin', 'refs/pull/1/head')).ok);
    },
    { packing: { looseObjects: 30, packs: 4, changes: 5 } },
  ),
);
