import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '@catalyst/model/authorization.ts';
import { isProtected, type Policy } from '@catalyst/model/policy/policy.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { stringify } from 'yaml';
import { createFolderBlueprintSource } from '../../../adapters/blueprint-source/folders/folder-blueprint-source.ts';
import { createReleaseRenderer } from '../../../adapters/containers/agent/render-release.ts';
import { createSqliteDatabase } from '../../../adapters/database/sqlite/sqlite-database.ts';
import { createSandboxedRenderer } from '../../../adapters/renderer/sandboxed/sandboxed-renderer.ts';
import { createBareGitRepositories } from '../../../adapters/repositories/bare-git/bare-git-repositories.ts';
import { clock, logger } from '../../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { makeOrganizations } from '../../../api/testing/doubles.ts';
import type { EventSpine } from '../../../events/event-spine.ts';
import type { BlueprintVersion } from '../../../ports/blueprint-source.ts';
import type { Database } from '../../../ports/database.ts';
import type { GitOps } from '../../../ports/gitops.ts';
import type { Repositories } from '../../../ports/repositories.ts';
import type { VolumeInfo, Workloads } from '../../../ports/workloads.ts';
import { findTool } from '../../../process/tools.ts';
import { createApplicationController } from '../../application-controller/application-controller.ts';
import { createInstallations } from '../../application-controller/installations.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { createCatalog } from '../../catalog/create-catalog.ts';
import { createProvisioning, type ProvisioningDeps } from '../../provisioning/create-provisioning.ts';
import { createUpdateJudge } from '../../receiving/update-judge.ts';
import { findChange } from '../changes.ts';
import { createHistory } from '../create-history.ts';

/** A version of a Blueprint whose one object shows its configuration. */
export interface KitBlueprint {
  readonly name: string;
  readonly version: string;
  readonly properties?: Readonly<Record<string, object>>;
  readonly depends?: readonly object[];
  readonly secrets?: readonly object[];
  readonly upgrades?: object;
}

/** Who acts in the tests. */
export const layla: Actor = {
  id: 'u1',
  name: 'Layla',
  email: 'layla@example.net',
  sovereignAdmin: false,
  memberships: [{ organization: 'acme', role: 'org-developer' }],
  surface: 'api',
};

const environment = 'acme-dev';
const urlOf = (host: string) => `http://${host}:8080`;

function writeBlueprint(directory: string, blueprint: KitBlueprint): void {
  const { name, version, properties = {}, depends = [], secrets = [], upgrades } = blueprint;
  const folder = join(directory, `${name}-${version}`);
  mkdirSync(join(folder, 'chart/templates'), { recursive: true });
  const write = (path: string, content: object) => writeFileSync(join(folder, path), stringify(content));
  write('blueprint.yaml', {
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'Blueprint',
    metadata: { name: `bp-${name}` },
    spec: {
      version,
      card: { title: name, tagline: name, category: 'general' },
      visibility: 'listed',
      configSchema: {
        type: 'object',
        additionalProperties: false,
        properties: { greeting: { type: 'string', default: 'hello' }, ...properties },
      },
      manifests: { source: { kind: 'HelmChart', ref: './chart' } },
      provides: { service: name, port: 80 },
      ...(depends.length > 0 ? { depends } : {}),
      ...(secrets.length > 0 ? { secrets } : {}),
      ...(upgrades ? { upgrades } : {}),
    },
  });
  writeFileSync(join(folder, 'README.md'), `# ${name}\n`);
  write('chart/Chart.yaml', {
    apiVersion: 'v2',
    name: `bp-${name}`,
    version,
    annotations: { 'catalyst.openova.io/no-upstream': 'true' },
  });
  write('chart/values.yaml', {});
  write('chart/templates/config.yaml', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config' },
    data: { greeting: '{{ .Values.greeting }}', version },
  });
}

/** Blueprints in a folder, of which versions can be taken away. */
export async function openShelf(directory: string, blueprints: readonly KitBlueprint[]) {
  const folder = join(directory, 'blueprints');
  for (const blueprint of blueprints) writeBlueprint(folder, blueprint);
  const open = async () => {
    const source = createFolderBlueprintSource({
      folders: [{ origin: 'catalog-sovereign', directory: folder, layout: 'free' }],
      workDirectory: join(directory, 'charts'),
      registryUrl: 'localhost:8080',
      logger,
    });
    await source.start();
    return { source, catalog: createCatalog({ source }) };
  };
  let current = await open();
  const catalog: Catalog = {
    list: (viewer) => current.catalog.list(viewer),
    malformed: (viewer) => current.catalog.malformed(viewer),
    find: (name, version, viewer) => current.catalog.find(name, version, viewer),
    versions: (name, viewer) => current.catalog.versions(name, viewer),
  };
  return {
    catalog,
    findByDigest: (digest: string) => current.source.findByDigest(digest),
    stop: () => current.source.stop(),
    /** Takes a version out of the catalog, with every package that was kept of it. */
    async withdraw(name: string, version: string): Promise<void> {
      rmSync(join(folder, `${name}-${version}`), { recursive: true });
      await current.source.stop();
      rmSync(join(directory, 'charts'), { recursive: true });
      current = await open();
    },
  };
}

/** The engine's half that renders: nothing runs. */
export function createPreviews(
  directory: string,
  repositories: Repositories,
  findByDigest: (digest: string) => BlueprintVersion | undefined,
): GitOps {
  const renderer = createSandboxedRenderer({
    helm: findTool('helm', process.env),
    kubectl: findTool('kubectl', process.env),
    bwrap: findTool('bwrap', process.env),
    cacheDirectory: join(directory, 'renders'),
    kubernetesVersion: '1.35.0',
    apiVersions: [],
    logger,
  });
  const releases = createReleaseRenderer({
    repositories,
    renderer,
    blueprints: { findByDigest },
    domain: 'localhost',
  });
  return {
    async preview(target, files) {
      const rendered = await releases.preview(target, files);
      return rendered.ok ? { ok: true, value: rendered.value.objects } : rendered;
    },
    manifests: async () => undefined,
    statuses: () => [],
    declare: () => undefined,
    start: async () => undefined,
    stop: async () => undefined,
  };
}

/** Git, judged as in the product; the policy of the Environment is what `rules` says. */
function openRepositories(directory: string, database: Database, catalog: Catalog) {
  const late: { repositories?: Repositories; gitops?: GitOps } = {};
  const rules: { policy: Policy | undefined } = { policy: undefined };
  const needed = <T>(part: T | undefined): T => {
    assert.ok(part);
    return part;
  };
  const judge = createUpdateJudge({
    catalog,
    repositories: () => needed(late.repositories),
    organizations: makeOrganizations({ acme: ['dev'] }),
    isBeingDeleted: async () => false,
    contents: async () => [],
    installations: createInstallations({ database }),
    gitops: () => needed(late.gitops),
    mayWrite: async () => true,
    domain: 'localhost',
    urlOf,
    protection: {
      policyOf: async () => (rules.policy ? { policy: rules.policy } : {}),
      verdicts: { record: async () => {} },
      teams: { people: async () => ({ '@acme/org-admins': ['u1'] }) },
      clock,
      pullRequestGate: async () => ({ ok: false, problems: [] }),
      policyProposal: async () => ({ ok: false, problems: [] }),
      pullRequestsUrl: () => '',
    },
  });
  const root = join(directory, 'repositories');
  const repositories = createBareGitRepositories({ root, database, judge, clock, logger });
  late.repositories = repositories;
  return { repositories, rules, late };
}

function createPlanner(
  deps: Pick<ProvisioningDeps, 'database' | 'repositories' | 'catalog' | 'gitops' | 'workloads'> & {
    readonly rules: { readonly policy: Policy | undefined };
  } & Partial<Pick<ProvisioningDeps, 'ensureSecrets' | 'clock'>>,
) {
  let ids = 0;
  return createProvisioning({
    clock,
    ensureSecrets: async () => undefined,
    ...deps,
    installations: createInstallations(deps),
    domain: 'localhost',
    urlOf,
    environmentsOf: async () => [{ envType: 'dev' }],
    policy: async () => ({ protected: isProtected(deps.rules.policy), allowed: true, gates: [] }),
    createId: () => `plan-${++ids}`,
    logger,
  });
}

/** Planning, carrying out and reading history with real Git, rows, Blueprints and rendering; only containers are left out. */
export async function startHistoryKit(blueprints: readonly KitBlueprint[]) {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-history-'));
  const database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
  const shelf = await openShelf(directory, blueprints);
  const { catalog } = shelf;
  const { repositories, rules, late } = openRepositories(directory, database, catalog);
  const gitops = createPreviews(directory, repositories, shelf.findByDigest);
  late.gitops = gitops;
  const spine = {
    publish: async () => undefined,
    subscribe: async () => ({ stop: async () => undefined }),
  } as unknown as EventSpine;
  const controller = createApplicationController({ spine, database, gitops, repositories, clock, logger });
  await repositories.start(controller.sink);
  const volumes: VolumeInfo[] = [];
  const workloads = { volumes: async () => volumes, snapshot: () => [] } as unknown as Workloads;
  const basis = { database, repositories, catalog, gitops, workloads, rules };
  const provisioning = createPlanner(basis);
  const reopen = (other: Partial<Parameters<typeof createPlanner>[0]> = {}) =>
    createPlanner({ ...basis, ...other });
  const plan = async (request: PlanRequest): Promise<Plan> => {
    const made = await provisioning.plan(layla, environment, request);
    assert.ok(made.ok);
    return made.value;
  };
  const tryToApply = (made: Plan) => provisioning.apply(layla, environment, made.id);
  const apply = async (made: Plan) => {
    assert.deepEqual(made.problems, []);
    const applied = await tryToApply(made);
    assert.ok(applied.ok, JSON.stringify(applied));
    // What is offered to others comes from rows, which follow the commits.
    for (const { application, revision } of applied.value.commits)
      while (!(await findChange(database, environment, application, revision))) await clock.sleep(2);
    return applied.value.commits;
  };
  return {
    database,
    repositories,
    history: createHistory({ repositories, database, catalog, gitops, viewOf: () => undefined }),
    volumes,
    provisioning,
    /** Another process over the same data, with some of what it stands on in other hands. */
    openProvisioning: reopen,
    /** Its policy protects the Environment from then on. */
    rules,
    plan,
    apply,
    tryToApply,
    /** Plans and applies; gives the revision of the last commit. */
    change: async (request: PlanRequest) => (await apply(await plan(request))).at(-1)?.revision ?? '',
    repository: (name: string) => ({ organization: 'acme', name }),
    withdraw: shelf.withdraw,
    async close() {
      await provisioning.stop();
      await repositories.stop();
      await shelf.stop();
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
