import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor, OrganizationRole } from '@catalyst/model/authorization.ts';
import type { BreakGlassChanged } from '@catalyst/model/events/cloud-event.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { ok, refused } from '@catalyst/model/problem.ts';
import { environmentPath, organizationPath, toConfigFile } from '@catalyst/model/resources/config-tree.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { monotonicFactory } from 'ulid';
import { createSqliteDatabase } from '../../../adapters/database/sqlite/sqlite-database.ts';
import { createOidcIdentity } from '../../../adapters/identity/oidc-provider/oidc-identity.ts';
import { createBareGitRepositories } from '../../../adapters/repositories/bare-git/bare-git-repositories.ts';
import {
  logger,
  clock as machineClock,
} from '../../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { createRowReviews } from '../../../adapters/reviews/rows/row-reviews.ts';
import { tokenOf } from '../../../api/testing/api-kit.ts';
import { makeOrganizations } from '../../../api/testing/doubles.ts';
import { createRules } from '../../../composition/reviewing.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { GitOps } from '../../../ports/gitops.ts';
import type { CommitRequest, FileChanges, Repositories } from '../../../ports/repositories.ts';
import { createAccess } from '../../access/create-access.ts';
import { joinOrganization } from '../../access/testing/join-organization.ts';
import { createInstallations } from '../../application-controller/installations.ts';
import { createBreakGlass } from '../../break-glass/create-break-glass.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { ensureConfigRepository } from '../../organization-controller/config-repository.ts';
import type { ProposablePlan } from '../../provisioning/proposable-plans.ts';
import { createMayWrite } from '../../receiving/may-write.ts';
import { createUpdateJudge } from '../../receiving/update-judge.ts';
import { createVerdicts } from '../../verdict/create-verdicts.ts';
import { createForesee } from '../foresee.ts';
import { createPullRequests, type PullRequests } from '../pull-requests.ts';
import { createReadScores } from '../scores.ts';
import { createReadSoaks } from '../soaks.ts';

const nextId = monotonicFactory();
const apiVersion = 'catalyst.openova.io/v1alpha1';
/** The repository of most tests. */
export const shop = { organization: 'acme', name: 'shop' };

/** What an Application needs to be installed in a test. */
export interface KitEngine {
  readonly catalog: Catalog;
  readonly preview: GitOps['preview'];
  /** How Applications run, as the projector would say it. */
  readonly viewOf: (environment: string, application: string) => ApplicationView | undefined;
}

/** Everything real but the engine and the catalog, unless they are given: what is committed in most tests installs nothing. */
export async function startReviewKit(clock: Clock = machineClock, engine?: KitEngine) {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-review-'));
  let opened = await open(directory, clock, undefined, engine);
  /** Who approves changes of policies. */
  let approver: Actor | undefined;

  async function addPerson(name: string, role: OrganizationRole, environments?: string[]): Promise<Actor> {
    const limits = environments ? { environments } : {};
    const email = `${name}@example.net`;
    const person = await actorOf(
      await joinOrganization(opened, boss, 'acme', { role, name, email, ...limits }),
    );
    if (role === 'org-admin') approver ??= person;
    return person;
  }

  async function actorOf(id: string): Promise<Actor> {
    const { cookie } = await opened.access.signIn(id);
    const actor = await opened.access.authenticateSession(cookie);
    assert.ok(actor);
    return actor;
  }

  const link = await opened.identity.setupLink();
  assert.ok(link);
  const user = await opened.identity.accept(tokenOf(link.path), {
    name: 'Layla',
    email: 'layla@example.net',
    password: 'correct horse battery',
  });
  assert.ok(user.ok);
  const boss = await actorOf(user.value.id);

  return {
    boss,
    addPerson,
    actorOf,
    parts: () => opened,
    /** As a kill and a start: nothing in memory survives. */
    async reopen(deadly: Deadly = () => undefined, resume = true) {
      await opened.close();
      opened = await open(directory, clock, deadly, engine);
      await opened.pullRequests.start();
      if (resume) await opened.policyProposals.resume();
    },
    async commit(
      by: Actor,
      branch: string,
      changes: FileChanges,
      more: Partial<CommitRequest> = {},
    ): Promise<string> {
      const { repositories } = opened;
      const done = await repositories.commit({
        repository: shop,
        branch,
        expectedHead: (await repositories.head(more.repository ?? shop, branch)) ?? null,
        changes,
        message: `Change ${Object.keys(changes).join(', ')}`,
        author: { name: by.name, email: by.email },
        pusher: { id: by.id, name: by.name, surface: 'git' },
        ...more,
      });
      if (!done.ok)
        throw new Error(done.problems.map(({ code, message }) => `${code}: ${message}`).join('\n'));
      return done.value.newRevision;
    },
    /** Whichever way there is: a first policy is put, every other one is proposed and approved. */
    async protect(spec: JsonObject | null, environment = 'acme-prod'): Promise<void> {
      const { policies, policyProposals } = opened;
      const reason = 'Because.';
      if (!(await policies.of(environment))) {
        const done = await policies.put(boss, environment, spec, reason);
        assert.ok(done.ok, JSON.stringify(done));
        return;
      }
      const proposed = await policyProposals.propose(boss, environment, { spec, reason });
      // A test may ask for what holds already.
      if (!proposed.ok && proposed.problems[0]?.code === 'Unchanged') return;
      assert.ok(proposed.ok, JSON.stringify(proposed));
      const ref = { environment, proposal: proposed.value.id };
      const done = await policyProposals.approve(approver ?? boss, ref, reason);
      assert.ok(done.ok, JSON.stringify(done));
      assert.equal(done.value.state, 'committed');
    },
    async dispose() {
      await opened.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Asked before and after each durable step; it throws where the process is to end. */
type Deadly = (step: string) => void;

function withDeath<T extends object>(part: T, steps: ReadonlySet<string>, deadly: Deadly): T {
  return new Proxy(part, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function' || !steps.has(String(name))) return value;
      return async (...given: unknown[]) => {
        deadly(`before ${String(name)}`);
        const result: unknown = await value.apply(target, given);
        deadly(`after ${String(name)}`);
        return result;
      };
    },
  });
}

/** Each transaction is one durable step. */
function withRowDeath(database: Database, deadly: Deadly): Database {
  return withDeath(database, new Set(['transaction']), deadly);
}

const gitSteps: ReadonlySet<string> = new Set(['create', 'commit', 'setPullHead']);
const rowSteps: ReadonlySet<string> = new Set(['open', 'update']);

async function open(directory: string, clock: Clock, deadly: Deadly = () => undefined, engine?: KitEngine) {
  const database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
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
  const late: { repositories?: Repositories; pullRequests?: PullRequests } = {};
  const repositoriesOf = (): Repositories => {
    assert.ok(late.repositories);
    return late.repositories;
  };
  const rules = createRules({
    ...{ database: withRowDeath(database, deadly), access, identity, clock, logger },
    repositories: () => withDeath(repositoriesOf(), gitSteps, deadly),
  });
  const { policies, teams, policyProposals } = rules;
  const told: BreakGlassChanged[] = [];
  const createId = () => nextId(clock.now()).toLowerCase();
  const verdicts = createVerdicts({ database, clock, createId });
  const breakGlass = createBreakGlass({
    database,
    access,
    record: async (changed) => void told.push(changed),
    clock,
    logger,
    createId,
  });
  const organizations = makeOrganizations({ acme: ['dev', 'prod'] });
  const nothing = (): never => {
    throw new Error('nothing is installed in these tests');
  };
  const catalog: Catalog = engine?.catalog ?? {
    list: nothing,
    malformed: nothing,
    find: () => undefined,
    versions: nothing,
  };
  const gitops = { preview: engine?.preview ?? nothing } as unknown as GitOps;
  const judge = createUpdateJudge({
    catalog,
    repositories: repositoriesOf,
    organizations,
    isBeingDeleted: async () => false,
    contents: async () => [],
    installations: createInstallations({ database }),
    gitops: () => gitops,
    mayWrite: createMayWrite({ access, identity }),
    domain: 'localhost',
    urlOf: (host) => `http://${host}`,
    protection: {
      policyOf: policies.read,
      policyProposal: policyProposals.gate,
      verdicts,
      teams,
      clock,
      pullRequestGate: async (...question) => (late.pullRequests ?? nothing()).gate(...question),
      pullRequestsUrl: (organization) => `http://localhost/organizations/${organization}/pull-requests`,
    },
  });
  const repositories = createBareGitRepositories({
    root: join(directory, 'repositories'),
    database,
    judge,
    clock,
    logger,
  });
  late.repositories = repositories;
  const pullRequests = createPullRequests({
    reviews: withDeath(createRowReviews({ database, clock }), rowSteps, deadly),
    repositories: withDeath(repositories, gitSteps, deadly),
    teams,
    policies,
    verdicts,
    breakGlass,
    access,
    identity,
    organizations,
    database,
    plans: { find: async (_actor, _environment, planId) => ok(planOf(planId)), proposed: async () => {} },
    foresee: createForesee({ repositories, gitops, examine: judge.examine }),
    soaks: createReadSoaks({ repositories, organizations, database, clock }),
    promote: async () => refused({ code: 'NotInstalled', message: 'Nothing is installed in these tests.' }),
    scores: createReadScores({
      ...{ repositories, gitops, catalog, teams },
      viewOf: engine?.viewOf ?? (() => undefined),
    }),
    pageUrl: (path) => `http://localhost${path}`,
    clock,
    logger,
  });
  late.pullRequests = pullRequests;
  await repositories.start(async (update) => pullRequests.moved(update), pullRequests.door);
  await seed(repositories);
  return {
    database,
    repositories,
    pullRequests,
    policies,
    policyProposals,
    verdicts,
    breakGlass,
    told,
    teams,
    access,
    identity,
    async close() {
      await pullRequests.stop();
      await repositories.stop();
      await database.close();
    },
  };
}

/** A plan that makes two repositories, the second of which needs the first. */
function planOf(id: string): ProposablePlan {
  const step = (application: string) => ({
    application,
    kind: 'create-repository' as const,
    expectedHead: null,
    changes: { 'notes.md': `${application} of ${id}\n` },
    message: `Install ${application}`,
  });
  return {
    organization: 'acme',
    environment: 'acme-prod',
    branch: 'main',
    plan: {
      id,
      environment: 'acme-prod',
      action: 'install',
      createdAt: '2026-01-01T00:00:00Z',
      expiresAt: '2026-01-01T01:00:00Z',
      applications: [],
      problems: [],
      consequences: [],
      choices: [],
    },
    steps: [step(`db-${id}`), step(`app-${id}`)],
  };
}

const system = { id: 'system', name: 'Catalyst', surface: 'system' } as const;
const author = { name: 'Catalyst', email: 'catalyst@localhost' };

async function seed(repositories: Repositories): Promise<void> {
  await ensureConfigRepository(repositories);
  if (await repositories.exists(shop)) return;
  const config = { organization: 'system', name: 'catalyst-config' };
  const environments = (['dev', 'prod'] as const).map((envType) => [
    environmentPath(`acme-${envType}`),
    toConfigFile({
      apiVersion,
      kind: 'Environment',
      metadata: { name: `acme-${envType}` },
      spec: { organization: 'acme', envType },
    }),
  ]);
  const configured = await repositories.commit({
    repository: config,
    branch: 'main',
    expectedHead: (await repositories.head(config, 'main')) ?? null,
    changes: {
      [organizationPath('acme')]: toConfigFile({
        apiVersion,
        kind: 'Organization',
        metadata: { name: 'acme' },
        spec: {},
      }),
      ...Object.fromEntries(environments),
    },
    message: 'Configure',
    author,
    pusher: system,
  });
  assert.ok(configured.ok, JSON.stringify(configured));
  const files = { CODEOWNERS: '* @acme/org-admins\n' };
  const made = await repositories.create({
    repository: shop,
    branches: { main: files, develop: files, staging: files },
    head: 'main',
    message: 'Begin',
    author,
    pusher: system,
  });
  assert.ok(made.ok, JSON.stringify(made));
}
