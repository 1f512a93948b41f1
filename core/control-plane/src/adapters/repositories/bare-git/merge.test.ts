import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import fc from 'fast-check';
import { request, shop, valueIn } from '../../../ports/repositories.kit.contract.ts';
import type { FileChanges, Repositories } from '../../../ports/repositories.ts';
import { startKit } from './testing/repositories-kit.ts';

const paths = ['a', 'b', 'c/d'];
const lineCount = 9;
const mostCrossings = 3;
// No two files are alike: Git takes one that goes and one that comes for a rename, which is not followed here.
const baseOf = (path: string) => Array.from({ length: lineCount }, (_, at) => `${path}: line ${at}`);
const textOf = (path: string) => `${baseOf(path).join('\n')}\n`;

/** One step of two histories: a side changes a line of a file or a whole file, or each merges the other. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ side: fc.nat(1), path: fc.nat(2), at: fc.nat(lineCount - 1), text: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ side: fc.nat(1), path: fc.nat(2), whole: fc.constantFrom(null, 'new') }),
  },
  { weight: 2, arbitrary: fc.constant('cross' as const) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const sides = ['ours', 'theirs'] as const;

async function commit(repositories: Repositories, branch: string, changes: FileChanges, mergeOf?: string) {
  const head = (await repositories.head(shop, branch)) ?? null;
  const more = { branch, ...(mergeOf === undefined ? {} : { mergeOf }) };
  return valueIn(await repositories.commit(request(changes, head, more))).newRevision;
}

async function headsOf(repositories: Repositories): Promise<[string, string]> {
  const [ours, theirs] = await Promise.all(sides.map((side) => repositories.head(shop, side)));
  return [ours ?? '', theirs ?? ''];
}

async function take(repositories: Repositories, next: Step): Promise<void> {
  const [ours, theirs] = await headsOf(repositories);
  if (next === 'cross') {
    const left = await repositories.merge({ repository: shop, ours, theirs });
    const right = await repositories.merge({ repository: shop, ours: theirs, theirs: ours });
    if (left.conflicts.length > 0) return;
    await commit(repositories, 'ours', left.changes, theirs);
    await commit(repositories, 'theirs', right.changes, ours);
    return;
  }
  const path = paths[next.path] ?? 'a';
  const side = sides[next.side] ?? 'ours';
  if ('whole' in next) {
    const content = next.whole && `${path}: ${next.whole}\n`;
    return void (await commit(repositories, side, { [path]: content }));
  }
  const head = (await repositories.head(shop, side)) ?? '';
  const bytes = await repositories.read(shop, head, path);
  const lines = bytes ? new TextDecoder().decode(bytes).split('\n').slice(0, -1) : baseOf(path);
  lines[Math.min(next.at, lines.length - 1)] = `${path}: text ${next.text}`;
  await commit(repositories, side, { [path]: `${lines.join('\n')}\n` });
}

/** What Git itself makes of it; undefined where this Git cannot merge on paper (before 2.38). */
function askGit(directory: string, ours: string, theirs: string) {
  const args = ['-c', 'safe.directory=*', '-c', 'merge.renames=false', '--git-dir', directory];
  const asked = spawnSync(
    'git',
    [...args, 'merge-tree', '--write-tree', '--name-only', '--allow-unrelated-histories', '-z', ours, theirs],
    {
      encoding: 'utf8',
    },
  );
  if (asked.status !== 0 && asked.status !== 1) return undefined;
  const [tree = '', ...rest] = asked.stdout.split('\0');
  const end = rest.indexOf('');
  return { clean: asked.status === 0, tree, conflicts: rest.slice(0, Math.max(end, 0)).sort() };
}

it('merges as Git does, also histories that crossed, and writes nothing', async (t) => {
  const kit = await startKit();
  const { repositories } = kit;
  let compared = 0;
  let conflicting = 0;
  try {
    // Histories that crossed more often are refused, so they are not asked for here.
    const histories = fc
      .array(step, { minLength: 2, maxLength: 12 })
      .filter((steps) => steps.filter((next) => next === 'cross').length <= mostCrossings);
    const property = fc.asyncProperty(histories, async (steps) => {
      const files = Object.fromEntries(paths.map((path) => [path, textOf(path)]));
      await repositories.delete(shop);
      const branches = { ours: files, theirs: files };
      valueIn(await repositories.create({ ...request({}, null), repository: shop, branches, head: 'ours' }));
      for (const next of steps) await take(repositories, next);
      const [ours, theirs] = await headsOf(repositories);
      const directory = join(kit.directory, 'repositories/acme/shop.git');
      const before = readdirSync(directory, { recursive: true }).length;
      const outcome = await repositories.merge({ repository: shop, ours, theirs });
      assert.equal(readdirSync(directory, { recursive: true }).length, before);
      const git = askGit(directory, ours, theirs);
      if (!git) return;
      compared += 1;
      if (!git.clean) conflicting += 1;
      assert.deepEqual(outcome.conflicts, git.clean ? [] : git.conflicts);
      if (!git.clean) return;
      const merged = await commit(repositories, 'ours', outcome.changes, theirs);
      assert.equal(await repositories.treeOf(shop, merged, ''), git.tree);
    });
    await fc.assert(property, { numRuns: 40 });
    t.diagnostic(`${compared} compared, ${conflicting} with conflicts`);
  } finally {
    await kit.dispose();
  }
});

it('refuses histories that crossed too often, with the way out', async () => {
  const kit = await startKit();
  const { repositories } = kit;
  try {
    const text = textOf('a');
    const branches = { ours: { a: text }, theirs: { a: text } };
    valueIn(await repositories.create({ ...request({}, null), repository: shop, branches, head: 'ours' }));
    await take(repositories, { side: 0, path: 0, at: 0, text: 0 });
    await take(repositories, { side: 1, path: 0, at: 4, text: 0 });
    for (let crossings = 0; crossings < 5; crossings += 1) await take(repositories, 'cross');
    await take(repositories, { side: 0, path: 0, at: 0, text: 1 });
    const [ours, theirs] = await headsOf(repositories);
    await assert.rejects(
      repositories.merge({ repository: shop, ours, theirs }),
      (error) => error instanceof CatalystError && error.code === 'TooLarge' && /push it/.test(error.message),
    );
  } finally {
    await kit.dispose();
  }
});
