import { branchOf, type EnvType, environmentName, parseEnvironmentName } from '@catalyst/model/names.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import { promotedFrom, promotesTo } from '@catalyst/model/promotion/order.ts';
import type { PlanningDeps, PlanningScope } from '../provisioning/planning-context.ts';

/** Where a promotion comes from. */
export interface SourceScope {
  readonly organization: string;
  readonly environment: string;
  readonly envType: EnvType;
  readonly branch: string;
}

/** The Environment that promotions into a destination come from, or why there is none. */
export async function findSource(
  deps: Pick<PlanningDeps, 'environmentsOf'>,
  { organization, environment, envType }: PlanningScope,
  asked: string | undefined,
): Promise<SourceScope | Problem> {
  const present = (await deps.environmentsOf(organization)).map((one) => one.envType);
  const usual = promotedFrom(present, envType);
  const from = asked === undefined ? usual : parseEnvironmentName(asked)?.envType;
  if (from === undefined || (asked !== undefined && asked !== environmentName(organization, from)))
    return invalid(
      asked === undefined
        ? `${environment} is the first Environment of ${organization}: nothing is promoted into it.`
        : `There is no Environment "${asked}" in ${organization}.`,
    );
  if (!present.includes(from))
    return invalid(`There is no Environment ${environmentName(organization, from)}.`);
  const next = promotesTo(present, from);
  if (next !== envType)
    return invalid(
      next === undefined
        ? `${environmentName(organization, from)} is the last Environment of ${organization}: it promotes nowhere.`
        : `${environmentName(organization, from)} promotes to ${environmentName(organization, next)}. Promote there first.`,
    );
  return {
    organization,
    environment: environmentName(organization, from),
    envType: from,
    branch: branchOf(from),
  };
}

function invalid(message: string): Problem {
  return { code: 'NoPromotion', field: 'from', message };
}
