import { join } from 'node:path';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { ok } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { createSqliteDatabase } from '../../../adapters/database/sqlite/sqlite-database.ts';
import { createEventSpine } from '../../../events/nats-event-spine.ts';
import { startNatsKit, testClock, testLogger } from '../../../events/testing/nats-kit.ts';
import type { ReleaseTarget } from '../../../ports/gitops.ts';
import type { VolumeInfo } from '../../../ports/workloads.ts';
import { createReadModel } from '../../../read-model/nats-read-model.ts';
import { createApplicationController } from '../../application-controller/application-controller.ts';
import { installationsTable } from '../../application-controller/installations.ts';
import { createProjector } from '../../projector/projector.ts';
import { createOrganizations, type RunningOrganizations } from '../create-organizations.ts';
import { deletionsTable } from '../resource-tables.ts';
import { createRealRepositories } from './real-repositories.ts';

/** Who does it. */
export const actor: Actor = {
  id: 'u1',
  name: 'Ada',
  email: 'ada@example.test',
  sovereignAdmin: true,
  memberships: [],
  surface: 'console',
};

/** Real stream, read model, database and repositories, a runtime that the tests speak for. */
export async function openWorld() {
  const kit = await startNatsKit();
  const options = { access: kit.access, logger: testLogger, clock: testClock };
  const database = createSqliteDatabase({ path: join(kit.directory, 'database.sqlite') });
  const spine = await createEventSpine(options);
  const readModel = await createReadModel(options);
  const late: { organizations?: RunningOrganizations } = {};
  const repositories = createRealRepositories({
    contents: async (...of) => (await late.organizations?.contents(...of)) ?? [],
    async isBeingDeleted(...names) {
      return (await database.table(deletionsTable).list()).some(({ name }) => names.includes(name));
    },
    root: join(kit.directory, 'repositories'),
    database,
    clock: testClock,
    logger: testLogger,
  });
  const declared: ReleaseTarget[] = [];
  const volumes: VolumeInfo[] = [];
  const deletedSecrets: string[] = [];
  const forgotten: string[] = [];
  const shared = { spine, database, clock: testClock, logger: testLogger, repositories };
  const applications = createApplicationController({
    ...shared,
    gitops: { declare: (target) => void declared.push(target) },
  });
  const workloads = {
    availability: () => ({ available: true, message: '' }),
    onAvailability: () => {},
    snapshot: () => [],
    volumes: async (environment: string) => volumes.filter((volume) => volume.environment === environment),
    deleteVolumes: async (environment: string, application: string, claims: readonly string[]) => {
      for (const claim of claims) {
        const at = volumes.findIndex(
          (volume) =>
            volume.environment === environment &&
            volume.application === application &&
            volume.claim === claim,
        );
        if (at >= 0) volumes.splice(at, 1);
      }
      return [...claims];
    },
  };
  const secrets = {
    delete: async (path: string) => void deletedSecrets.push(path),
    metadata: async () => [],
  };
  const members = new Map<string, number>();
  const keptOf = async (organization: string) =>
    members.has(organization) ? [`members (${members.get(organization)})`] : [];
  const removeMemberships = async (organization: string) => {
    members.delete(organization);
    forgotten.push(organization);
  };
  const examine = async ({ repository: { organization } }: { repository: { organization: string } }) =>
    ok({ environment: `${organization}-dev`, declaration: declarationOf(organization) });
  const forgetEnvironment = async (environment: string) => void forgotten.push(environment);
  const own = { removeMemberships, forgetEnvironment, keptOf, examine };
  const open = () => createOrganizations({ ...shared, applications, workloads, secrets, ...own });
  await repositories.start(applications.sink);
  const projector = createProjector({
    ...shared,
    readModel,
    gitops: { statuses: () => [] },
    workloads,
    url: (host) => `http://${host}`,
  });
  await projector.start();
  const organizations = open();
  late.organizations = organizations;
  await organizations.start();
  const world = {
    database,
    readModel,
    repositories,
    declared,
    volumes,
    deletedSecrets,
    forgotten,
    members,
    directory: kit.directory,
    applications,
    organizations,
    open,
    async close() {
      // A test may have put another one in its place.
      await world.organizations.stop();
      await projector.stop();
      await repositories.stop();
      await applications.stop();
      await readModel.stop();
      await spine.stop();
      await database.close();
      await kit.dispose();
    },
  };
  return world;
}

/** One of them. */
export type World = Awaited<ReturnType<typeof openWorld>>;

/** What the engine says once it has taken the shop away. */
export const removedShop = (organization = 'acme'): ReleaseStatus => ({
  environment: `${organization}-dev`,
  organization,
  application: 'shop',
  revision: '',
  ready: { type: 'Ready', status: 'True', reason: 'Ready', message: '', lastTransitionTime: '' },
  replicas: { ready: 0, desired: 0 },
  routes: [],
  inventory: [],
  removed: true,
});

function declarationOf(organization: string): ApplicationDeclaration {
  return {
    application: 'shop',
    organization,
    environment: `${organization}-dev`,
    blueprint: { name: 'bp-web-app', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
    requires: [],
    bindings: [],
    hosts: [],
    paused: false,
  };
}

/** Something installed in acme-dev, with data and a secret. */
export async function installShop(world: World, organization = 'acme'): Promise<void> {
  const repository = { organization, name: 'shop' };
  const files = { 'base/application.yaml': 'a', 'overlays/dev/values.yaml': 'b', CODEOWNERS: 'c' };
  await world.repositories.create({
    repository,
    branches: { develop: files, main: { CODEOWNERS: 'c' } },
    head: 'develop',
    message: 'Install',
    author: actor,
    pusher: { id: 'u1', name: 'Ada', surface: 'console' },
  });
  await world.database.table(installationsTable).put({
    id: `${organization}-dev/shop`,
    organization,
    environment: `${organization}-dev`,
    application: 'shop',
    branch: 'develop',
    revision: (await world.repositories.head(repository, 'develop')) ?? '',
    sequence: 1,
    removing: false,
    declaration: declarationOf(organization),
    lastChange: { by: 'Ada', surface: 'console', at: '2026-01-01T00:00:00Z', message: 'Install' },
  });
  world.volumes.push({
    environment: `${organization}-dev`,
    application: 'shop',
    claim: 'data',
    sizeBytes: 5,
    requestedBytes: 10,
    inUse: false,
  });
}
