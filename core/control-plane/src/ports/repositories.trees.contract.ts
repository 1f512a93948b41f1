import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import {
  author,
  codeOf,
  createShop,
  request,
  shop,
  valueIn,
  type WithRepositories,
} from './repositories.kit.contract.ts';
import type { FileChanges, Repositories } from './repositories.ts';

const lines = (...changed: [at: number, text: string][]) => {
  const all = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  for (const [at, text] of changed) all[at] = text;
  return `${all.join('\n')}\n`;
};

/** Commits to a branch (made from `from` where it is new) and gives the revision. */
async function put(
  repositories: Repositories,
  branch: string,
  changes: FileChanges,
  more: { from?: string; mergeOf?: string } = {},
): Promise<string> {
  const head = (await repositories.head(shop, branch)) ?? null;
  return valueIn(await repositories.commit(request(changes, head, { branch, ...more }))).newRevision;
}

async function textsAt(repositories: Repositories, revision: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { path } of await repositories.files(shop, revision))
    texts[path] = new TextDecoder().decode(await repositories.read(shop, revision, path));
  return texts;
}

/** A base and two branches that went their own ways. */
async function fork(repositories: Repositories, base: FileChanges, ours: FileChanges, theirs: FileChanges) {
  const root = valueIn(await createShop(repositories, base))[0]?.newRevision ?? '';
  return {
    root,
    ours: await put(repositories, 'ours', ours, { from: root }),
    theirs: await put(repositories, 'theirs', theirs, { from: root }),
  };
}

const notFound = (error: unknown) => error instanceof CatalystError && error.code === 'NotFound';

/** Trees, branches that begin anywhere, and merges on paper. */
export function treesContract(withRepositories: WithRepositories): void {
  trees(withRepositories);
  merges(withRepositories);
}

function trees(withRepositories: WithRepositories): void {
  it(
    'names the tree of a folder: equal content, equal name',
    withRepositories(async (repositories) => {
      const files = { 'base/a.yaml': 'a', 'base/b/c.yaml': 'c', 'other/a.yaml': 'a', 'z.txt': 'z' };
      const first = valueIn(await createShop(repositories, files))[0]?.newRevision ?? '';
      const base = await repositories.treeOf(shop, first, 'base');
      assert.match(base ?? '', /^[0-9a-f]{40}$/);
      const second = await put(repositories, 'develop', { 'z.txt': 'y', 'base/b/c.yaml': 'C' });
      assert.notEqual(await repositories.treeOf(shop, second, 'base'), base);
      assert.notEqual(
        await repositories.treeOf(shop, second, ''),
        await repositories.treeOf(shop, first, ''),
      );
      const third = await put(repositories, 'develop', { 'base/b/c.yaml': 'c' });
      assert.equal(await repositories.treeOf(shop, third, 'base'), base);
      for (const nothing of ['z.txt', 'none', '../base', 'base/', 'a\nb', '/base'])
        assert.equal(await repositories.treeOf(shop, first, nothing), undefined, nothing);
      for (const revision of ['1'.repeat(40), 'develop', '--all', ''])
        assert.equal(await repositories.treeOf(shop, revision, 'base'), undefined);
    }),
  );

  it(
    'begins a branch at a revision, and knows what contains what and what lies between',
    withRepositories(async (repositories) => {
      const { root, ours, theirs } = await fork(repositories, { a: '1' }, { b: '2' }, { c: '3' });
      const [made] = await repositories.history(shop, 'ours');
      assert.deepEqual([made?.parents, made?.author], [[root], author]);
      assert.deepEqual(await textsAt(repositories, ours), { a: '1', b: '2' });
      assert.equal(await repositories.contains(shop, ours, root), true);
      assert.equal(await repositories.contains(shop, ours, ours), true);
      assert.equal(await repositories.contains(shop, root, ours), false);
      assert.equal(await repositories.contains(shop, ours, theirs), false);
      assert.equal(await repositories.contains(shop, ours, '1'.repeat(40)), false);
      const next = await put(repositories, 'ours', { b: '4' });
      const between = await repositories.commitsBetween(shop, theirs, next);
      assert.deepEqual(
        between.map(({ revision, pusher }) => [revision, pusher?.id]),
        [
          [next, 'u1'],
          [ours, 'u1'],
        ],
      );
      assert.deepEqual(await repositories.commitsBetween(shop, next, root), []);
      const withoutBoth = await repositories.commitsBetween(shop, [theirs, ours], next);
      assert.deepEqual(
        withoutBoth.map(({ revision }) => revision),
        [next],
      );
    }),
  );

  it(
    'refuses to begin or merge where the repository holds nothing, or a branch that is there',
    withRepositories(async (repositories) => {
      const root = valueIn(await createShop(repositories))[0]?.newRevision ?? '';
      const nowhere = '1'.repeat(40);
      const commit = (more: object, head: string | null = null) =>
        repositories.commit(request({ a: 'b' }, head, { branch: head ? 'develop' : 'x', ...more }));
      assert.equal(codeOf(await commit({ from: nowhere })), 'NotFound');
      assert.equal(codeOf(await commit({ mergeOf: nowhere }, root)), 'NotFound');
      assert.equal(codeOf(await commit({ from: 'develop' })), 'NotFound');
      assert.equal(codeOf(await commit({ from: root }, root)), 'Invalid');
      assert.equal(await repositories.head(shop, 'x'), undefined);
      assert.equal(await repositories.head(shop, 'develop'), root);
    }),
  );
}

function merges(withRepositories: WithRepositories): void {
  it(
    'merges both sides: files, deletions and lines; the commit has both parents',
    withRepositories(async (repositories) => {
      const sides = await fork(
        repositories,
        { text: lines(), gone: 'x', ours: 'o', theirs: 't', both: 'same' },
        { text: lines([1, 'ours']), ours: 'O', both: 'equal', 'new/ours': '1' },
        { text: lines([18, 'theirs']), gone: null, theirs: 'T', both: 'equal', 'new/theirs': '2' },
      );
      const before = await repositories.history(shop, 'ours');
      const outcome = await repositories.merge({ repository: shop, ...sides });
      assert.deepEqual([outcome.base, outcome.conflicts], [sides.root, []]);
      assert.deepEqual(Object.keys(outcome.changes), ['gone', 'new/theirs', 'text', 'theirs']);
      assert.deepEqual(await repositories.history(shop, 'ours'), before);
      const merged = await put(repositories, 'ours', outcome.changes, { mergeOf: sides.theirs });
      assert.deepEqual(await textsAt(repositories, merged), {
        text: lines([1, 'ours'], [18, 'theirs']),
        ours: 'O',
        theirs: 'T',
        both: 'equal',
        'new/ours': '1',
        'new/theirs': '2',
      });
      const [commit] = await repositories.history(shop, 'ours');
      assert.deepEqual(commit?.parents, [sides.ours, sides.theirs]);
      assert.equal(await repositories.contains(shop, merged, sides.theirs), true);
      const were = [merged, sides.ours, sides.theirs, sides.root].map((revision) =>
        repositories.wasHead(shop, 'ours', revision),
      );
      assert.deepEqual(await Promise.all(were), [true, true, false, false]);
      const again = await repositories.merge({ repository: shop, ours: merged, theirs: sides.theirs });
      assert.deepEqual(again, { base: sides.theirs, changes: {}, conflicts: [] });
    }),
  );

  it(
    'names every conflict and leaves it out of the changes',
    withRepositories(async (repositories) => {
      const bytes = (last: number) => Uint8Array.from([0, 1, 2, last]);
      const sides = await fork(
        repositories,
        { line: lines(), 'binary.bin': bytes(0), edited: 'x', deleted: 'x', fine: 'x' },
        {
          line: lines([3, 'a']),
          'binary.bin': bytes(1),
          edited: 'y',
          deleted: null,
          added: 'a',
          folder: 'a file',
        },
        {
          line: lines([3, 'b']),
          'binary.bin': bytes(2),
          edited: null,
          deleted: 'y',
          added: 'b',
          'folder/x': 'b',
          fine: 'y',
        },
      );
      const { conflicts, changes } = await repositories.merge({ repository: shop, ...sides });
      assert.deepEqual(conflicts, ['added', 'binary.bin', 'deleted', 'edited', 'folder', 'folder/x', 'line']);
      assert.deepEqual(Object.keys(changes), ['fine']);
    }),
  );

  it(
    'merges histories that crossed, and those that share nothing',
    withRepositories(async (repositories) => {
      const { ours, theirs } = await fork(repositories, { a: '0', b: '0' }, { a: '1' }, { b: '1' });
      const left = await put(repositories, 'ours', { b: '1' }, { mergeOf: theirs });
      const right = await put(repositories, 'theirs', { a: '1' }, { mergeOf: ours });
      assert.notEqual(left, right);
      const later = await put(repositories, 'theirs', { a: '2' });
      // Two common ancestors, of which one has the old `a`: that is no reason to see a conflict.
      const outcome = await repositories.merge({ repository: shop, ours: left, theirs: later });
      assert.deepEqual(outcome.conflicts, []);
      assert.deepEqual(Object.keys(outcome.changes), ['a']);

      const alone = await put(repositories, 'alone', { b: 'mine', c: '1' });
      const strangers = await repositories.merge({ repository: shop, ours: left, theirs: alone });
      assert.deepEqual([strangers.base, strangers.conflicts], [null, ['b']]);
      assert.deepEqual(Object.keys(strangers.changes), ['c']);
    }),
  );

  it(
    'throws NotFound for a revision that is not there',
    withRepositories(async (repositories) => {
      const root = valueIn(await createShop(repositories))[0]?.newRevision ?? '';
      for (const revision of ['1'.repeat(40), 'develop', '--help'])
        for (const pair of [
          { ours: root, theirs: revision },
          { ours: revision, theirs: root },
        ])
          await assert.rejects(repositories.merge({ repository: shop, ...pair }), notFound);
      await assert.rejects(repositories.setPullHead(shop, 1, '1'.repeat(40)), notFound);
      for (const number of [0, -1, 1.5, Number.NaN])
        await assert.rejects(repositories.setPullHead(shop, number, root), CatalystError);
      await repositories.setPullHead(shop, 1, root);
      await repositories.setPullHead(shop, 1, root);
    }),
  );
}
