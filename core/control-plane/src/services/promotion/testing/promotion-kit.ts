import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Actor, OrganizationRole } from '@catalyst/model/authorization.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { branchOf, type EnvType, environmentName, parseEnvironmentName } from '@catalyst/model/names.ts';
import { environmentPath, organizationPath, toConfigFile } from '@catalyst/model/resources/config-tree.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { createSqliteDatabase } from '../../../adapters/database/sqlite/sqlite-database.ts';
import { createOidcIdentity } from '../../../adapters/identity/oidc-provider/oidc-identity.ts';
import { createBareGitRepositories } from '../../../adapters/repositories/bare-git/bare-git-repositories.ts';
import { clock, logger } from '../../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { tokenOf } from '../../../api/testing/api-kit.ts';
import { makeOrganizations } from '../../../api/testing/doubles.ts';
import { createGlass, createReviewing, createRules } from '../../../composition/reviewing.ts';
import type { EventSpine } from '../../../events/event-spine.ts';
import type { GitOps } from '../../../ports/gitops.ts';
import type { FileChanges, Repositories } from '../../../ports/repositories.ts';
import type { Workloads } from '../../../ports/workloads.ts';
import { createAccess } from '../../access/create-access.ts';
import { joinOrganization } from '../../access/testing/join-organization.ts';
import { createApplicationController } from '../../application-controller/application-controller.ts';
import { createInstallations } from '../../application-controller/installations.ts';
import { findChange } from '../../history/changes.ts';
import { createPreviews, type KitBlueprint, openShelf } from '../../history/testing/history-kit.ts';
import { commitConfig, ensureConfigRepository } from '../../organization-controller/config-repository.ts';
import { createProvisioning } from '../../provisioning/create-provisioning.ts';
import { configBranch, configRepository } from '../../receiving/config-repository.ts';
import { createMayWrite } from '../../receiving/may-write.ts';
import { createUpdateJudge } from '../../receiving/update-judge.ts';
import type { PullRequests } from '../../review/pull-requests.ts';

const urlOf = (host: string) => `http://${host}:8080`;

/** Where a change is made: an Application in an Environment. */
export interface Place {
  readonly environment: string;
  readonly application: string;
}

/**
 * Git, rows, identity, Blueprints, rendering, plans, policies and pull requests as in the product, for an Organization `acme` with several
 * Environments; only containers are left out.
 */
export async function startPromotionKit(
  blueprints: readonly KitBlueprint[],
  envTypes: readonly EnvType[] = ['dev', 'stg', 'prod'],
) {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-promotion-'));
  const database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
  const shelf = await openShelf(directory, blueprints);
  const { catalog } = shelf;
  const identity = await createOidcIdentity({
    issuer: 'http://localhost:8080/oidc',
    dataDirectory: directory,
    database,
    clock,
    logger,
    secureCookies: false,
    clients: [],
  });
  const access = createAccess({ database, identity, clock });
  const organizations = makeOrganizations({ acme: envTypes });
  const installations = createInstallations({ database });
  const late: { repositories?: Repositories; gitops?: GitOps; pullRequests?: PullRequests } = {};
  const needed = <T>(part: T | undefined): T => {
    assert.ok(part);
    return part;
  };
  const rules = createRules({
    ...{ database, access, identity, clock, logger },
    repositories: () => needed(late.repositories),
  });
  const publisher = { record: async () => undefined, recordBreakGlass: async () => undefined };
  const glass = createGlass({ database, access, publisher, clock, logger });
  const judge = createUpdateJudge({
    catalog,
    repositories: () => needed(late.repositories),
    organizations,
    isBeingDeleted: async () => false,
    contents: async () => [],
    installations,
    gitops: () => needed(late.gitops),
    mayWrite: createMayWrite({ access, identity }),
    domain: 'localhost',
    urlOf,
    protection: {
      policyOf: rules.policies.read,
      verdicts: glass.verdicts,
      teams: rules.teams,
      policyProposal: rules.policyProposals.gate,
      clock,
      pullRequestGate: (...question) => needed(late.pullRequests).gate(...question),
      pullRequestsUrl: (organization) => `http://localhost/organizations/${organization}/pull-requests`,
    },
  });
  const root = join(directory, 'repositories');
  const repositories = createBareGitRepositories({ root, database, judge, clock, logger });
  late.repositories = repositories;
  const gitops = createPreviews(directory, repositories, shelf.findByDigest);
  late.gitops = gitops;
  const spine = {
    publish: async () => undefined,
    subscribe: async () => ({ stop: async () => undefined }),
  } as unknown as EventSpine;
  const workloads = { volumes: async () => [], snapshot: () => [] } as unknown as Workloads;
  let ids = 0;
  const provisioning = createProvisioning({
    database,
    repositories,
    catalog,
    gitops,
    workloads,
    installations,
    clock,
    domain: 'localhost',
    urlOf,
    policy: ({ environment }) => rules.policies.ofDirectChange(environment),
    environmentsOf: async (organization) =>
      (await organizations.environments(organization)).map(({ spec }) => spec),
    ensureSecrets: async () => undefined,
    createId: () => `plan-${++ids}`,
    logger,
  });
  const { pullRequests } = createReviewing({
    ...rules,
    repositories,
    gitops,
    catalog,
    access,
    identity,
    organizations,
    provisioning,
    database,
    examine: judge.examine,
    ...glass,
    publisher,
    viewOf: () => undefined,
    pageUrl: (path) => `http://localhost${path}`,
    clock,
    logger,
  });
  late.pullRequests = pullRequests;
  const controller = createApplicationController({ spine, database, gitops, repositories, clock, logger });
  await repositories.start(async (update) => {
    await controller.sink(update);
    await pullRequests.moved(update);
  }, pullRequests.door);
  const boss = await signInFirst({ identity, access });
  await writeOrganization(repositories, envTypes);

  /** Who approves changes of policies. */
  let approver: Actor | undefined;
  const repository = (name: string) => ({ organization: 'acme', name });
  const headOf = async ({ environment, application }: Place) =>
    repositories.head(repository(application), branchOf(parseEnvironmentName(environment)?.envType ?? 'dev'));
  /** What is offered to others comes from rows, which follow the commits. */
  const settled = async (place: Place, revision: string) => {
    while (!(await findChange(database, place.environment, place.application, revision)))
      await clock.sleep(2);
  };

  async function plan(actor: Actor, environment: string, request: PlanRequest): Promise<Plan> {
    const made = await provisioning.plan(actor, environment, request);
    assert.ok(made.ok, JSON.stringify(made));
    return made.value;
  }

  async function propose(actor: Actor, made: Plan): Promise<PullRequestSummary[]> {
    assert.deepEqual(made.problems, []);
    const proposed = await pullRequests.propose(actor, made.environment, made.id, {});
    assert.ok(proposed.ok, JSON.stringify(proposed));
    return proposed.value;
  }

  const refOf = ({ application, number }: Pick<PullRequestSummary, 'application' | 'number'>) => ({
    organization: 'acme',
    application,
    number,
  });

  return {
    database,
    repositories,
    provisioning,
    pullRequests,
    access,
    teams: rules.teams,
    boss,
    repository,
    headOf,
    plan,
    propose,
    refOf,
    /** Protects an Environment, or stops it. */
    async protect(environment: string, spec: JsonObject | null) {
      const reason = 'Because.';
      if (!(await rules.policies.of(environment))) {
        const done = await rules.policies.put(boss, environment, spec, reason);
        assert.ok(done.ok, JSON.stringify(done));
        return;
      }
      const proposed = await rules.policyProposals.propose(boss, environment, { spec, reason });
      assert.ok(proposed.ok, JSON.stringify(proposed));
      const ref = { environment, proposal: proposed.value.id };
      const approved = await rules.policyProposals.approve(approver ?? boss, ref, reason);
      assert.ok(approved.ok, JSON.stringify(approved));
    },
    async addPerson(name: string, role: OrganizationRole): Promise<Actor> {
      const input = { role, name, email: `${name}@example.net` };
      const actor = await actorOf(access, await joinOrganization({ access, identity }, boss, 'acme', input));
      if (role === 'org-admin') approver ??= actor;
      return actor;
    },
    /** Plans and applies. */
    async change(environment: string, request: PlanRequest): Promise<void> {
      const made = await plan(boss, environment, request);
      assert.deepEqual(made.problems, []);
      const applied = await provisioning.apply(boss, environment, made.id);
      assert.ok(applied.ok, JSON.stringify(applied));
      for (const { application, revision } of applied.value.commits)
        await settled({ environment, application }, revision);
    },
    /** A commit as a push makes it; gives its revision. */
    async commit(place: Place, changes: FileChanges, by: Actor = boss): Promise<string> {
      const done = await repositories.commit({
        repository: repository(place.application),
        branch: branchOf(parseEnvironmentName(place.environment)?.envType ?? 'dev'),
        expectedHead: (await headOf(place)) ?? null,
        changes,
        message: `Change ${Object.keys(changes).join(', ')}`,
        author: { name: by.name, email: by.email },
        pusher: { id: by.id, name: by.name, surface: 'git' },
      });
      assert.ok(done.ok, JSON.stringify(done));
      await settled(place, done.value.newRevision);
      return done.value.newRevision;
    },
    /** Plans a promotion and opens its pull requests. */
    promote: async (
      actor: Actor,
      environment: string,
      application: string,
      more: Partial<Extract<PlanRequest, { action: 'promote' }>> = {},
    ) => propose(actor, await plan(actor, environment, { ...more, action: 'promote', application })),
    /** Exactly what was answered when it was opened, read or decided. */
    merge: (
      actor: Actor,
      pullRequest: Pick<PullRequestSummary, 'application' | 'number' | 'head' | 'content'>,
    ) => {
      const { head, content } = pullRequest;
      return pullRequests.merge(actor, refOf(pullRequest), { expectedHead: head, content });
    },
    async detail(
      pullRequest: Pick<PullRequestSummary, 'application' | 'number'>,
    ): Promise<PullRequestDetail> {
      const found = await pullRequests.detail(boss, refOf(pullRequest));
      assert.ok(found.ok);
      return found.value;
    },
    /** Waits until rows say what a branch is at. */
    async settle(place: Place) {
      const head = await headOf(place);
      if (head !== undefined) await settled(place, head);
    },
    /** Texts of the files of a branch. */
    async files(place: Place): Promise<Record<string, string>> {
      const head = await headOf(place);
      const texts: Record<string, string> = {};
      if (head === undefined) return texts;
      for (const { path } of await repositories.files(repository(place.application), head))
        texts[path] = new TextDecoder().decode(
          await repositories.read(repository(place.application), head, path),
        );
      return texts;
    },
    async close() {
      await pullRequests.stop();
      await repositories.stop();
      await shelf.stop();
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type Access = ReturnType<typeof createAccess>;

async function actorOf(access: Access, id: string): Promise<Actor> {
  const { cookie } = await access.signIn(id);
  const actor = await access.authenticateSession(cookie);
  assert.ok(actor);
  return actor;
}

async function signInFirst({
  identity,
  access,
}: {
  readonly identity: Awaited<ReturnType<typeof createOidcIdentity>>;
  readonly access: Access;
}): Promise<Actor> {
  const link = await identity.setupLink();
  assert.ok(link);
  const user = await identity.accept(tokenOf(link.path), {
    name: 'Layla',
    email: 'layla@example.net',
    password: 'correct horse battery',
  });
  assert.ok(user.ok);
  const actor = await actorOf(access, user.value.id);
  await joinOrganization({ access, identity }, actor, 'acme', {
    role: 'org-admin',
    name: 'Layla',
    email: actor.email,
  });
  return actorOf(access, user.value.id);
}

async function writeOrganization(repositories: Repositories, types: readonly EnvType[]): Promise<void> {
  await ensureConfigRepository(repositories);
  const apiVersion = 'catalyst.openova.io/v1alpha1';
  const files: Record<string, string> = {
    [organizationPath('acme')]: toConfigFile({
      apiVersion,
      kind: 'Organization',
      metadata: { name: 'acme' },
      spec: {},
    }),
  };
  for (const envType of types) {
    const name = environmentName('acme', envType);
    files[environmentPath(name)] = toConfigFile({
      apiVersion,
      kind: 'Environment',
      metadata: { name },
      spec: { organization: 'acme', envType },
    });
  }
  const system = { id: 'system', name: 'Catalyst', email: '', surface: 'system' } as const;
  const actor: Actor = { ...system, sovereignAdmin: true, memberships: [] };
  const headNow = async () => (await repositories.head(configRepository, configBranch)) ?? '';
  const done = await commitConfig(repositories, actor, 'Make acme\n', headNow, async () => ({
    ok: true,
    value: files,
  }));
  assert.ok(done.ok, JSON.stringify(done));
}
