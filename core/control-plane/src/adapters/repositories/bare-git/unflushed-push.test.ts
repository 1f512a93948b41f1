import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ok } from '@catalyst/model/problem.ts';
import { eventually } from '../../../ports/repositories.kit.contract.ts';
import { failOpening } from './testing/failing-disk.ts';
import { shop, startServed, withServed } from './testing/served.ts';

describe('a push that cannot be flushed', () => {
  for (const folder of ['shop.git/objects/pack', 'shop.git/refs/heads'])
    it(
      `is not acknowledged, is told without a restart, and the next one passes: ${folder}`,
      withServed(async ({ write, commitAndPush, work, repositories, told }) => {
        const disk = failOpening(folder);
        write('base/a.yaml', 'a: 2\n');
        const pushed = await commitAndPush();
        disk.mend();
        assert.ok(disk.refusals > 0, 'the disk refused');
        assert.equal(pushed.ok, false, pushed.output);
        const first = (await work('rev-parse', 'HEAD')).output.trim();
        await eventually(() => told.length === 3);
        assert.deepEqual([told[2]?.sequence, told[2]?.newRevision], [3, first]);
        assert.equal(await repositories.head(shop, 'develop'), first);
        write('base/a.yaml', 'a: 3\n');
        assert.ok((await commitAndPush()).ok);
        await eventually(() => told.length === 4);
        assert.equal(told[3]?.sequence, 4);
      }),
    );

  it('opens no pull request, and says so at once', async () => {
    const doors: string[] = [];
    const served = await startServed({}, async ({ branch }) => {
      doors.push(branch);
      return ok({ number: 1, lines: [] });
    });
    const disk = failOpening('shop.git/objects/pack');
    try {
      served.write('base/a.yaml', 'a: 2\n');
      await served.work('commit', '-q', '-a', '-m', 'Edit');
      const started = Date.now();
      const pushed = await served.work('push', '-o', 'pull-request', 'origin', 'HEAD:develop');
      assert.ok(disk.refusals > 0, 'the disk refused');
      assert.equal(pushed.ok, false, pushed.output);
      assert.ok(Date.now() - started < 20_000, 'nobody waits for the time limit');
      assert.deepEqual(doors, []);
    } finally {
      disk.mend();
      await served.stop();
    }
  });
});
