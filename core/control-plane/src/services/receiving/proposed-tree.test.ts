import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProposedUpdate, TreeFile } from '../../ports/repositories.ts';
import { readTree } from './proposed-tree.ts';

const mb = 1024 * 1024;

/** An update that says how large its files are; reading one that should not be read fails. */
function updateOf(files: readonly Pick<TreeFile, 'path' | 'sizeBytes'>[], readable: boolean): ProposedUpdate {
  return {
    repository: { organization: 'acme', name: 'shop' },
    ref: 'refs/heads/develop',
    oldRevision: '0'.repeat(40),
    newRevision: '1'.repeat(40),
    files: async () => files.map((file) => ({ ...file, mode: '100644', blob: '2'.repeat(40) })),
    read: async () => {
      assert.ok(readable, 'nothing is read that is too much');
      return new TextEncoder().encode('a: 1\n');
    },
  } as unknown as ProposedUpdate;
}

const many = (count: number, name: (number: number) => string, sizeBytes: number) =>
  Array.from({ length: count }, (_item, number) => ({ path: name(number), sizeBytes }));

describe('what a revision may hold', () => {
  const cases: { name: string; files: Pick<TreeFile, 'path' | 'sizeBytes'>[]; says: RegExp }[] = [
    { name: 'too many files', files: many(2_001, (n) => `base/${n}.txt`, 1), says: /more than 2000 files/ },
    { name: 'too many bytes', files: many(40, (n) => `base/${n}.bin`, mb), says: /more than 32 MB together/ },
    {
      name: 'too much YAML, which would be parsed for minutes',
      files: many(30, (n) => `overlays/dev/${n}.yaml`, mb / 10),
      says: /more than 2 MB of YAML/,
    },
  ];
  for (const { name, files, says } of cases)
    it(`refuses ${name} before anything is read`, async () => {
      const tree = await readTree(updateOf(files, false));
      assert.ok(!tree.ok);
      assert.equal(tree.problems[0]?.code, 'TooLarge');
      assert.match(tree.problems[0]?.message ?? '', says);
    });

  it('counts base/ and overlays/ alone', async () => {
    const files = [...many(3_000, (n) => `docs/${n}.yaml`, mb), { path: 'base/values.yaml', sizeBytes: 5 }];
    const tree = await readTree(updateOf(files, true));
    assert.deepEqual(tree.ok && Object.keys(tree.value.texts), ['base/values.yaml']);
  });
});
