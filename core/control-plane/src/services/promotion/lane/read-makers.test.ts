import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CommitInfo } from '../../../ports/repositories.ts';
import type { Found } from './own-changes.ts';
import { type MakersDeps, readMakers } from './read-makers.ts';

const shop = { organization: 'acme', name: 'shop' };
const found = {
  from: { environment: 'acme-prod', branch: 'main', head: 'c0' },
  to: { environment: 'acme-dev', branch: 'develop', head: 'dev' },
  paths: [{ path: 'base/values.yaml', patch: 'x', conflict: false }],
} as unknown as Found;

/** Commits in a row, the newest first. */
const inRow = (count: number, more: (at: number) => Partial<CommitInfo> = () => ({})): CommitInfo[] =>
  Array.from({ length: count }, (_each, at) => ({
    revision: `c${at}`,
    parents: [`c${at + 1}`],
    author: { name: 'x', email: 'x@example.org' },
    time: '2026-01-01T00:00:00.000Z',
    message: 'x',
    pusher: { id: `u${at}`, name: 'x', surface: 'git' },
    ...more(at),
  }));

/** A history whose states had something of their own since a commit; undefined: always. */
function depsOf(commits: readonly CommitInfo[], cleanAt?: string, problem?: string): MakersDeps {
  return {
    repositories: {
      commitsBetween: async (_repository, without) => {
        const end = commits.findIndex(({ revision }) => [without].flat().includes(revision));
        return commits.slice(0, end < 0 ? undefined : end).slice(0, 500);
      },
    },
    reviews: { list: async () => [] },
    pairs: {
      read: async ({ higher }) => ({
        files: [],
        own: higher === cleanAt ? ['README.md'] : ['base/values.yaml'],
        conflicts: [],
        ownPaths: [],
        base: 'b',
        ...(problem === undefined ? {} : { problem }),
      }),
    },
  };
}

const idsOf = async (deps: MakersDeps) => {
  const makers = await readMakers(deps, shop, found);
  return makers.ok ? makers.value : makers.problems[0]?.code;
};

describe('who made a change of a higher Environment', () => {
  test('is everybody who brought one of its commits, and who had brought it before', async () => {
    const commits = inRow(3, (at) => (at === 1 ? { earlierPushers: ['u9'] } : {}));
    assert.deepEqual(await idsOf(depsOf(commits)), ['u0', 'u1', 'u9', 'u2']);
  });

  test('is refused over 499 commits', async () => {
    const some = await idsOf(depsOf(inRow(499)));
    assert.ok(Array.isArray(some) && some.length === 499 && some.at(-1) === 'u498');
    assert.equal(await idsOf(depsOf(inRow(500))), 'TooLarge');
  });

  test('is not nobody where Git has no answer', async () => {
    await assert.rejects(idsOf(depsOf([])), { code: 'Unavailable' });
  });

  test('is asked only since the paths had nothing of their own', async () => {
    assert.deepEqual(await idsOf(depsOf(inRow(600), 'c2')), ['u0', 'u1']);
    assert.equal(await idsOf(depsOf(inRow(600), 'c2', 'Too large to compare.')), 'TooLarge');
  });
});
