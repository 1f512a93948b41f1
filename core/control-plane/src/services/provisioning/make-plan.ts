import type { Actor } from '@catalyst/model/authorization.ts';
import { branchOf, parseEnvironmentName } from '@catalyst/model/names.ts';
import { codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import type { Table } from '../../ports/database.ts';
import { completePlan } from './complete-plan.ts';
import { draftOf } from './draft-of.ts';
import type { PlanRow } from './plan-store.ts';
import type { UndoDeps } from './plan-undo.ts';
import type { Draft, PlanningDeps, PlanningScope } from './planning-context.ts';

/** How long a plan can be applied. */
export const planLifetimeMs = 60 * 60 * 1000;
const cleanUpEveryMs = 5 * 60 * 1000;
/** Plans that one person may have lying ready; the oldest are forgotten. */
const maxPlansPerActor = 200;

/** What making plans needs. */
export interface MakePlanDeps extends UndoDeps {
  readonly createId: () => string;
}

/** A plan and what is needed to carry it out; the row is absent where something forbids the plan. */
export interface MadePlan {
  readonly plan: Plan;
  readonly row?: PlanRow;
}

/** Makes a plan and keeps nothing. `NotFound` where the name is no Environment's. */
export async function makePlan(
  deps: MakePlanDeps,
  actor: Actor,
  environment: string,
  request: PlanRequest,
): Promise<Result<MadePlan>> {
  const parsed = parseEnvironmentName(environment);
  if (!parsed) return refused({ code: codes.NotFound, message: `There is no Environment "${environment}".` });
  const scope: PlanningScope = { actor, ...parsed, environment, branch: branchOf(parsed.envType) };
  const draft = await draftOf(deps, scope, request);
  const now = deps.clock.now();
  const plan: Plan = {
    id: deps.createId(),
    environment,
    action: request.action,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + planLifetimeMs).toISOString(),
    problems: draft.problems,
    choices: draft.choices,
    ...(await completePlan(deps, scope, draft)),
  };
  if (draft.problems.length > 0) return ok({ plan });
  return ok({
    plan,
    row: {
      id: plan.id,
      environment,
      organization: parsed.organization,
      branch: scope.branch,
      actor: { id: actor.id, name: actor.name, email: actor.email, surface: actor.surface },
      actorId: actor.id,
      request,
      plan,
      steps: draft.steps,
      deleteVolumes: draft.deleteVolumes,
      status: 'planned',
      commits: [],
      createdAt: now,
      blueprints: blueprintsOf(deps, scope, draft),
    },
  });
}

/** The package of each Blueprint version that the plan writes down or relies on. */
function blueprintsOf(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
): NonNullable<PlanRow['blueprints']> {
  const found = new Map<string, { name: string; version: string; digest: string }>();
  for (const { blueprint: name, version, change } of draft.applications) {
    // What goes needs no package, and must be able to go when its package is gone.
    if (change === 'remove') continue;
    const known = deps.catalog.find(name, version, { organizations: [scope.organization] });
    if (known) found.set(`${name} ${version}`, { name, version, digest: known.digest });
  }
  return [...found.values()];
}

const isUnfinished = ({ status }: PlanRow) => status === 'applying' || status === 'set-aside';

/** Keeps plans until they are too old or too many of one person. */
export function createPlanKeeping(plans: Table<PlanRow>): { keep(row: PlanRow): Promise<void> } {
  let cleanedUpAt = 0;

  async function forgetOld(now: number): Promise<void> {
    if (now - cleanedUpAt < cleanUpEveryMs) return;
    cleanedUpAt = now;
    for (const row of await plans.list({ orderBy: 'createdAt', limit: 1000 }))
      if (isUnfinished(row)) continue;
      else if (row.createdAt < now - 24 * planLifetimeMs) await plans.delete(row.id);
      else if (row.status === 'planned' && row.createdAt < now - planLifetimeMs) await plans.delete(row.id);
  }

  async function forgetMany(actorId: string): Promise<void> {
    const where = { actorId, status: 'planned' } as const;
    const surplus = (await plans.count(where)) - maxPlansPerActor;
    if (surplus <= 0) return;
    for (const row of await plans.list({ where, orderBy: 'createdAt', limit: Math.min(surplus, 1000) }))
      await plans.delete(row.id);
  }

  return {
    async keep(row) {
      await forgetOld(row.createdAt);
      await plans.put(row);
      await forgetMany(row.actor.id);
    },
  };
}
