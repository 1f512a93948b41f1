import { execFileSync } from 'node:child_process';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createSqliteDatabase } from '../core/control-plane/src/adapters/database/sqlite/sqlite-database.ts';
import {
  clock,
  startKit,
} from '../core/control-plane/src/adapters/repositories/bare-git/testing/repositories-kit.ts';
import { createRowReviews } from '../core/control-plane/src/adapters/reviews/rows/row-reviews.ts';
import { makeApiKit } from '../core/control-plane/src/api/testing/api-kit.ts';
import {
  createReadModel,
  makeOrganizations,
  makeView,
} from '../core/control-plane/src/api/testing/doubles.ts';
import type { Database } from '../core/control-plane/src/ports/database.ts';
import type { FileChanges, Repositories } from '../core/control-plane/src/ports/repositories.ts';
import { changesTable } from '../core/control-plane/src/services/history/changes.ts';
import { healthStatesTable } from '../core/control-plane/src/services/projector/health.ts';
import { createLanes } from '../core/control-plane/src/services/promotion/lane.ts';
import { createReadSoaks } from '../core/control-plane/src/services/review/soaks.ts';
import { branchOf, type EnvType, environmentName, envTypes } from '../core/model/src/names.ts';
import { applicationKey } from '../core/model/src/projection/keys.ts';
import type { ApplicationView } from '../core/model/src/views/application-view.ts';
import { type Figure, median, percentile, repeat } from './table.ts';

const applications = 10_000;
const organizations = 100;
const rounds = 40;
const shop = { organization: 'org-0', name: 'app-0' };
const who = { id: 'u', name: 'A', email: 'a@example.net' };
const by = { message: 'bench', author: who, pusher: { ...who, surface: 'api' } } as const;

/**
 * The lane of one Application with five Environments among 10,000 Applications, over HTTP at the API itself: right after a commit, so
 * that what lies between its neighbours is compared anew, and asked again. Git and rows are real, the read model is one in memory.
 */
export async function measureLanes(): Promise<Figure[]> {
  const git = await startKit();
  const database = createSqliteDatabase({ path: join(git.directory, 'rows.sqlite') });
  const clean: (() => Promise<void>)[] = [() => database.close(), () => git.dispose()];
  try {
    const parts = { repositories: git.repositories, database };
    await fillRows(database);
    await fillRepository(parts);
    const ask = await serve(git.repositories, database, (action) => clean.unshift(action));
    const fresh: number[] = [];
    for (let index = 0; index < rounds; index += 1) {
      await put(parts, 'poc', { 'base/values.yaml': values({ greeting: `${index}` }) });
      fresh.push(...(await repeat(1, ask)));
    }
    const again = await repeat(rounds, ask);
    const bare = join(git.directory, 'repositories', shop.organization, `${shop.name}.git`);
    const floor = {
      what: 'five bare `git merge-base` and `git merge-tree`, a process each',
      value: mergeTreesMs(bare),
    };
    const budget = (value: number) => ({ words: 'under 100 ms', met: value < 100 });
    const [first = Number.NaN, ...later] = fresh;
    const [p50, p99, known] = [median(later), percentile(later, 0.99), percentile(again, 0.99)];
    return [
      {
        what: 'lane of five Environments right after a commit, 10,000 Applications present, p50',
        value: p50,
        unit: 'ms',
        floor,
        budget: budget(p50),
      },
      { what: `the same, p99 of ${later.length}`, value: p99, unit: 'ms', floor, budget: budget(p99) },
      {
        what: 'the same, the first lane of a new process',
        value: first,
        unit: 'ms',
        floor,
        budget: budget(first),
      },
      {
        what: `the same lane asked again, p99 of ${rounds}`,
        value: known,
        unit: 'ms',
        floor,
        budget: budget(known),
      },
    ];
  } finally {
    for (const action of clean) await action();
  }
}

const digest = `sha256:${'0'.repeat(64)}`;
const names = ['greeting', ...Array.from({ length: 40 }, (_item, index) => `field${index}`), 'color'];
const values = (changed: Readonly<Record<string, string>>) =>
  names.map((name) => `${name}: "${changed[name] ?? 'same'}"\n`).join('');
const overlay = (envType: EnvType, spec: object): FileChanges => ({
  [`overlays/${envType}/application.yaml`]: JSON.stringify({ kind: 'Application', spec }),
  [`overlays/${envType}/values.yaml`]: `replicas: ${envType.length}\n`,
});

interface Parts {
  readonly repositories: Repositories;
  readonly database: Database;
}

/** As many rows as the Applications of the budget would have. */
async function fillRows(database: Database): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z';
  await database.transaction(async (tables) => {
    for (let index = 1; index < applications; index += 1) {
      const organization = `org-${index % organizations}`;
      const [application, environment] = [`app-${index}`, `${organization}-${envTypes[index % 5]}`];
      const target = `${environment}/${application}`;
      const revision = index.toString(16).padStart(40, '0');
      await tables.table(healthStatesTable).put({ id: target, revision, state: 'Running', from: at });
      await tables.table(changesTable).put({
        ...{ id: `${environment}/9/${application}/9`, target, entry: `${target}/${revision}`, organization },
        ...{ environment, application, branch: 'main', revision, previous: '', sequence: 1, subject: '', at },
        pusher: by.pusher,
      });
    }
  });
}

const put = async (
  { repositories, database }: Parts,
  envType: EnvType,
  changes: FileChanges,
  mergeOf?: string,
) => {
  const branch = branchOf(envType);
  const done = await repositories.commit({
    repository: shop,
    branch,
    expectedHead: (await repositories.head(shop, branch)) ?? null,
    changes,
    ...(mergeOf === undefined ? {} : { mergeOf }),
    ...by,
  });
  if (!done.ok) throw new Error(JSON.stringify(done.problems));
  const { newRevision: revision, time: at, sequence } = done.value;
  const [environment, application] = [environmentName(shop.organization, envType), shop.name];
  // As the application-controller would: what is told from rows follows the head.
  await database.table(changesTable).put({
    id: `${environment}/${String(9_999_999 - sequence)}`,
    target: `${environment}/${application}`,
    entry: `${environment}/${application}/${revision}`,
    ...{ organization: shop.organization, environment, application, branch, revision, sequence, at },
    ...{ previous: '', subject: 'bench', pusher: by.pusher },
  });
  return revision;
};

/** Promoted through all Environments, with a hotfix in prod. */
async function fillRepository(parts: Parts): Promise<void> {
  const { repositories } = parts;
  const files = Object.fromEntries(
    envTypes.map((envType) => [branchOf(envType), { CODEOWNERS: '* @org-0/org-admins\n' }]),
  );
  const made = await repositories.create({ repository: shop, branches: files, head: 'poc', ...by });
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const blueprint = { name: 'bp-web-app', version: '1.0.0', digest };
  const base: FileChanges = {
    'base/application.yaml': JSON.stringify({ kind: 'Application', spec: { blueprint, requires: [] } }),
    'base/values.yaml': values({}),
    'base/release.yaml': 'kind: HelmRelease\n',
    'base/kustomization.yaml': 'resources: []\n',
  };
  let from = await put(parts, 'poc', { ...base, ...overlay('poc', {}) });
  for (const envType of envTypes.slice(1))
    from = await put(parts, envType, { ...base, ...overlay(envType, {}) }, from);
  await put(parts, 'prod', { 'base/values.yaml': values({ color: 'red' }) });
}

type After = (action: () => Promise<void>) => void;

/** The API over them, with an open promotion; answers how the lane is asked for. */
async function serve(repositories: Repositories, database: Database, after: After) {
  const present = Object.fromEntries(
    Array.from({ length: organizations }, (_item, index) => [`org-${index}`, envTypes] as const),
  );
  const views = Array.from({ length: applications }, (_item, index) => {
    const organization = `org-${index % organizations}`;
    return makeView(organization, `${organization}-${envTypes[index % 5]}`, `app-${index}`);
  });
  const readModel = createReadModel(views);
  const reviews = createRowReviews({ database, clock });
  const head = (await repositories.head(shop, 'develop')) ?? '';
  await reviews.open({
    ...{ repository: shop, title: 'Promote', description: '', source: 'develop', destination: 'staging' },
    ...{ environment: 'org-0-stg', head, openedBy: who, openedOn: 'api', pushers: ['u'] },
    promotion: { from: 'org-0-dev', base: head, overlay: {}, decisions: {} },
  });
  const made = makeOrganizations(present);
  const lanes = createLanes({
    ...{ repositories, database, reviews, organizations: made, clock },
    teams: { people: async () => ({}) },
    policies: {
      read: async () => ({
        policy: {
          name: 'org-0-stg-policy',
          environment: 'org-0-stg',
          rollback: 'free',
          rules: [{ kind: 'pr-required', approvers: ['security'], minApprovals: 1 }],
        },
      }),
    },
    breakGlass: { factOf: async () => undefined },
    scores: async () => undefined,
    soaks: createReadSoaks({ repositories, organizations: made, database, clock }),
    catalog: { find: () => undefined },
    viewOf: (environment, application) =>
      readModel.get<ApplicationView>(applicationKey(environment, application))?.value,
  });
  const kit = await makeApiKit(after, { replace: { organizations: made, readModel, lanes } });
  const { port, hostname } = new URL(kit.origin);
  await kit.app.listen({ host: 'localhost', port: Number(port) });
  const headers = await kit.browser(kit.admin);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  after(async () => agent.destroy());
  const path = `/v1/organizations/${shop.organization}/applications/${shop.name}/lane`;
  return () =>
    new Promise<void>((resolve, reject) => {
      const call = get({ hostname, port, path, headers, agent }, (response) => {
        response.resume();
        response.once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`)),
        );
      });
      call.once('error', reject);
    });
}

/** What Git itself takes to merge each neighbour on paper, and the two farthest. */
function mergeTreesMs(bare: string): number {
  const merge = (ours: EnvType, theirs: EnvType) => {
    const args = ['-c', 'safe.directory=*', '--git-dir', bare, 'merge-tree'];
    // Git before 2.38 wants the common ancestor; both do the same work.
    const base = execFileSync('git', [...args.slice(0, 4), 'merge-base', branchOf(ours), branchOf(theirs)], {
      encoding: 'utf8',
    }).trim();
    execFileSync('git', [...args, base, branchOf(ours), branchOf(theirs)], { stdio: 'pipe' });
  };
  const samples = Array.from({ length: 10 }, () => {
    const start = performance.now();
    for (const [index, envType] of envTypes.slice(1).entries()) merge(envType, envTypes[index] ?? 'poc');
    merge('prod', 'poc');
    return performance.now() - start;
  });
  return median(samples);
}
