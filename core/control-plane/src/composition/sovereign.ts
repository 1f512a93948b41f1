import { applicationKey } from '@catalyst/model/projection/keys.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { ulid } from 'ulid';
import { createContainerAgent } from '../adapters/containers/agent/container-agent.ts';
import { createFileEntryRoutes } from '../adapters/entry-routes/file/file-entry-routes.ts';
import { createOidcIdentity } from '../adapters/identity/oidc-provider/oidc-identity.ts';
import { createBareGitRepositories } from '../adapters/repositories/bare-git/bare-git-repositories.ts';
import { consoleClientId, consoleRedirectUri } from '../api/auth/auth-routes.ts';
import type { GitOps } from '../ports/gitops.ts';
import type { Repositories } from '../ports/repositories.ts';
import { machineCapacity } from '../process/machine-capacity.ts';
import { dataPath } from '../process/sovereign-folder.ts';
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
import { createMayWrite } from '../services/receiving/may-write.ts';
import { createUpdateJudge } from '../services/receiving/update-judge.ts';
import type { PullRequests } from '../services/review/pull-requests.ts';
import { createScorecards } from '../services/scorecard/scorecards.ts';
import { createTargetConfig } from '../services/secret/target-config.ts';
import { createUpgrades } from '../services/upgrade/create-upgrades.ts';
import { createLate } from './late.ts';
import { createPeopleSide } from './people.ts';
import { createGlass, createReviewing, createRules } from './reviewing.ts';
import { type Context, createRuntime } from './runtime.ts';
import { serve } from './serving.ts';
import { startSpine } from './spine.ts';
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

  const { spine, readModel } = await startSpine(context, { engine, blueprints });
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
  const late = {
    repositories: createLate<Repositories>(),
    gitops: createLate<GitOps>(),
    organizations: createLate<ReturnType<typeof createOrganizations>>(),
    pullRequests: createLate<PullRequests>(),
    people: createLate<ReturnType<typeof createPeopleSide>>(),
  };
  const rules = createRules({
    ...{ database, access, identity, clock, logger },
    repositories: () => late.repositories.get(),
  });
  const glass = createGlass({ database, access, publisher: pullRequestPublisher, clock, logger });
  const judge = createUpdateJudge({
    catalog,
    repositories: () => late.repositories.get(),
    organizations: { environment: (name) => late.organizations.get().environment(name) },
    contents: (...of) => late.organizations.get().contents(...of),
    isBeingDeleted: async (organization, environment) =>
      (await late.organizations.get().deletions()).some(
        ({ name }) => name === organization || name === environment,
      ),
    installations,
    gitops: () => late.gitops.get(),
    mayWrite: createMayWrite({ access, identity }),
    domain,
    urlOf,
    protection: {
      policyOf: rules.policies.read,
      policyProposal: rules.policyProposals.gate,
      verdicts: glass.verdicts,
      teams: rules.teams,
      clock,
      pullRequestGate: (...question) => late.pullRequests.get().gate(...question),
      pullRequestsUrl: (organization) => `${origin}/organizations/${organization}/pull-requests`,
    },
  });
  const repositories = late.repositories.is(
    createBareGitRepositories({
      root: dataPath(folder, 'repositories'),
      database,
      judge,
      clock,
      logger,
    }),
  );
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
  late.gitops.is(gitops);

  const applications = createApplicationController({ spine, database, gitops, repositories, clock, logger });
  const organizations = createOrganizations({
    repositories,
    database,
    spine,
    workloads,
    secrets,
    applications,
    async removeMemberships(organization) {
      await late.pullRequests.get().forget(organization);
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
  late.organizations.is(organizations);
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
    told: (...rollback) => late.people.get().rolledBack(...rollback),
    publisher: pullRequestPublisher,
    pageUrl: (path) => `${origin}${path}`,
    clock,
    logger,
  });
  late.pullRequests.is(pullRequests);

  const people = createPeopleSide({
    ...{ lanes, policyProposals: rules.policyProposals },
    ...{ standings: pullRequests.standings, teams: rules.teams, mailFile: dataPath(folder, 'mail.yaml') },
    ...{ repositories, access, identity, database, spine, clock, logger },
    pageUrl: (path) => `${origin}${path}`,
  });

  late.people.is(people);

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

  await serve(context, {
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
    spine,
    webhooks,
    ...people,
  });
  return { setupPath: (await identity.setupLink())?.path };
}
