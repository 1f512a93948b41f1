import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import { request, shop, valueIn } from '../../../ports/repositories.kit.contract.ts';
import { prepareGitEnvironment } from './git-environment.ts';
import { createObjectReader } from './object-reader.ts';
import { startKit } from './testing/repositories-kit.ts';

const kilobytes = (count: number, of: number) => Buffer.alloc(count * 1024, of);

it('answers many questions at once, in order, whatever is too large or missing among them', async () => {
  const kit = await startKit();
  const files = { 'a.bin': kilobytes(900, 1), 'b.txt': 'b', 'c.bin': kilobytes(3_000, 3), 'empty.txt': '' };
  const made = await kit.repositories.create({
    ...request({}, null),
    repository: shop,
    branches: { develop: files },
    head: 'develop',
  });
  const revision = valueIn(made)[0]?.newRevision ?? '';
  const git = prepareGitEnvironment(kit.directory, 'git', 1_000_000);
  const reader = createObjectReader(git, `${kit.directory}/repositories/acme/shop.git`);
  try {
    const paths = ['b.txt', 'c.bin', 'a.bin', 'none', 'empty.txt', 'c.bin', 'c.bin', 'b.txt', 'a.bin'];
    const answers = await Promise.allSettled(
      paths.map((path) => reader.find(`${revision}:${path}`, 1024 * 1024)),
    );
    const seen = answers.map((answer) =>
      answer.status === 'fulfilled'
        ? answer.value?.content.length
        : answer.reason instanceof CatalystError && answer.reason.code,
    );
    assert.deepEqual(seen, [1, 'TooLarge', 900 * 1024, undefined, 0, 'TooLarge', 'TooLarge', 1, 900 * 1024]);
    assert.equal(reader.closed, false);
    assert.equal((await reader.find(`${revision}:c.bin`, 4_000_000))?.content.at(-1), 3);
    assert.equal((await reader.find(`${revision}:`, 1024))?.kind, 'tree');
  } finally {
    reader.close();
    await kit.dispose();
  }
});
