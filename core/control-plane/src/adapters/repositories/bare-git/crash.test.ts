import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import type { RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import { eventually } from '../../../ports/repositories.kit.contract.ts';
import { createGitClient } from './testing/git-server.ts';
import { openRepositories } from './testing/repositories-kit.ts';

const rounds = Number(process.env['CATALYST_CRASH_ROUNDS'] ?? 20);
const shop = { organization: 'acme', name: 'shop' };
const script = join(import.meta.dirname, 'testing/crash-child.ts');

interface Acknowledged {
  readonly commits: string[];
  readonly pushes: string[];
  readonly created: Set<string>;
  readonly deleted: Set<string>;
}

/** One life of the child, ended by SIGKILL after `lifeMs`, while a real client pushes to it. */
async function liveAndDie(
  directory: string,
  round: number,
  lifeMs: number,
  seen: Acknowledged,
): Promise<void> {
  const child = spawn(process.execPath, [script, directory, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let pushing: Promise<void> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, value = ''] = line.split(' ');
    if (kind === 'commit') seen.commits.push(value);
    if (kind === 'create') seen.created.add(value);
    if (kind === 'delete') seen.deleted.add(value);
    if (kind === 'port') {
      setTimeout(() => child.kill('SIGKILL'), lifeMs);
      pushing = pushUntilRefused(directory, Number(value), round, seen);
    }
  }
  await exited;
  await pushing;
}

async function pushUntilRefused(
  directory: string,
  port: number,
  round: number,
  seen: Acknowledged,
): Promise<void> {
  const git = createGitClient(directory);
  const url = `http://x:alice@127.0.0.1:${port}/git/acme/shop.git`;
  if (!existsSync(join(directory, 'work'))) {
    await git('.', 'init', '-q', '-b', 'work', 'work');
    await git('work', 'commit', '-q', '--allow-empty', '-m', 'root');
  }
  for (let n = 0; ; n++) {
    writeFileSync(join(directory, 'work/f.txt'), `${round} ${n}`);
    await git('work', 'add', '-A');
    await git('work', 'commit', '-q', '-m', `push ${round} ${n}`);
    const { ok } = await git('work', 'push', '-q', url, 'work');
    if (!ok) return;
    seen.pushes.push((await git('work', 'rev-parse', 'HEAD')).output.trim());
  }
}

/** What the sink was told, each movement once, in order of being told for the first time. */
function readTold(directory: string): Map<string, RefUpdated[]> {
  const byRepository = new Map<string, RefUpdated[]>();
  const lines = readFileSync(join(directory, 'told.ndjson'), 'utf8').split('\n').filter(Boolean);
  for (const line of lines) {
    const update: RefUpdated = JSON.parse(line);
    const list = byRepository.get(update.repository) ?? [];
    byRepository.set(update.repository, list);
    if (!list.some(({ sequence }) => sequence === update.sequence)) list.push(update);
  }
  return byRepository;
}

it(`keeps its promises through ${rounds} SIGKILLs at random moments during commits, pushes, creations and deletions`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-crash-'));
  const seen: Acknowledged = { commits: [], pushes: [], created: new Set(), deleted: new Set() };
  // Lives that are too short for this machine, as busy as it is now, prove nothing: they grow until something gets done.
  let stretch = 1;
  const acknowledged = () => seen.commits.length + seen.pushes.length + seen.created.size;
  const worked = () => seen.commits.length > rounds && seen.pushes.length > 0 && seen.created.size > 0;
  for (let round = 0; round < rounds || (!worked() && round < 3 * rounds); round++) {
    const before = acknowledged();
    await liveAndDie(directory, round, (40 + Math.random() * 260) * stretch, seen);
    if (acknowledged() === before || round >= rounds) stretch = Math.min(stretch * 1.5, 10);
  }
  t.diagnostic(
    `${seen.commits.length} commits, ${seen.pushes.length} pushes, ${seen.created.size} creations`,
  );
  assert.ok(worked());

  const { repositories, close } = openRepositories(directory);
  const late: RefUpdated[] = [];
  await repositories.start(async (update) => {
    late.push(update);
  });
  const told = readTold(directory);
  const all = (repository: string) => {
    const before = told.get(repository) ?? [];
    const known = new Set(before.map(({ sequence }) => sequence));
    return [
      ...before,
      ...late.filter((update) => update.repository === repository && !known.has(update.sequence)),
    ];
  };
  const heads = new Map<string, string>();
  for (const branch of ['develop', 'work', 'main'])
    heads.set(branch, (await repositories.head(shop, branch)) ?? '');
  const lastTold = (branch: string) =>
    all('shop').findLast(({ ref }) => ref === `refs/heads/${branch}`)?.newRevision;
  await eventually(() => [...heads].every(([branch, head]) => lastTold(branch) === head));

  const updates = all('shop');
  assert.deepEqual(
    updates.map(({ sequence }) => sequence),
    updates.map((_, at) => at + 1),
    'in order, without gaps',
  );
  const moved = updates.map(({ newRevision }) => newRevision);
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'safe.directory=*', '--git-dir', join(directory, 'repositories/acme/shop.git'), ...args],
      {
        encoding: 'utf8',
      },
    );
  const onBranches = git('rev-list', 'develop', 'work').split('\n');
  for (const revision of [...seen.commits, ...seen.pushes]) {
    assert.equal(moved.filter((entry) => entry === revision).length, 1, `${revision} was told`);
    assert.equal(onBranches.filter((entry) => entry === revision).length, 1, `${revision} is there`);
  }
  git('fsck', '--full');

  const present = await repositories.list('acme');
  for (const name of seen.created) {
    if (seen.deleted.has(name)) assert.ok(!present.includes(name), `${name} is gone`);
    // The deletion of every third may have been under way.
    else assert.ok(present.includes(name) || Number(name.split('-')[1]) % 3 === 2, `${name} is there`);
  }
  await eventually(() => present.every((name) => name === 'shop' || all(name).length === 3));
  for (const name of present.filter((entry) => entry !== 'shop'))
    for (const branch of ['develop', 'staging', 'main'])
      assert.ok(await repositories.head({ organization: 'acme', name }, branch), `${name} is whole`);
  for (const folder of ['.new', '.trash']) {
    const path = join(directory, 'repositories', folder);
    assert.deepEqual(existsSync(path) ? readdirSync(path) : [], []);
  }
  await close();
  rmSync(directory, { recursive: true });
});
