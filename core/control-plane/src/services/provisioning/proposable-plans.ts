import type { Actor } from '@catalyst/model/authorization.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import { keepPlan } from '../history/keep-plan.ts';
import { planLifetimeMs } from './make-plan.ts';
import { plansTable } from './plan-store.ts';
import type { PlannedStep } from './planning-context.ts';
import { findMoved, type StaleDeps } from './stale.ts';

/** A plan with what would carry it out. */
export interface ProposablePlan {
  readonly organization: string;
  readonly environment: string;
  readonly branch: string;
  readonly plan: Plan;
  readonly steps: readonly PlannedStep[];
}

/** Plans that can become pull requests. */
export interface ProposablePlans {
  /**
   * An own plan that nobody has applied. Codes: `NotFound`, `Stale` (too old, or with what moved), `Invalid` (it deletes data, or needs no review).
   * `begun`: some of its pull requests are open, so that what they made does not make it stale.
   */
  find(actor: Actor, environment: string, planId: string, begun: boolean): Promise<Result<ProposablePlan>>;
  /** Keeps what the plan says for the history of what its pull requests will bring. Safe to repeat. */
  proposed(actor: Actor, plan: ProposablePlan): Promise<void>;
}

const noPlan: Problem = {
  code: codes.NotFound,
  message:
    'There is no such plan. Plans are forgotten an hour after they were made, or when you have made 200 newer ones.',
};

/** Reads the rows that planning has written. */
export function createProposablePlans(
  deps: StaleDeps & { readonly database: Database; readonly clock: Clock },
): ProposablePlans {
  return {
    async find(actor, environment, planId, begun) {
      const row = await deps.database.table(plansTable).get(planId);
      if (!row || row.environment !== environment || row.actor.id !== actor.id) return refused(noPlan);
      if (row.status !== 'planned')
        return refused({
          code: codes.Stale,
          message: 'The plan was applied already, or refused when it was. Make a new one.',
        });
      if (row.createdAt < deps.clock.now() - planLifetimeMs)
        return refused({ code: codes.Stale, message: 'The plan is older than an hour. Make a new one.' });
      if (row.deleteVolumes.length > 0)
        return refused({
          code: codes.Invalid,
          field: 'deleteVolumes',
          message:
            'Data is not deleted by a pull request. Propose the uninstall without it, and delete the volumes when it is merged.',
        });
      if (row.steps.length > 0 && row.steps.every((step) => step.under !== undefined))
        return refused({
          code: codes.Invalid,
          message: 'This needs no review: apply the plan.',
        });
      const moved = begun ? [] : await findMoved(deps, row);
      if (moved.length > 0)
        return refused(
          {
            code: codes.Stale,
            message: `The plan is out of date: ${moved.map(({ message }) => message).join(' ')} Make a new one.`,
          },
          ...moved,
        );
      const { organization, branch, plan, steps } = row;
      return ok({ organization, environment, branch, plan, steps });
    },
    async proposed(actor, { organization, plan }) {
      await deps.database.transaction((tables) =>
        keepPlan(tables, { organization, plan, by: actor.name, commits: [] }),
      );
    },
  };
}
