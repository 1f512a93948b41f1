import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createCommitGraph } from './commit-graph.ts';
import { prepareGitEnvironment } from './git-environment.ts';
import { noRevision } from './hostile-names.ts';

describe('the graph of commits', () => {
  const root = mkdtempSync(join(tmpdir(), 'catalyst-graph-'));
  const directory = join(root, 'one.git');
  const calls = join(root, 'calls');
  const missing = 'd'.repeat(40);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', directory, ...args], { encoding: 'utf8' }).trim();
  const asked = () => readFileSync(calls, 'utf8').split('\n').length - 1;
  let graph: ReturnType<typeof createCommitGraph>;
  let [first, left, right] = ['', '', ''];

  function commit(message: string, ...parents: readonly string[]): string {
    const people = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.net'];
    const tree = git('mktree', '--missing');
    return git(...people, 'commit-tree', tree, '-m', message, ...parents.flatMap((parent) => ['-p', parent]));
  }

  before(() => {
    mkdirSync(root, { recursive: true });
    execFileSync('git', ['init', '--quiet', '--bare', directory]);
    first = commit('first');
    left = commit('left', first);
    right = commit('right', first);
    // Git itself, which leaves a line whenever it is started.
    const counting = join(root, 'git');
    writeFileSync(counting, `#!/bin/sh\necho . >> ${calls}\nexec git "$@"\n`, { mode: 0o755 });
    graph = createCommitGraph(prepareGitEnvironment(root, counting, 1_000_000));
    writeFileSync(calls, '');
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('asks Git once for what cannot change', async () => {
    for (let times = 0; times < 3; times += 1) {
      assert.equal(await graph.isAncestor(directory, first, left), true);
      assert.equal(await graph.isAncestor(directory, right, left), false);
      assert.deepEqual(await graph.basesOf(directory, [left, right]), [first]);
      const between = await graph.between(directory, [right], left);
      assert.deepEqual(
        between.map(({ revision, message }) => [revision, message]),
        [[left, 'left']],
      );
      assert.equal((await graph.between(directory, [noRevision], left)).length, 2);
    }
    assert.equal(asked(), 5);
  });

  it('asks again where something was missing, because it may come', async () => {
    const from = asked();
    for (let times = 0; times < 2; times += 1) {
      assert.equal(await graph.isAncestor(directory, missing, left), false);
      assert.deepEqual(await graph.between(directory, [missing], left), []);
      await assert.rejects(graph.basesOf(directory, [left, missing]), /common ancestor/);
    }
    assert.equal(asked() - from, 6);
  });

  it('asks again for a long list, and after the repository is deleted', async () => {
    let head = left;
    for (let count = 0; count < 60; count += 1) head = commit(`${count}`, head);
    let from = asked();
    for (let times = 0; times < 2; times += 1)
      assert.equal((await graph.between(directory, [left], head)).length, 60);
    assert.equal(asked() - from, 2);
    graph.forget(directory);
    from = asked();
    assert.equal(await graph.isAncestor(directory, first, left), true);
    assert.equal(asked() - from, 1);
  });
});
