import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Client } from './client.ts';
import { git } from './git.ts';
import type { Ledger } from './ledger.ts';
import { fetchLocal, type Sovereign } from './sovereign.ts';

/** One repository as Git itself tells it, read from the disk and not through Catalyst. */
export interface SeenRepository {
  readonly name: string;
  readonly refs: Readonly<Record<string, string>>;
  readonly head: string;
  /** Commits of `develop`, newest first. */
  readonly history: readonly { readonly revision: string; readonly message: string }[];
  /** Paths at the head of `develop`. */
  readonly files: readonly string[];
}

const wholeInstall = [
  'CODEOWNERS',
  'base/application.yaml',
  'base/kustomization.yaml',
  'base/release.yaml',
  'base/values.yaml',
  'overlays/dev/application.yaml',
  'overlays/dev/bindings.yaml',
  'overlays/dev/kustomization.yaml',
  'overlays/dev/values.yaml',
];

function read(directory: string, ...args: readonly string[]): string {
  const result = git(directory, '-c', 'safe.directory=*', ...args);
  if (result.status !== 0) throw new Error(`git ${args.join(' ')} in ${directory}: ${result.output}`);
  return result.output;
}

/** Repositories of an Organization on disk. */
export function repositoriesOf(sovereign: Sovereign, organization: string): string[] {
  const folder = join(sovereign.dataDirectory, 'repositories', organization);
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.git'))
        .map((name) => name.slice(0, -4))
        .sort()
    : [];
}

/** Reads one repository. */
export function seeRepository(sovereign: Sovereign, organization: string, name: string): SeenRepository {
  const directory = join(sovereign.dataDirectory, 'repositories', organization, `${name}.git`);
  const refs = Object.fromEntries(
    read(directory, 'for-each-ref', '--format=%(refname) %(objectname)')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ', 2) as [string, string]),
  );
  const history = read(directory, 'log', '--format=%H%x00%B%x01', 'refs/heads/develop')
    .split('\x01')
    .map((text) => text.trim().split('\0', 2))
    .filter(([revision]) => revision !== '')
    .map(([revision = '', message = '']) => ({ revision, message }));
  return {
    name,
    refs,
    head: read(directory, 'symbolic-ref', 'HEAD').trim(),
    history,
    files: read(directory, 'ls-tree', '-r', '--name-only', 'refs/heads/develop').trim().split('\n'),
  };
}

/** All objects that the refs need are there and whole. */
export function checkObjects(sovereign: Sovereign, organization: string, name: string): void {
  const directory = join(sovereign.dataDirectory, 'repositories', organization, `${name}.git`);
  read(directory, 'fsck', '--full', '--no-dangling', '--no-progress');
}

/** Nothing is half made: all three branches, and an install that is wholly there or not at all. */
export function checkWhole(repository: SeenRepository): void {
  const { name, refs, files, head } = repository;
  assert.deepEqual(
    Object.keys(refs).sort(),
    ['refs/heads/develop', 'refs/heads/main', 'refs/heads/staging'],
    `${name}: branches`,
  );
  assert.equal(head, 'refs/heads/develop', `${name}: HEAD`);
  if (isInstalled(repository))
    assert.deepEqual(
      wholeInstall.filter((path) => !files.includes(path)),
      [],
      `${name}: missing files`,
    );
  else
    assert.deepEqual(
      files.filter((path) => path.startsWith('base/')),
      [],
      `${name}: left after an uninstall`,
    );
}

/** Whether the branch holds the Application. */
export function isInstalled(repository: SeenRepository): boolean {
  return repository.files.includes('base/application.yaml');
}

/** What was acknowledged is in the branch exactly once; what was not, at most once, and in all of its repositories or in none. */
export function checkLedger(ledger: Ledger, repositories: ReadonlyMap<string, SeenRepository>): void {
  for (const { mark, acknowledged, applications, surface } of ledger.changes()) {
    const counts = applications.map(
      (application) =>
        repositories.get(application)?.history.filter(({ message }) => message.includes(mark)).length ?? 0,
    );
    const told = `${surface} change ${mark} of ${applications.join(', ')}, in history ${counts.join(', ')} times`;
    for (const count of counts) assert.ok(count <= 1, `made twice: ${told}`);
    assert.equal(new Set(counts).size, 1, `half made: ${told}`);
    if (!acknowledged) continue;
    for (const [application, revision] of Object.entries(acknowledged)) {
      const found = repositories
        .get(application)
        ?.history.filter((commit) => commit.revision === revision && commit.message.includes(mark));
      assert.equal(found?.length, 1, `acknowledged and lost: ${told}, commit ${revision}`);
    }
  }
}

/** Rows of a table of the Sovereign's database, read beside it. */
export function rowsOf<Row>(sovereign: Sovereign, table: string): Row[] {
  const database = new DatabaseSync(join(sovereign.dataDirectory, 'database.sqlite'), { readOnly: true });
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    return database
      .prepare(`SELECT row FROM t_${table}`)
      .all()
      .map((found) => JSON.parse(String(found['row'])) as Row);
  } finally {
    database.close();
  }
}

/** Every card of an Organization, page by page. */
export async function cardsOf(client: Client, organization: string): Promise<ApplicationView[]> {
  const items: ApplicationView[] = [];
  let next: string | undefined;
  do {
    const page = await client.json<{ items: ApplicationView[]; continue?: string }>(
      'GET',
      `/v1/applications?organization=${organization}&limit=100${next === undefined ? '' : `&continue=${next}`}`,
    );
    items.push(...page.items);
    next = page.continue;
  } while (next !== undefined);
  return items;
}

/** Waits until a check passes; throws its last error. */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs: number): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;)
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= until) throw error;
      await wait(50);
    }
}

/** The `installations` and the API say of every Application what Git says. Both follow Git, so a moment is theirs. */
export async function checkAgreement(
  sovereign: Sovereign,
  client: Client,
  repositories: ReadonlyMap<string, SeenRepository>,
  timeoutMs: number,
): Promise<ApplicationView[]> {
  const inGit = [...repositories.values()]
    .filter(isInstalled)
    .map(({ name, refs }) => `${name}@${refs['refs/heads/develop']}`)
    .sort();
  return eventually(async () => {
    const rows = rowsOf<{ application: string; revision: string; removing: boolean }>(
      sovereign,
      'installations',
    );
    assert.deepEqual(
      rows
        .filter((row) => !row.removing)
        .map((row) => `${row.application}@${row.revision}`)
        .sort(),
      inGit,
      'installations and Git',
    );
    const cards = await cardsOf(client, 'acme');
    assert.deepEqual(
      cards
        .filter((card) => card.why?.reason !== 'Removing')
        .map((card) => `${card.name}@${card.revision}`)
        .sort(),
      inGit,
      'API and Git',
    );
    return cards;
  }, timeoutMs);
}

/** Whether the Sovereign says that it is ready. */
export async function isReady(sovereign: Sovereign): Promise<boolean> {
  const answer = await fetchLocal(sovereign.port, 'localhost', '/readyz').catch(() => undefined);
  return answer?.status === 200;
}
