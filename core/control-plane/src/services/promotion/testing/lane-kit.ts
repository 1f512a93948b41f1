import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackflowOffer, Lane } from '@catalyst/model/api/lanes.ts';
import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { branchOf, type EnvType, environmentName, parseEnvironmentName } from '@catalyst/model/names.ts';
import { isProtected, type Policy } from '@catalyst/model/policy/policy.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { ulid } from 'ulid';
import { createSqliteDatabase } from '../../../adapters/database/sqlite/sqlite-database.ts';
import { createBareGitRepositories } from '../../../adapters/repositories/bare-git/bare-git-repositories.ts';
import { clock, logger } from '../../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { createRowReviews } from '../../../adapters/reviews/rows/row-reviews.ts';
import { makeOrganizations } from '../../../api/testing/doubles.ts';
import type { EventSpine } from '../../../events/event-spine.ts';
import type { GitOps } from '../../../ports/gitops.ts';
import type { FileChanges, Repositories } from '../../../ports/repositories.ts';
import type { Workloads } from '../../../ports/workloads.ts';
import { createApplicationController } from '../../application-controller/application-controller.ts';
import { createInstallations } from '../../application-controller/installations.ts';
import { findChange } from '../../history/changes.ts';
import { createPreviews, type KitBlueprint, layla, openShelf } from '../../history/testing/history-kit.ts';
import { createProvisioning } from '../../provisioning/create-provisioning.ts';
import { createProposablePlans } from '../../provisioning/proposable-plans.ts';
import { createUpdateJudge } from '../../receiving/update-judge.ts';
import { createForesee } from '../../review/foresee.ts';
import { createPullRequests, type PullRequests } from '../../review/pull-requests.ts';
import { createReadSoaks } from '../../review/soaks.ts';
import { createVerdicts } from '../../verdict/create-verdicts.ts';
import { createLanes } from '../lane.ts';
import { createPromoteBranch } from '../promote-branch.ts';

const urlOf = (host: string) => `http://${host}:8080`;
const shop = { organization: 'acme', name: 'shop' };

/** Who changed a thing in production first. */
export const omar: Actor = { ...layla, id: 'u2', name: 'Omar', email: 'omar@example.net' };

const teams = { people: async () => ({ '@acme/org-admins': ['u1'] }) };

async function openBasis(blueprints: readonly KitBlueprint[], envTypes: readonly EnvType[]) {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-lane-'));
  const database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
  const shelf = await openShelf(directory, blueprints);
  return {
    directory,
    database,
    shelf,
    catalog: shelf.catalog,
    installations: createInstallations({ database }),
    organizations: makeOrganizations({ acme: envTypes }),
    envTypes,
    /** Policies by Environment. */
    rules: {} as Record<string, Policy>,
    views: new Map<string, ApplicationView>(),
  };
}
type Basis = Awaited<ReturnType<typeof openBasis>>;

function heldBy(rules: Readonly<Record<string, Policy>>, environment: string) {
  const policy = rules[environment];
  return policy ? { policy } : {};
}

/** Git, judged as in the product, with the engine's half that renders. */
function openGit(basis: Basis) {
  const { directory, database, shelf, catalog, installations, organizations, rules } = basis;
  const late: { repositories?: Repositories; gitops?: GitOps; pullRequests?: PullRequests } = {};
  const needed = <T>(part: T | undefined): T => {
    assert.ok(part);
    return part;
  };
  const judge = createUpdateJudge({
    catalog,
    repositories: () => needed(late.repositories),
    organizations,
    isBeingDeleted: async () => false,
    contents: async () => [],
    installations,
    gitops: () => needed(late.gitops),
    mayWrite: async () => true,
    domain: 'localhost',
    urlOf,
    protection: {
      policyOf: async (environment) => heldBy(rules, environment),
      policyProposal: async () => ({ ok: false, problems: [] }),
      verdicts: createVerdicts({ database, clock, createId: ulid }),
      teams,
      clock,
      pullRequestGate: (...question) => needed(late.pullRequests).gate(...question),
      pullRequestsUrl: () => '',
    },
  });
  const root = join(directory, 'repositories');
  const repositories = createBareGitRepositories({ root, database, judge, clock, logger });
  late.repositories = repositories;
  const gitops = createPreviews(directory, repositories, shelf.findByDigest);
  late.gitops = gitops;
  return { repositories, gitops, judge, late };
}
type Git = ReturnType<typeof openGit>;

function openProvisioning({ catalog, database, installations, envTypes, rules }: Basis, git: Git) {
  const { repositories, gitops } = git;
  const workloads = { volumes: async () => [], snapshot: () => [] } as unknown as Workloads;
  let ids = 0;
  return createProvisioning({
    ...{ catalog, repositories, installations, gitops, workloads, clock, database, logger, urlOf },
    domain: 'localhost',
    environmentsOf: async () => envTypes.map((envType) => ({ envType })),
    policy: async ({ environment }) => ({
      protected: isProtected(rules[environment]),
      allowed: !isProtected(rules[environment]),
      gates: [],
    }),
    ensureSecrets: async () => undefined,
    createId: () => `plan-${++ids}`,
  });
}

/** Pull requests and lanes; `deadly.open` ends the process where a pull request would be written down. */
function openReviewing(basis: Basis, git: Git, provisioning: ReturnType<typeof openProvisioning>) {
  const { database, catalog, organizations, rules, views } = basis;
  const { repositories, gitops, judge, late } = git;
  const rows = createRowReviews({ database, clock });
  const deadly = { open: false };
  const reviews: typeof rows = {
    ...rows,
    async open(request) {
      if (deadly.open) throw new Error('The process ends here.');
      return rows.open(request);
    },
  };
  const plans = createProposablePlans({ repositories, catalog, database, clock });
  const reviewing = {
    ...{ reviews, repositories, teams, organizations, database, plans, clock, logger },
    policies: { read: async (environment: string) => heldBy(rules, environment) },
    breakGlass: { factOf: async () => undefined },
    scores: async () => undefined,
    verdicts: createVerdicts({ database, clock, createId: ulid }),
    access: { members: async () => [] },
    identity: { findUser: async () => undefined },
    soaks: createReadSoaks({ repositories, organizations, database, clock }),
    foresee: createForesee({ repositories, gitops, examine: judge.examine }),
    pageUrl: (path: string) => path,
  };
  const pullRequests = createPullRequests({
    ...reviewing,
    promote: createPromoteBranch({ ...reviewing, provisioning }),
  });
  late.pullRequests = pullRequests;
  const openLanes = () =>
    createLanes({
      ...reviewing,
      catalog,
      viewOf: (environment, application) => views.get(`${environment}/${application}`),
    });
  return { pullRequests, openLanes, deadly };
}

/** Git, rows, Blueprints, rendering, planning and pull requests as in the product, for Environments of one Organization; nothing runs. */
export async function startLaneKit(
  blueprints: readonly KitBlueprint[],
  envTypes: readonly EnvType[] = ['dev', 'stg', 'prod'],
) {
  const basis = await openBasis(blueprints, envTypes);
  const git = openGit(basis);
  const provisioning = openProvisioning(basis, git);
  const { pullRequests, openLanes, deadly } = openReviewing(basis, git, provisioning);
  const { database, rules, views } = basis;
  const { repositories, gitops } = git;
  const spine = {
    publish: async () => undefined,
    subscribe: async () => ({ stop: async () => undefined }),
  } as unknown as EventSpine;
  const controller = createApplicationController({ spine, database, gitops, repositories, clock, logger });
  let lanes = openLanes();
  await repositories.start(async (update) => {
    await controller.sink(update);
    await pullRequests.moved(update);
    await lanes.moved(update);
  }, pullRequests.door);

  const headOf = async (envType: EnvType, repository = shop) =>
    (await repositories.head(repository, branchOf(envType))) ?? '';
  /** What is offered comes from rows, which follow the branches. */
  const settle = async (envType: EnvType, application = 'shop') => {
    const head = await headOf(envType, { ...shop, name: application });
    while (!(await findChange(database, environmentName('acme', envType), application, head)))
      await clock.sleep(2);
  };
  const merge = async ({ number, head, content, environment }: PullRequestSummary) => {
    const ref = { organization: 'acme', application: 'shop', number };
    const done = await pullRequests.merge(layla, ref, { expectedHead: head, content });
    assert.ok(done.ok, JSON.stringify(done));
    const envType = parseEnvironmentName(environment)?.envType;
    if (envType) await settle(envType);
    return done.value;
  };
  const kit = {
    database,
    repositories,
    pullRequests,
    rules,
    views,
    /** `open`: the process ends where a pull request would be written down. */
    deadly,
    lanes: () => lanes,
    /** As a kill and a start: what was in memory is gone. */
    forgetMemory: () => {
      lanes = openLanes();
    },
    headOf,
    async plan(envType: EnvType, request: PlanRequest) {
      const environment = environmentName('acme', envType);
      const planned = await provisioning.plan(layla, environment, request);
      assert.ok(planned.ok, JSON.stringify(planned));
      assert.deepEqual(planned.value.problems, []);
      const applied = await provisioning.apply(layla, environment, planned.value.id);
      assert.ok(applied.ok, JSON.stringify(applied));
      for (const { application } of applied.value.commits) await settle(envType, application);
      return planned.value;
    },
    async openPromotion(from: EnvType, to: EnvType): Promise<PullRequestSummary> {
      const opened = await pullRequests.open(layla, 'acme', {
        application: 'shop',
        source: branchOf(from),
        destination: branchOf(to),
        title: `Promote to ${to}`,
      });
      assert.ok(opened.ok, JSON.stringify(opened));
      return opened.value;
    },
    merge,
    promote: async (from: EnvType, to: EnvType) => merge(await kit.openPromotion(from, to)),
    /** A commit on the branch of an Environment, as by `git push`. */
    async commit(
      envType: EnvType,
      changes: FileChanges,
      message = 'Change',
      by = omar,
      more: { readonly mergeOf?: string } = {},
    ): Promise<string> {
      const made = await repositories.commit({
        ...more,
        repository: shop,
        branch: branchOf(envType),
        expectedHead: await headOf(envType),
        changes,
        message,
        author: { name: by.name, email: by.email },
        pusher: { id: by.id, name: by.name, surface: 'git' },
      });
      assert.ok(made.ok, JSON.stringify(made));
      await settle(envType);
      return made.value.newRevision;
    },
    async textOf(envType: EnvType, path: string): Promise<string | undefined> {
      const content = await repositories.read(shop, await headOf(envType), path);
      return content && new TextDecoder().decode(content);
    },
    async lane(): Promise<Lane> {
      const lane = await lanes.read('acme', 'shop');
      assert.ok(lane);
      return lane;
    },
    /** `from→to` of what is offered and not declined. */
    async offers(): Promise<string[]> {
      return (await kit.lane()).backflow
        .filter(({ declined }) => !declined)
        .map(({ from, to }) => `${from}→${to}`)
        .sort();
    },
    async offer(from: EnvType, to: EnvType): Promise<BackflowOffer> {
      const [source, target] = [environmentName('acme', from), environmentName('acme', to)];
      const found = (await kit.lane()).backflow.find((offer) => offer.from === source && offer.to === target);
      assert.ok(found);
      return found;
    },
    accept: (from: EnvType, to: EnvType) =>
      lanes.accept(
        layla,
        { organization: 'acme', application: 'shop' },
        {
          from: environmentName('acme', from),
          to: environmentName('acme', to),
        },
      ),
    decline: (offer: Pick<BackflowOffer, 'from' | 'to' | 'fingerprint'>, reason = 'Only there.') => {
      const { from, to, fingerprint } = offer;
      return lanes.decline(
        layla,
        { organization: 'acme', application: 'shop' },
        { from, to, fingerprint, reason },
      );
    },
    async close() {
      await repositories.stop();
      await basis.shelf.stop();
      await database.close();
      rmSync(basis.directory, { recursive: true, force: true });
    },
  };
  return kit;
}
