import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import { keepPlan } from '../history/keep-plan.ts';
import { type ApplyDeps, applyStep, rollBack, toStale } from './apply-plan.ts';
import { createPlanKeeping, type MakePlanDeps, makePlan, planLifetimeMs } from './make-plan.ts';
import { type PlanRow, plansTable, volumeDeletionsTable } from './plan-store.ts';
import { createPlanningQueue } from './planning-queue.ts';
import type { Applied, Provisioning } from './provisioning.ts';
import { findMoved } from './stale.ts';

/** What provisioning needs. */
export interface ProvisioningDeps extends MakePlanDeps, ApplyDeps {
  readonly database: Database;
  readonly logger: Logger;
}

/** Creates the service that foresees changes and carries them out. Call `resume` once at start. */
export function createProvisioning(deps: ProvisioningDeps): Provisioning {
  const plans = deps.database.table(plansTable);
  const deletions = deps.database.table(volumeDeletionsTable);
  const running = new Map<string, Promise<Result<Applied>>>();
  const keeping = createPlanKeeping(plans);
  const queue = createPlanningQueue();
  const foreseeing = createPlanningQueue({ atOnce: 1, waiting: 50, waitingEach: 10 });

  async function takeBack(row: PlanRow, problems: readonly Problem[]): Promise<Result<Applied>> {
    const staying = await rollBack(deps, row, row.commits);
    await plans.put({ ...row, status: 'refused', commits: [] });
    const stays = staying.map(
      (application): Problem => ({
        code: codes.Conflict,
        field: application,
        message: `"${application}" stays as this plan made it, because it was changed or bound meanwhile. Uninstall it if you do not need it.`,
      }),
    );
    return refused(...problems, ...stays);
  }

  async function carryOut(row: PlanRow): Promise<Result<Applied>> {
    if (row.refusedBy) return takeBack(row, row.refusedBy);
    const commits = [...row.commits];
    for (const step of row.steps.slice(commits.length)) {
      const result = await applyStep(deps, row, step);
      if (!result.ok) {
        const refusing = { ...row, commits, refusedBy: toStale(result.problems) };
        // A crash while it is taken back must not try the refused step again.
        await plans.put(refusing);
        return takeBack(refusing, refusing.refusedBy);
      }
      commits.push(result.value);
      await plans.put({ ...row, status: 'applying', commits });
    }
    for (const claim of row.deleteVolumes) {
      const application = 'application' in row.request ? row.request.application : '';
      await deletions.put({
        id: `${row.environment}/${application}/${claim}`,
        organization: row.organization,
        environment: row.environment,
        branch: row.branch,
        application,
        claim,
      });
    }
    await deps.database.transaction(async (tables) => {
      await tables.table(plansTable).put({ ...row, status: 'applied', commits });
      await keepPlan(tables, {
        organization: row.organization,
        plan: row.plan,
        by: row.actor.name,
        commits: commits.map(({ application, revision }, at) => ({
          application,
          revision,
          before: row.steps[at]?.expectedHead ?? null,
        })),
        deletedVolumes: row.deleteVolumes,
      });
    });
    return ok({ planId: row.id, commits });
  }

  /** One run per plan, however often it is asked for. */
  function carryOutOnce(row: PlanRow): Promise<Result<Applied>> {
    const present = running.get(row.id);
    if (present) return present;
    const run = carryOut(row).finally(() => running.delete(row.id));
    running.set(row.id, run);
    return run;
  }

  return {
    plan: (actor, environment, request) =>
      queue.run(async () => {
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
      if (!row || row.environment !== environment || row.actor.id !== actor.id)
        return refused({
          code: codes.NotFound,
          message:
            'There is no such plan. Plans are forgotten an hour after they were made, or when you have made 200 newer ones.',
        });
      if (row.status === 'applied') return ok({ planId, commits: row.commits });
      if (row.status === 'refused')
        return refused({
          code: codes.Stale,
          message: 'The plan was refused when it was applied. Make a new one.',
        });
      if (row.status === 'planned') {
        if (row.createdAt < deps.clock.now() - planLifetimeMs)
          return refused({ code: codes.Stale, message: 'The plan is older than an hour. Make a new one.' });
        if (row.steps.some(({ promotion }) => promotion !== undefined)) return refused(onlyProposed);
        const moved = await findMoved(deps, row);
        if (moved.length > 0) return refused(staleBecause(moved), ...moved);
        const closed = await closedBy(deps, row);
        if (closed) return refused(closed);
        await plans.put({ ...row, status: 'applying' });
      }
      return carryOutOnce({ ...row, status: 'applying' });
    },

    async resume() {
      for (const row of await plans.list({ where: { status: 'applying' } })) {
        deps.logger.info(
          { plan: row.id, steps: row.steps.length, done: row.commits.length },
          'resuming a plan',
        );
        const result = await carryOutOnce(row);
        if (!result.ok)
          deps.logger.warn({ plan: row.id, problems: result.problems }, 'the plan was rolled back');
      }
    },
  };
}

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
