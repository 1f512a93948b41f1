import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import type { RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import type { Database } from '../../../ports/database.ts';
import { eventually, request, shop, testJudge, valueIn } from '../../../ports/repositories.kit.contract.ts';
import type { FileChanges, Repositories } from '../../../ports/repositories.ts';
import { createSqliteDatabase } from '../../database/sqlite/sqlite-database.ts';
import { createBareGitRepositories } from './bare-git-repositories.ts';
import { createLife, makeDiskMortal, mortalDatabase } from './testing/mortal.ts';
import { clock, logger, openRepositories } from './testing/repositories-kit.ts';

makeDiskMortal();

const passing = { organization: 'acme', name: 'passing' };
const branches = { develop: { 'a/b.txt': '1', 'c.txt': '1' }, main: {} };
const made = { branches, head: 'develop', message: 'x', author: { name: 'A', email: 'a@x' } };

/** What somebody was told to be done. */
interface Told {
  /** Branch → the revisions that it was moved to, in order. */
  readonly moved: Record<string, string[]>;
  pull?: string;
  passing?: 'made' | 'gone';
}

/** Everything that changes repositories, once; `told` gets each acknowledgement. */
async function live(repositories: Repositories, told: Told): Promise<void> {
  const commit = async (branch: string, changes: FileChanges, more = {}) => {
    const head = (await repositories.head(shop, branch)) ?? null;
    const { newRevision } = valueIn(await repositories.commit(request(changes, head, { branch, ...more })));
    told.moved[branch] = [...(told.moved[branch] ?? []), newRevision];
    return newRevision;
  };
  const [update] = valueIn(
    await repositories.create({ repository: shop, ...made, pusher: request({}, null).pusher }),
  );
  told.moved['develop'] = [update?.newRevision ?? ''];
  const root = await commit('develop', { 'a/b.txt': '2', 'd/e/f.txt': 'new' });
  const source = await commit('proposals/x/y', { 'c.txt': '2' }, { from: root });
  await repositories.setPullHead(shop, 7, root);
  told.pull = root;
  await commit('develop', { 'a/b.txt': '3' });
  const ours = (await repositories.head(shop, 'develop')) ?? '';
  const { changes } = await repositories.merge({ repository: shop, ours, theirs: source });
  await commit('develop', changes, { mergeOf: source });
  await repositories.setPullHead(shop, 7, source);
  told.pull = source;
  valueIn(await repositories.create({ repository: passing, ...made, pusher: request({}, null).pusher }));
  told.passing = 'made';
  await repositories.delete(passing);
  told.passing = 'gone';
}

function open(directory: string, database: Database): Repositories {
  const root = join(directory, 'repositories');
  return createBareGitRepositories({ root, database, judge: testJudge, clock, logger });
}

/** One life that ends before step `diesAt`, then another one that looks at what is left. Gives the steps that were made. */
async function dieAndLook(diesAt: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-crash-point-'));
  const database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
  const told: Told = { moved: {} };
  const updates: RefUpdated[] = [];
  const life = createLife(diesAt);
  await life.run(async () => {
    const repositories = open(directory, mortalDatabase(database));
    await repositories.start(async (update) => {
      await life.step();
      updates.push(update);
    });
    await live(repositories, told);
    await repositories.stop();
  });
  const after = open(directory, database);
  await after.start(async (update) => void updates.push(update));
  try {
    await look(directory, after, told, updates);
    return life.steps;
  } finally {
    await life.bury();
    await after.stop();
    await database.close();
    rmSync(directory, { recursive: true });
  }
}

async function look(
  directory: string,
  after: Repositories,
  told: Told,
  updates: readonly RefUpdated[],
): Promise<void> {
  const lastOf = (repository: string, branch: string) =>
    updates.findLast((update) => update.repository === repository && update.ref === `refs/heads/${branch}`);
  for (const [branch, revisions] of Object.entries(told.moved)) {
    const head = (await after.head(shop, branch)) ?? '';
    const history = (await after.history(shop, branch)).map(({ revision }) => revision);
    for (const revision of revisions)
      assert.equal(history.filter((entry) => entry === revision).length, 1, 'it was acknowledged');
    await eventually(() => lastOf('shop', branch)?.newRevision === head);
  }
  const sequences = [
    ...new Set(updates.filter(({ repository }) => repository === 'shop').map((u) => u.sequence)),
  ];
  assert.deepEqual(
    sequences,
    sequences.map((_, at) => at + 1),
    'in order, without gaps',
  );
  for (const folder of ['.new', '.trash']) {
    const path = join(directory, 'repositories', folder);
    assert.deepEqual(existsSync(path) ? readdirSync(path) : [], []);
  }
  if (told.passing === 'gone') assert.equal(await after.exists(passing), false);
  if (await after.exists(passing))
    for (const branch of ['develop', 'main']) assert.ok(await after.head(passing, branch), 'it is whole');
  if (await after.exists(shop)) await lookAtShop(directory, after, told);
  else assert.deepEqual(told.moved, {});
}

async function lookAtShop(directory: string, after: Repositories, told: Told): Promise<void> {
  const path = join(directory, 'repositories/acme/shop.git');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', path, ...args], { encoding: 'utf8' });
  git('fsck', '--full', '--strict');
  const pull = join(path, 'refs/pull/7/head');
  const pulled = existsSync(pull) ? readFileSync(pull, 'utf8').trim() : undefined;
  const [root, source] = [told.moved['develop']?.[1], told.moved['proposals/x/y']?.[0]];
  if (told.pull === undefined) assert.ok(pulled === undefined || pulled === root);
  else assert.ok(pulled === told.pull || pulled === source);
  const head = (await after.head(shop, 'develop')) ?? '';
  for (const { pusher } of await after.commitsBetween(shop, '0'.repeat(40), head))
    assert.equal(pusher?.id, 'u1');
  const next = valueIn(await after.commit(request({ 'next.txt': 'x' }, head)));
  await after.setPullHead(shop, 7, next.newRevision);
  valueIn(await after.commit(request({ 'next.txt': 'x' }, next.newRevision, { branch: 'develop' })));
}

it('keeps its promises when it dies between two durable steps', async (t) => {
  const steps = await dieAndLook(Number.POSITIVE_INFINITY);
  assert.ok(steps > 100);
  // Each death costs a few hundred flushes of the disk; other runs take other steps.
  const stride = process.env['CATALYST_EVERY_STEP'] ? 1 : 12;
  const first = 1 + Math.floor(Math.random() * stride);
  t.diagnostic(`${steps} steps, every ${stride}th from ${first}`);
  for (let at = first; at <= steps; at += stride)
    await dieAndLook(at).catch((error: unknown) => {
      throw new Error(`died before step ${at}`, { cause: error });
    });
});

const script = join(import.meta.dirname, 'testing/push-child.ts');

/** A process that serves pushes and dies before step `diesAt`. Gives what it said. */
async function servePushes(directory: string, diesAt: number): Promise<string[]> {
  const child = spawn(process.execPath, [script, directory, String(diesAt)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  return lines;
}

async function dieWhilePushing(diesAt: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-crash-push-'));
  try {
    const lines = (await servePushes(directory, diesAt)).map((line) => line.split(' '));
    const { repositories, close } = openRepositories(directory);
    const updates: RefUpdated[] = readFileSync(join(directory, 'told.ndjson'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    await repositories.start(async (update) => void updates.push(update));
    const path = join(directory, 'repositories/acme/shop.git');
    for (const [kind, target = '', revision = ''] of lines) {
      if (kind === 'steps') continue;
      const ref = target.includes('main') ? 'refs/pull/1/head' : `refs/heads/${target.split(':')[1]}`;
      const file = join(path, ref);
      const now = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
      if (kind === 'done') assert.equal(now, revision, `${target} was acknowledged`);
      if (now === revision && ref.startsWith('refs/heads/'))
        await eventually(() =>
          updates.some((update) => update.ref === ref && update.newRevision === revision),
        );
    }
    const sequences = [...new Set(updates.map(({ sequence }) => sequence))];
    assert.deepEqual(
      sequences,
      sequences.map((_, at) => at + 1),
      'in order, without gaps',
    );
    execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', path, 'fsck', '--full', '--strict']);
    const head = (await repositories.head(shop, 'develop')) ?? '';
    valueIn(await repositories.commit(request({ 'next.txt': 'x' }, head)));
    await close();
    return Number(lines.find(([kind]) => kind === 'steps')?.[1] ?? 0);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

it('keeps its promises when it is killed between two durable steps of a push', async (t) => {
  const steps = await dieWhilePushing(1_000_000);
  assert.ok(steps > 20);
  const stride = process.env['CATALYST_EVERY_STEP'] ? 1 : 8;
  const first = 1 + Math.floor(Math.random() * stride);
  t.diagnostic(`${steps} steps, every ${stride}th from ${first}`);
  for (let at = first; at <= steps; at += stride)
    await dieWhilePushing(at).catch((error: unknown) => {
      throw new Error(`killed before step ${at}`, { cause: error });
    });
});
