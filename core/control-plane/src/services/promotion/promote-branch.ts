import { environmentName, envTypeOfBranch } from '@catalyst/model/names.ts';
import { codes, ok, refused } from '@catalyst/model/problem.ts';
import type { Provisioning } from '../provisioning/provisioning.ts';
import { proposePlan } from '../review/propose.ts';
import type { PromoteBranch, ReviewDeps } from '../review/review-context.ts';

/** Plans the promotion with the usual choices and proposes the plan: a pull request by plain Git meets what the console's would. */
export function createPromoteBranch(
  deps: Pick<ReviewDeps, 'reviews' | 'repositories' | 'organizations' | 'plans' | 'clock'> & {
    readonly provisioning: Pick<Provisioning, 'plan'>;
  },
): PromoteBranch {
  return async (actor, { organization, application, source, destination, revision, as }) => {
    const [from, to] = [envTypeOfBranch(source), envTypeOfBranch(destination)];
    if (from === undefined || to === undefined || from === to)
      return refused({
        code: codes.Invalid,
        field: 'destination',
        message: `"${destination.slice(0, 100)}" is not the branch of another Environment.`,
      });
    const environment = environmentName(organization, to);
    const planned = await deps.provisioning.plan(actor, environment, {
      action: 'promote',
      application,
      from: environmentName(organization, from),
      ...(revision === undefined ? {} : { revision }),
    });
    if (!planned.ok) return planned;
    if (planned.value.problems.length > 0) return refused(...planned.value.problems);
    const proposed = await proposePlan(deps, actor, environment, planned.value.id, as);
    if (!proposed.ok) return proposed;
    const own = proposed.value.find(({ repository }) => repository.name === application);
    return own
      ? ok(own)
      : refused({ code: codes.Internal, message: 'The plan opened no pull request for the Application.' });
  };
}
