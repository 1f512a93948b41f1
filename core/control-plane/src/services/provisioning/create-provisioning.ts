import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { ApplyDeps } from './apply-plan.ts';
import { createCarryOut } from './carry-out.ts';
import { createPlanKeeping, type MakePlanDeps, makePlan, planLifetimeMs } from './make-plan.ts';
import { type PlanRow, plansTable } from './plan-store.ts';
import { createPlanningQueue } from './planning-queue.ts';
import type { Applied, Provisioning } from './provisioning.ts';
import { findMoved } from './stale.ts';

/** What provisioning needs. */
export interface ProvisioningDeps extends MakePlanDeps, ApplyDeps {
  readonly database: Database;
  readonly logger: Logger;
  readonly repositories: MakePlanDeps['repositories'] &
    ApplyDeps['repositories'] &
    Pick<Repositories, 'settled'>;
}

/** Creates the service that foresees changes and carries them out. Call `resume` once at start. */
export function createProvisioning(deps: ProvisioningDeps): Provisioning {
  const plans = deps.database.table(plansTable);
  const carrying = createCarryOut(deps);
  const running = new Map<string, Promise<Result<Applied>>>();
  const keeping = createPlanKeeping(plans);
  const queue = createPlanningQueue();
  const foreseeing = createPlanningQueue({ atOnce: 1, waiting: 50, waitingEach: 10 });

  async function begin(id: string): Promise<Result<Applied>> {
    let row = await plans.get(id);
    if (row?.status === 'applying' || row?.status === 'set-aside') {
      const settled = await carrying.goOn(row);
      if (settled) return settled;
      row = await plans.get(id);
    }
    if (!row) return refused(noPlan);
    if (row.status === 'applied') return ok({ planId: id, commits: row.commits });
    if (row.status !== 'planned')
      return refused({
        code: codes.Stale,
        message: 'The plan was refused when it was applied. Make a new one.',
      });
    if (row.createdAt < deps.clock.now() - planLifetimeMs)
      return refused({ code: codes.Stale, message: 'The plan is older than an hour. Make a new one.' });
    if (row.steps.some(({ promotion }) => promotion !== undefined)) return refused(onlyProposed);
    const moved = await findMoved(deps, row);
    if (moved.length > 0) return refused(staleBecause(moved), ...moved);
    const closed = await closedBy(deps, row);
    return closed ? refused(closed) : carrying.begin(row);
  }

  /** One run per plan, however often it is asked for. */
  function beginOnce(id: string): Promise<Result<Applied>> {
    const present = running.get(id);
    if (present) return present;
    const run = carrying.inTurn(id, () => begin(id)).finally(() => running.delete(id));
    running.set(id, run);
    return run;
  }

  return {
    plan: (actor, environment, request) =>
      queue.run(async () => {
        // What was acknowledged before is what the plan begins with.
        await deps.repositories.settled(parseEnvironmentName(environment)?.organization ?? '');
        const made = await makePlan(deps, actor, environment, request);
        if (!made.ok) return made;
        if (made.value.row) await keeping.keep(made.value.row);
        return ok(made.value.plan);
      }, actor.id),

    foresee: (actor, environment, request) =>
      foreseeing.run(async () => {
        const made = await makePlan(deps, actor, environment, request);
        return made.ok ? ok(made.value.plan) : made;
      }, actor.id),

    async apply(actor, environment, planId) {
      const row = await plans.get(planId);
      if (!row || row.environment !== environment || row.actor.id !== actor.id) return refused(noPlan);
      return beginOnce(planId);
    },

    unfinished: carrying.unfinished,
    resume: carrying.resume,
    stop: carrying.stop,
  };
}

const noPlan: Problem = {
  code: codes.NotFound,
  message:
    'There is no such plan. Plans are forgotten an hour after they were made, or when you have made 200 newer ones.',
};

const onlyProposed: Problem = {
  code: codes.Invalid,
  message:
    'A promotion is a pull request: propose the plan. Where nothing protects the Environment, it can be merged at once.',
};

function staleBecause(moved: readonly Problem[]): Problem {
  return {
    code: codes.Stale,
    message: `The plan is out of date: ${moved.map(({ message }) => message).join(' ')} Make a new one.`,
  };
}

/** A protected Environment takes pull requests, and of plans only those whose every step has a reason of its own to pass. */
async function closedBy(deps: Pick<ProvisioningDeps, 'policy'>, row: PlanRow): Promise<Problem | undefined> {
  if (row.steps.every((step) => step.under !== undefined)) return undefined;
  const verdict = await deps.policy(row);
  if (!verdict.protected) return undefined;
  const [gate] = verdict.gates.filter(({ allowed }) => !allowed);
  return {
    code: 'Protected',
    message: `${row.environment} is protected: propose the plan as a pull request instead of applying it.${gate ? ` ${gate.reason}` : ''}`,
  };
}
