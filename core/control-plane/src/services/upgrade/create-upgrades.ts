import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { BlastRadius, Impact, ProposedUpgrades, ProposeUpgrades } from '@catalyst/model/api/upgrades.ts';
import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { PlannedApplication } from '@catalyst/model/views/plan.ts';
import type { Installation, Installations } from '../application-controller/installations.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { findUpgradePath } from '../provisioning/check-upgrade.ts';
import type { PlanningDeps } from '../provisioning/planning-context.ts';
import type { Provisioning } from '../provisioning/provisioning.ts';
import type { Upgrades } from './upgrades.ts';

/** What upgrades are foreseen and proposed with. */
export interface UpgradesDeps {
  readonly catalog: Catalog;
  readonly installations: Installations;
  readonly provisioning: Pick<Provisioning, 'plan' | 'foresee'>;
  readonly policy: PlanningDeps['policy'];
  readonly organizations: { list(): Promise<readonly { readonly metadata: { readonly name: string } }[]> };
  /** Opens pull requests for a plan: one for each repository that it touches. */
  readonly propose: (
    actor: Actor,
    environment: string,
    planId: string,
    input: { readonly title: string; readonly description: string },
  ) => Promise<Result<readonly PullRequestSummary[]>>;
}

const defaultLimit = 20;
const maxLimit = 50;

const unknownVersion = (blueprint: string, version: string): Problem => ({
  code: codes.NotFound,
  message: `There is no ${blueprint} ${version} in the catalog, or you may not see it.`,
});

/** Creates the service. */
export function createUpgrades(deps: UpgradesDeps): Upgrades {
  /** Organizations that the actor sees and that see the version. */
  async function organizationsOf(actor: Actor, blueprint: string, version: string): Promise<string[]> {
    const all = actor.sovereignAdmin
      ? (await deps.organizations.list()).map(({ metadata }) => metadata.name)
      : actor.memberships.map(({ organization }) => organization);
    return [...new Set(all)]
      .filter((organization) => authorize(actor, 'application.read', { organization }) === 'allowed')
      .filter((organization) => deps.catalog.find(blueprint, version, { organizations: [organization] }));
  }

  async function usersOf(actor: Actor, blueprint: string, version: string): Promise<Installation[]> {
    const found: Installation[] = [];
    for (const organization of await organizationsOf(actor, blueprint, version))
      for (const row of await deps.installations.list({ organization }))
        if (row.declaration.blueprint.name === blueprint && row.declaration.blueprint.version !== version)
          found.push(row);
    return found.sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  async function impactOn(actor: Actor, row: Installation, version: string): Promise<Impact> {
    const { organization, environment, application } = row;
    const { blueprint } = row.declaration;
    const plan = await deps.provisioning.foresee(actor, environment, {
      action: 'configure',
      application,
      version,
    });
    const planned = plan.ok
      ? plan.value.applications.find((part) => part.application === application)
      : undefined;
    return {
      organization,
      environment,
      application,
      version: blueprint.version,
      path: findUpgradePath(deps.catalog, organization, blueprint, version),
      ...(planned ? { planned: withoutContents(planned) } : {}),
      problems: toPlain(plan.ok ? plan.value.problems : plan.problems),
      protected: plan.ok
        ? (plan.value.policy?.protected ?? false)
        : (await deps.policy({ organization, environment })).protected,
    };
  }

  async function proposeOne(
    actor: Actor,
    blueprint: string,
    version: string,
    { environment, application }: ProposeUpgrades['applications'][number],
  ): Promise<{ pullRequest?: number; problems: readonly Problem[] }> {
    const denial = await denialOf(actor, blueprint, environment, application);
    if (denial) return { problems: [denial] };
    const plan = await deps.provisioning.plan(actor, environment, {
      action: 'configure',
      application,
      version,
    });
    if (!plan.ok) return { problems: plan.problems };
    if (plan.value.problems.length > 0) return { problems: plan.value.problems };
    const proposed = await deps.propose(actor, environment, plan.value.id, {
      title: `Change ${application} to ${blueprint} ${version}`,
      description: describe(plan.value.consequences),
    });
    if (!proposed.ok) return { problems: proposed.problems };
    const own = proposed.value.find((entry) => entry.application === application);
    return { ...(own ? { pullRequest: own.number } : {}), problems: [] };
  }

  /** What keeps the actor from proposing there; what he may not see and what is not there are told in the same words. */
  async function denialOf(
    actor: Actor,
    blueprint: string,
    environment: string,
    application: string,
  ): Promise<Problem | undefined> {
    const organization = parseEnvironmentName(environment)?.organization;
    const hidden: Problem = {
      code: codes.NotFound,
      message: `There is no Application "${application}" in ${environment}, or you may not see it.`,
    };
    if (organization === undefined) return hidden;
    const verdict = authorize(actor, 'pull-request.write', { organization, environment });
    if (verdict === 'hidden') return hidden;
    if (verdict === 'denied')
      return { code: codes.Denied, message: `You may not propose changes in ${organization}.` };
    const row = await deps.installations.get(environment, application);
    if (!row) return hidden;
    return row.declaration.blueprint.name === blueprint
      ? undefined
      : {
          code: codes.Invalid,
          message: `"${application}" is of ${row.declaration.blueprint.name}, not of ${blueprint}.`,
        };
  }

  return {
    async blastRadius(actor, { blueprint, version, limit = defaultLimit, continue: token }) {
      if (!(await maySee(deps, actor, blueprint, version)))
        return refused(unknownVersion(blueprint, version));
      const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
      if (token !== undefined && !/^[a-z0-9-]+\/[a-z0-9-]+$/.test(after))
        return refused({
          code: codes.Invalid,
          field: 'continue',
          message: 'This is not where a page ended.',
        });
      const users = (await usersOf(actor, blueprint, version)).filter(({ id }) => id > after);
      const page = users.slice(0, Math.min(Math.max(limit, 1), maxLimit));
      const items: Impact[] = [];
      for (const row of page) items.push(await impactOn(actor, row, version));
      const last = page.at(-1);
      const radius: BlastRadius = {
        blueprint,
        version,
        items,
        unchanged: items.filter(({ planned }) => planned?.objects.length === 0).length,
        ...(last && users.length > page.length
          ? { continue: Buffer.from(last.id).toString('base64url') }
          : {}),
      };
      return ok(radius);
    },

    async propose(actor, blueprint, { version, applications }) {
      if (!(await maySee(deps, actor, blueprint, version)))
        return refused(unknownVersion(blueprint, version));
      const items: ProposedUpgrades['items'] = [];
      for (const { environment, application } of applications) {
        const { problems, ...outcome } = await proposeOne(actor, blueprint, version, {
          environment,
          application,
        });
        items.push({ environment, application, ...outcome, problems: toPlain(problems) });
      }
      return ok({ items });
    },
  };
}

async function maySee(
  { catalog, organizations }: Pick<UpgradesDeps, 'catalog' | 'organizations'>,
  actor: Actor,
  blueprint: string,
  version: string,
): Promise<boolean> {
  const names = actor.sovereignAdmin
    ? (await organizations.list()).map(({ metadata }) => metadata.name)
    : actor.memberships.map(({ organization }) => organization);
  return catalog.find(blueprint, version, { organizations: names }) !== undefined;
}

/** A page of plans is read for what happens to objects; files with their contents are in each plan of its own. */
function withoutContents(planned: PlannedApplication): PlannedApplication {
  return { ...planned, files: planned.files.map(({ path, change }) => ({ path, change })) };
}

function toPlain(problems: readonly Problem[]): Impact['problems'] {
  return problems.map(({ code, message }) => ({ code, message }));
}

function describe(consequences: readonly string[]): string {
  return consequences
    .map((sentence) => `- ${sentence}`)
    .join('\n')
    .slice(0, 10_000);
}
