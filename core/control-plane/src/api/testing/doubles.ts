import type { ChangeView } from '@catalyst/model/api/history.ts';
import { type EnvType, environmentName, parseEnvironmentName } from '@catalyst/model/names.ts';
import { ok, refused } from '@catalyst/model/problem.ts';
import { applicationKey, applicationsPrefix, filledKey } from '@catalyst/model/projection/keys.ts';
import type { Environment, Organization } from '@catalyst/model/resources/organization.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import type { LogLine } from '../../ports/workloads.ts';
import type { Entry, ReadModel } from '../../read-model/read-model.ts';
import type { Organizations } from '../../services/organization-controller/organizations.ts';
import type { ApiDeps } from '../rest/api-deps.ts';
import { createGlassDoubles } from './glass-doubles.ts';
import { createLaneDoubles } from './lane-doubles.ts';
import { createPeopleDoubles } from './people-doubles.ts';
import { createReviewDoubles } from './review-doubles.ts';
import { createWebhookDoubles } from './webhook-doubles.ts';

const apiVersion = 'catalyst.openova.io/v1alpha1';
export const revision = 'a'.repeat(40);
const encode = (text: string) => new TextEncoder().encode(text);

function toOrganization(name: string): Organization {
  return { apiVersion, kind: 'Organization', metadata: { name }, spec: {} };
}

function toEnvironment(organization: string, envType: EnvType): Environment {
  const name = environmentName(organization, envType);
  return { apiVersion, kind: 'Environment', metadata: { name }, spec: { organization, envType } };
}

/** Organizations in memory, for tests of the transport alone; whole-system tests use the real controllers. */
export function makeOrganizations(initial: Readonly<Record<string, readonly EnvType[]>>): Organizations {
  const organizations = new Map<string, Organization>();
  const environments = new Map<string, Environment>();
  const add = (name: string, types: readonly EnvType[]) => {
    organizations.set(name, toOrganization(name));
    for (const type of types) environments.set(environmentName(name, type), toEnvironment(name, type));
  };
  for (const [name, types] of Object.entries(initial)) add(name, types);
  const unconfirmed = () =>
    refused({ code: 'Invalid', field: 'confirm', message: 'Type the name again to delete it.' });
  return {
    list: async () => [...organizations.values()],
    get: async (name) => organizations.get(name),
    environments: async (organization) =>
      [...environments.values()].filter(
        (entry) => organization === undefined || entry.spec.organization === organization,
      ),
    environment: async (name) => environments.get(name),
    async create(_actor, input) {
      if (organizations.has(input.name))
        return refused({ code: 'Conflict', field: 'name', message: 'This name is taken.' });
      add(input.name, input.environments);
      return ok(toOrganization(input.name));
    },
    async createEnvironment(_actor, organization, input) {
      const made = toEnvironment(organization, input.envType);
      environments.set(made.metadata.name, made);
      return ok(made);
    },
    deletion: async () => ({ applications: [], environments: [], repositories: [], volumes: [] }),
    async delete(_actor, organization, confirm) {
      if (confirm !== organization) return unconfirmed();
      organizations.delete(organization);
      for (const name of environments.keys())
        if (parseEnvironmentName(name)?.organization === organization) environments.delete(name);
      return ok(undefined);
    },
    async deleteEnvironment(_actor, environment, confirm) {
      if (confirm !== environment) return unconfirmed();
      environments.delete(environment);
      return ok(undefined);
    },
  };
}

/** A card as the projector would write it. */
export function makeView(
  organization: string,
  environment: string,
  name: string,
  state: ApplicationView['state'] = 'Running',
): ApplicationView {
  return {
    organization,
    environment,
    name,
    blueprint: { name: 'bp-web-app', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
    state,
    paused: false,
    pods: { ready: 1, desired: 1 },
    hosts: [`${name}.${environment}.localhost`],
    dependencies: [],
    usedBy: [],
    revision,
    instances: [],
    notEnforced: [],
  };
}

/** A read model in memory, filled with cards, in which nothing changes. */
export function createReadModel(views: readonly ApplicationView[]): ReadModel {
  const filled = { key: filledKey, value: { epoch: '1' }, revision: 1, source: 0 };
  const entries = new Map<string, Entry>([[filledKey, filled]]);
  const byPrefix = new Map<string, Entry[]>();
  for (const value of views) {
    const entry = { key: applicationKey(value.environment, value.name), value, revision: 1, source: 0 };
    entries.set(entry.key, entry);
    const prefix = applicationsPrefix(value.environment);
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), entry]);
  }
  return {
    epoch: () => '1',
    revision: () => 1,
    get: <T>(key: string) => entries.get(key) as Entry<T> | undefined,
    list: <T>(prefix: string) => (byPrefix.get(prefix) ?? []) as Entry<T>[],
    put: async () => {},
    delete: async () => {},
    watch: () => ({ stop: () => {} }),
    since: () => [],
    onEpoch: () => {},
    highestSource: () => 0,
    reset: async () => {},
  };
}

/** One public Blueprint, and one that belongs to an Organization. */
export function makeBlueprint(name: string, origin: string): BlueprintVersion {
  return {
    name,
    version: '1.0.0',
    origin,
    digest: `sha256:${'0'.repeat(64)}`,
    archive: '/nowhere',
    url: `oci://localhost/catalog/${name}`,
    defaults: {},
    blueprint: {
      apiVersion,
      kind: 'Blueprint',
      metadata: { name },
      spec: {
        version: '1.0.0',
        card: { title: name, tagline: 'A Blueprint.', category: 'web' },
        visibility: origin === 'catalog' ? 'listed' : 'private',
        configSchema: {
          type: 'object',
          properties: { replicas: { type: 'integer', default: 1 }, title: { type: 'string' } },
        },
        manifests: { source: { kind: 'HelmChart', ref: './chart' } },
      },
    },
  };
}

const plan: Plan = {
  id: 'plan-1',
  environment: 'acme-dev',
  action: 'restart',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
  applications: [],
  problems: [],
  consequences: [],
  choices: [],
};

function toChange(application: string): ChangeView {
  return {
    organization: 'acme',
    environment: 'acme-dev',
    application,
    revision,
    parents: [],
    author: { name: 'Ada', email: 'ada@example.org' },
    time: '2026-01-01T00:00:00Z',
    message: 'Install',
    outcome: { state: 'running' },
  };
}

async function* logLines(signal: AbortSignal, follow: boolean): AsyncGenerator<LogLine> {
  yield { at: '2026-01-01T00:00:00.000000000Z', stream: 'stdout', line: 'hello' };
  yield { at: '2026-01-01T00:00:00.000000001Z', stream: 'stderr', line: 'line\nbreak' };
  if (follow)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What routes ask beside access and identity. `followed` tells whether a log is being followed now. */
export function createDoubles(views: readonly ApplicationView[]) {
  const blueprints = [makeBlueprint('bp-web-app', 'catalog'), makeBlueprint('bp-secret', 'globex')];
  const sees = (version: BlueprintVersion, viewer: { organizations: readonly string[] }) =>
    version.origin === 'catalog' || viewer.organizations.includes(version.origin);
  const files: Record<string, string> = {
    'base/values.yaml': 'title: base\n',
    'overlays/dev/values.yaml': 'title: overlay\n',
    'overlays/prod/values.yaml': 'title: other\n',
    CODEOWNERS: '* @acme\n',
  };
  const state = { followed: 0 };
  const deps: Omit<ApiDeps, 'sovereign' | 'access' | 'identity' | 'organizations' | 'readiness'> = {
    catalog: {
      list: (viewer) => blueprints.filter((version) => sees(version, viewer)),
      malformed: () => [],
      find: (name, _version, viewer) =>
        blueprints.find((version) => version.name === name && sees(version, viewer)),
      versions: () => ['1.0.0'],
    },
    blueprints: {
      oci: async (path) =>
        path === 'catalog/bp-web-app/manifests/1.0.0'
          ? {
              mediaType: 'application/vnd.oci.image.manifest.v1+json',
              digest: `sha256:${'1'.repeat(64)}`,
              body: encode('{}'),
            }
          : undefined,
    },
    upgrades: {
      blastRadius: async (_actor, { blueprint, version }) =>
        ok({ blueprint, version, items: [], unchanged: 0 }),
      propose: async () => ok({ items: [] }),
    },
    provisioning: {
      plan: async (_actor, environment) => ok({ ...plan, environment }),
      apply: async (_actor, _environment, id) =>
        id === plan.id
          ? ok({ planId: id, commits: [] })
          : refused({ code: 'NotFound', message: 'There is no such plan.' }),
      unfinished: async () => [
        {
          ...{
            planId: 'plan-0',
            action: 'install',
            by: { id: 'ada', name: 'Ada' },
            begunAt: '2026-01-01T00:00:00.000Z',
          },
          ...{ state: 'going-on', done: ['shop-db'], left: ['shop'], message: 'It is tried again.' },
        },
      ],
    },
    repositories: {
      head: async () => revision,
      files: async () =>
        Object.entries(files).map(([path, text]) => ({
          path,
          mode: '100644',
          sizeBytes: text.length,
          blob: revision,
        })),
      read: async (_repository, _revision, path) => {
        const text = files[path];
        return text === undefined ? undefined : encode(text);
      },
    },
    history: {
      ofApplication: async (_scope, application) =>
        application === 'shop' ? { items: [toChange(application)] } : undefined,
      ofEnvironment: async () => ({ items: [toChange('shop')] }),
      plan: async (_scope, _application, of) =>
        of === revision
          ? {
              planId: plan.id,
              madeAt: plan.createdAt,
              madeBy: 'Ada',
              action: plan.action,
              consequences: [],
              applications: [],
            }
          : undefined,
      compare: async (_scope, _application, { from, to }) =>
        from === revision ? { from, to, files: [], objects: [], problems: [] } : undefined,
    },
    scorecards: {
      of: async ({ environment }, view) => ({
        environment,
        application: view.name,
        revision: view.revision,
        score: 80,
        criteria: [],
        cheapest: [],
        unknown: [],
      }),
    },
    gitops: {
      manifests: async () => [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' } }],
    },
    workloads: {
      availability: () => ({ available: true, message: '' }),
      logs: async ({ pod, signal, follow }) => {
        if (pod !== 'shop-0') return undefined;
        state.followed += 1;
        signal.addEventListener('abort', () => {
          state.followed -= 1;
        });
        return logLines(signal, follow);
      },
      volumes: async (environment) => [
        { environment, application: 'gone', claim: 'data', sizeBytes: 1, requestedBytes: 2, inUse: false },
        { environment, application: 'shop', claim: 'data', sizeBytes: 1, requestedBytes: 2, inUse: true },
      ],
      deleteVolumes: async (_environment, _application, claims) => [...claims],
    },
    readModel: createReadModel(views),
    webhooks: createWebhookDoubles(),
    ...createReviewDoubles(),
    ...createGlassDoubles(),
    watches: { ofApplication: async () => undefined },
    ...createPeopleDoubles(),
    ...createLaneDoubles(),
  };
  return { deps, state };
}
