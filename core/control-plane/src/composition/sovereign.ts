import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CatalystError } from '@catalyst/model/problem.ts';
import { applicationKey, filledKey } from '@catalyst/model/projection/keys.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { ulid } from 'ulid';
import { createContainerAgent } from '../adapters/containers/agent/container-agent.ts';
import { createFileEntryRoutes } from '../adapters/entry-routes/file/file-entry-routes.ts';
import { createOidcIdentity } from '../adapters/identity/oidc-provider/oidc-identity.ts';
import { createBareGitRepositories } from '../adapters/repositories/bare-git/bare-git-repositories.ts';
import { consoleClientId, consoleRedirectUri } from '../api/auth/auth-routes.ts';
import { createApi } from '../api/create-api.ts';
import { registerGitRoutes } from '../api/git/git-routes.ts';
import { registerStreamRoutes } from '../api/stream/stream-routes.ts';
import { createEventSpine } from '../events/nats-event-spine.ts';
import { createNatsServer } from '../events/nats-server.ts';
import type { GitOps } from '../ports/gitops.ts';
import type { Repositories } from '../ports/repositories.ts';
import { ensureEntryProxy } from '../process/entry-proxy-process.ts';
import { machineCapacity } from '../process/machine-capacity.ts';
import { dataPath } from '../process/sovereign-folder.ts';
import { repositoryRoot } from '../process/tools.ts';
import { createReadModel } from '../read-model/nats-read-model.ts';
import { createAccess } from '../services/access/create-access.ts';
import { createApplicationController } from '../services/application-controller/application-controller.ts';
import { forgetWatches } from '../services/automatic-rollback/watch-rows.ts';
import { createEntryRouting } from '../services/entry/entry-routing.ts';
import { createHistory } from '../services/history/create-history.ts';
import { createOrganizations } from '../services/organization-controller/create-organizations.ts';
import { createProjector } from '../services/projector/projector.ts';
import { createStatusPublisher } from '../services/projector/status-publisher.ts';
import { createProvisioning } from '../services/provisioning/create-provisioning.ts';
import { createVolumeDeletions } from '../services/provisioning/volume-deletions.ts';
import { authorizeRepository } from '../services/receiving/authorize-repository.ts';
import { createMayWrite } from '../services/receiving/may-write.ts';
import { createUpdateJudge } from '../services/receiving/update-judge.ts';
import type { PullRequests } from '../services/review/pull-requests.ts';
import { createScorecards } from '../services/scorecard/scorecards.ts';
import { createTargetConfig } from '../services/secret/target-config.ts';
import { createUpgrades } from '../services/upgrade/create-upgrades.ts';
import { createPeopleSide } from './people.ts';
import { createGlass, createReviewing, createRules } from './reviewing.ts';
import { type Context, createRuntime } from './runtime.ts';
import { createWebhookSide } from './webhooks.ts';
import { createWriteSide } from './write-side.ts';

const domain = 'localhost';
const version = '0.1.0';

/** The whole Sovereign, in the order in which its parts need one another. Resolves when it serves. */
export async function startSovereign(
  context: Context & { readonly allowPrivateWebhooks: boolean },
): Promise<{ readonly setupPath: string | undefined }> {
  const { folder, lifecycle, logger, clock } = context;
  const { port } = folder.settings;
  const origin = `http://localhost:${port}`;
  const write = createWriteSide(context, createRuntime(context));
  const { database, secrets, catalog, blueprints, installations, runtime, engine, urlOf } = write;

  const nats = createNatsServer({
    dataDirectory: dataPath(folder, 'nats'),
    runDirectory: folder.runDirectory,
    logger,
    clock,
  });
  lifecycle.add('nats-server', () => nats.stop());
  const [access_] = await Promise.all([nats.start(), blueprints.start(), engine.start()]);
  lifecycle.add('engine', () => engine.stop());
  lifecycle.add('blueprints', () => blueprints.stop());
  const spine = await createEventSpine({ access: access_, logger, clock });
  lifecycle.add('event spine', () => spine.stop());
  const readModel = await createReadModel({ access: access_, logger, clock });
  lifecycle.add('read model', () => readModel.stop());

  const identity = await createOidcIdentity({
    issuer: `${origin}/oidc`,
    dataDirectory: dataPath(folder, 'identity'),
    database,
    clock,
    logger,
    secureCookies: false,
    clients: [
      {
        clientId: consoleClientId,
        name: 'Catalyst console',
        redirectUris: [consoleRedirectUri(origin)],
        postLogoutRedirectUris: [`${origin}/`],
      },
    ],
  });
  const access = createAccess({ database, identity, clock });
  const { webhooks, pullRequestPublisher } = createWebhookSide({
    ...{ spine, database, secrets, clock, logger, version, domain },
    allowPrivate: context.allowPrivateWebhooks,
  });

  // The repositories ask the judge, which asks the repositories and the engine: the later ones are looked up when asked.
  const late: {
    repositories?: Repositories;
    gitops?: GitOps;
    organizations?: ReturnType<typeof createOrganizations>;
    pullRequests?: PullRequests;
    people?: ReturnType<typeof createPeopleSide>;
  } = {};
  const needed = <T>(part: T | undefined): T => {
    if (part === undefined)
      throw new CatalystError('Unavailable', 'Catalyst is still starting. Try again in a moment.', {
        retry: 'later',
      });
    return part;
  };
  const rules = createRules({
    ...{ database, access, identity, clock, logger },
    repositories: () => needed(late.repositories),
  });
  const glass = createGlass({ database, access, publisher: pullRequestPublisher, clock, logger });
  const judge = createUpdateJudge({
    catalog,
    repositories: () => needed(late.repositories),
    organizations: { environment: (name) => needed(late.organizations).environment(name) },
    contents: (...of) => needed(late.organizations).contents(...of),
    isBeingDeleted: async (organization, environment) =>
      (await needed(late.organizations).deletions()).some(
        ({ name }) => name === organization || name === environment,
      ),
    installations,
    gitops: () => needed(late.gitops),
    mayWrite: createMayWrite({ access, identity }),
    domain,
    urlOf,
    protection: {
      policyOf: rules.policies.read,
      policyProposal: rules.policyProposals.gate,
      verdicts: glass.verdicts,
      teams: rules.teams,
      clock,
      pullRequestGate: (...question) => needed(late.pullRequests).gate(...question),
      pullRequestsUrl: (organization) => `${origin}/organizations/${organization}/pull-requests`,
    },
  });
  const repositories = createBareGitRepositories({
    root: dataPath(folder, 'repositories'),
    database,
    judge,
    clock,
    logger,
  });
  late.repositories = repositories;
  const configOf = createTargetConfig({ repositories });
  const { gitops, workloads } = createContainerAgent({
    repositories,
    renderer: write.renderer,
    blueprints,
    secrets,
    runtime,
    database,
    clock,
    logger,
    domain,
    questions: {
      async ensureSecrets(target) {
        if (target.declaration) await write.ensureSecrets(target.declaration, await configOf(target));
      },
    },
  });
  late.gitops = gitops;

  const applications = createApplicationController({ spine, database, gitops, repositories, clock, logger });
  const organizations = createOrganizations({
    repositories,
    database,
    spine,
    workloads,
    secrets,
    applications,
    async removeMemberships(organization) {
      await needed(late.pullRequests).forget(organization);
      await rules.policyProposals.forget({ organization });
      await glass.verdicts.forget(organization);
      await glass.breakGlass.forget(organization);
      await database.transaction((tables) => forgetWatches(tables, organization));
      await webhooks.removeOrganization(organization);
      await access.removeOrganization(organization);
    },
    async keptOf(organization) {
      const [members, hooks] = [await access.members(organization), webhooks.list(organization)];
      return [
        ...(members.length > 0 ? [`members (${members.length})`] : []),
        ...(hooks.length > 0 ? [`webhooks (${hooks.length})`] : []),
      ];
    },
    examine: judge.examine,
    forgetEnvironment: (environment) => rules.policyProposals.forget({ environment }),
    clock,
    logger,
  });
  late.organizations = organizations;
  const publisher = createStatusPublisher({ spine, clock, logger });
  const cardOf = (environment: string, application: string) =>
    readModel.get<ApplicationView>(applicationKey(environment, application))?.value;
  const entry = createEntryRouting({
    entryRoutes: createFileEntryRoutes({ path: dataPath(folder, 'proxy', 'routes.json') }),
    installations,
    readModel,
    viewOf: cardOf,
    logger,
  });
  const provisioning = createProvisioning({
    catalog,
    repositories,
    installations,
    gitops,
    workloads,
    clock,
    domain,
    urlOf,
    policy: ({ environment, actor }) => rules.policies.ofDirectChange(environment, actor),
    environmentsOf: async (organization) =>
      (await organizations.environments(organization)).map(({ spec }) => spec),
    capacity: () => machineCapacity(folder.directory),
    ensureSecrets: write.ensureSecrets,
    database,
    createId: ulid,
    logger,
  });
  const volumeDeletions = createVolumeDeletions({ database, workloads, repositories, clock, logger });
  const { pullRequests, watches, lanes } = createReviewing({
    ...rules,
    ...glass,
    repositories,
    gitops,
    catalog,
    access,
    identity,
    organizations,
    provisioning,
    database,
    examine: judge.examine,
    viewOf: cardOf,
    told: (...rollback) => needed(late.people).rolledBack(...rollback),
    publisher: pullRequestPublisher,
    pageUrl: (path) => `${origin}${path}`,
    clock,
    logger,
  });
  late.pullRequests = pullRequests;

  const people = createPeopleSide({
    ...{ lanes, policyProposals: rules.policyProposals },
    ...{ standings: pullRequests.standings, teams: rules.teams, mailFile: dataPath(folder, 'mail.yaml') },
    ...{ repositories, access, identity, database, spine, clock, logger },
    pageUrl: (path) => `${origin}${path}`,
  });

  late.people = people;

  await repositories.start(async (update) => {
    people.moved(update);
    await applications.sink(update);
    await pullRequests.moved(update);
  }, pullRequests.door);
  lifecycle.add('repositories', () => repositories.stop());
  await entry.start();
  lifecycle.add('entry routing', () => entry.stop());
  lifecycle.add('status publisher', () => publisher.stop());
  workloads.onObject((object) => publisher.object(object));
  await runtime.start();
  lifecycle.add('runtime', () => runtime.stop());
  await gitops.start((status) => {
    applications.reported(status);
    publisher.release(status);
    entry.report(status);
  });
  lifecycle.add('agent', () => gitops.stop());
  await organizations.start();
  lifecycle.add('organizations', () => organizations.stop());
  await applications.start();
  lifecycle.add('applications', () => applications.stop());
  const projector = createProjector({
    spine,
    readModel,
    gitops,
    workloads,
    database,
    clock,
    logger,
    url: urlOf,
    onHealth(of) {
      pullRequests.healthChanged(of);
      watches.healthChanged(of);
    },
  });
  await projector.start();
  lifecycle.add('projector', () => projector.stop());
  await webhooks.start();
  lifecycle.add('webhooks', () => webhooks.stop());
  await pullRequestPublisher.start();
  lifecycle.add('pull request publisher', () => pullRequestPublisher.stop());
  await people.start();
  lifecycle.add('people', () => people.stop());
  volumeDeletions.start();
  lifecycle.add('volume deletions', () => volumeDeletions.stop());
  await provisioning.resume();
  lifecycle.add('plans', () => provisioning.stop());
  await pullRequests.start();
  await rules.policyProposals.resume();
  await glass.breakGlass.start();
  lifecycle.add('break-glass', () => glass.breakGlass.stop());
  lifecycle.add('pull requests', () => pullRequests.stop());
  await watches.start();
  lifecycle.add('rollback watches', () => watches.stop());

  const app = await createApi({
    sovereign: { name: 'Catalyst', version, domain, port, origin },
    access,
    identity,
    catalog,
    blueprints,
    organizations,
    provisioning,
    ...rules,
    ...glass,
    pullRequests,
    watches,
    lanes,
    upgrades: createUpgrades({
      catalog,
      installations,
      provisioning,
      organizations,
      policy: ({ environment }) => rules.policies.ofDirectChange(environment),
      propose: (...plan) => pullRequests.propose(...plan),
    }),
    history: createHistory({
      repositories,
      database,
      catalog,
      gitops,
      viewOf: cardOf,
    }),
    scorecards: createScorecards({ repositories, gitops, catalog, ...rules }),
    repositories,
    gitops,
    workloads,
    readModel,
    webhooks,
    ...people,
    readiness: async () => [
      {
        name: 'event spine',
        ready: spine.connected(),
        ...(spine.connected() ? {} : { message: 'nats-server is away; it is being started again.' }),
      },
      {
        name: 'read model',
        ready: readModel.get<{ epoch: string }>(filledKey)?.value.epoch === readModel.epoch(),
      },
    ],
    clock,
    logger,
    behindProxy: true,
    consoleDirectory: join(repositoryRoot, 'core/console/dist'),
    extensions: [
      (server) =>
        registerGitRoutes(server, {
          repositories,
          authenticate: (token) => access.authenticateToken(token, 'git'),
          authorizeRepository,
          logger,
        }),
      (server) => registerStreamRoutes(server, { readModel, organizations, access, clock, logger }),
    ],
  });
  const socket = join(folder.runDirectory, 'control-plane.sock');
  rmSync(socket, { force: true });
  await app.listen({ path: socket });
  lifecycle.add('api', () => app.close());
  await ensureEntryProxy({
    listen: { host: folder.settings.host, port },
    controlPlaneSocket: socket,
    routesFile: dataPath(folder, 'proxy', 'routes.json'),
    runDirectory: folder.runDirectory,
    logDirectory: dataPath(folder, 'logs'),
  });
  return { setupPath: (await identity.setupLink())?.path };
}
