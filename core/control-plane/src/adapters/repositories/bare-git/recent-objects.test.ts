import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { valueIn } from '../../../ports/repositories.kit.contract.ts';
import { applyChanges } from './change-set.ts';
import { prepareGitEnvironment } from './git-environment.ts';
import { createObjectReader, type ObjectReader } from './object-reader.ts';
import { addCommit, addObject, type NewObjects } from './objects.ts';
import { createRecentObjects } from './recent-objects.ts';
import { writeObjects, writeSkeleton } from './storage.ts';

const mebibyte = 1024 * 1024;

describe('objects that were written lately', () => {
  const root = mkdtempSync(join(tmpdir(), 'catalyst-recent-'));
  const directory = join(root, 'shop.git');
  let git: ObjectReader;
  let objects: NewObjects;
  let revision = '';

  before(async () => {
    const changes = valueIn(
      applyChanges(undefined, {
        'a/b/c.txt': 'c',
        'a/b.txt': 'b',
        'a-b': 'comes before a/ in the order of Git',
        'ä/ö ü.txt': 'ü',
        'empty.txt': '',
        'many.bin': Buffer.alloc(10_000, 7),
      }),
    );
    objects = changes.objects;
    revision = addCommit(objects, {
      tree: changes.root,
      parents: [],
      author: { name: 'Layla', email: 'layla@example.net' },
      timeMs: 0,
      message: 'Begin',
    });
    await writeSkeleton(directory, 'develop');
    await writeObjects(directory, objects);
    git = createObjectReader(prepareGitEnvironment(root, 'git', mebibyte), directory);
  });
  after(() => {
    git.close();
    rmSync(root, { recursive: true, force: true });
  });

  const names = () => [
    ...[...objects.keys()].map((id) => id),
    ...['', 'a', 'a/b', 'a/b/c.txt', 'a/b.txt', 'a-b', 'ä/ö ü.txt', 'empty.txt', 'many.bin'].map(path),
    ...['none', 'a/none', 'a/b.txt/none', 'A', 'a/b/c.txt/d/e'].map(path),
  ];
  const path = (name: string) => `${revision}:${name}`;

  it('are what Git says of every name', async () => {
    const recent = createRecentObjects();
    recent.add(directory, objects);
    for (const name of names()) {
      const known = recent.find(directory, name, mebibyte);
      const told = await git.find(name, mebibyte);
      assert.ok(known, name);
      assert.deepEqual(
        known.found && { ...known.found, content: Buffer.from(known.found.content) },
        told && { ...told, content: Buffer.from(told.content) },
        name,
      );
    }
  });

  it('are left to Git where one of them is not kept, is too large or is another repository’s', () => {
    const recent = createRecentObjects();
    recent.add(directory, objects);
    assert.equal(recent.find(directory, path('many.bin'), 9_999), undefined);
    assert.equal(recent.find(directory, `${'0'.repeat(40)}:a`, mebibyte), undefined);
    assert.equal(recent.find(directory, 'HEAD', mebibyte), undefined);
    assert.equal(recent.find(`${directory}x`, path('a'), mebibyte), undefined);
    recent.forget(directory);
    for (const name of names()) assert.equal(recent.find(directory, name, mebibyte), undefined, name);
  });

  it('give way to newer ones, are the newest again and again, and no large ones', () => {
    const recent = createRecentObjects(10_000);
    const large: NewObjects = new Map();
    const largeId = addObject(large, 'blob', Buffer.alloc(256 * 1024));
    for (let round = 0; round < 50; round += 1) {
      const some: NewObjects = new Map();
      const ids = [1, 2, 3].map((item) =>
        addObject(some, 'blob', Buffer.from(`${round} ${item}`.repeat(100))),
      );
      recent.add(directory, some);
      recent.add(directory, some);
      recent.add(directory, large);
      for (const id of ids) assert.ok(recent.find(directory, id, mebibyte)?.found, `round ${round}`);
      assert.equal(recent.find(directory, largeId, mebibyte), undefined, 'it is over 256 KiB');
      if (round === 0) recent.add(directory, objects);
    }
    for (const name of names()) assert.equal(recent.find(directory, name, mebibyte), undefined, name);
  });
});
