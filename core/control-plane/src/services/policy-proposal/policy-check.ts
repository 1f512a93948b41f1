import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { checkPolicy, handlesOfPolicy, type Policy } from '@catalyst/model/policy/policy.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Teams } from '../access/teams.ts';

/** What of a policy can never be met, among these Environments. */
export type PolicyCheck = (policy: Policy, environments: ReadonlySet<string>) => Promise<Problem[]>;

/** Asks the people and teams that there are now; the same for a proposal and for the judge of its commit. */
export function createPolicyCheck(deps: {
  readonly teams: Pick<Teams, 'people'>;
  readonly clock: Pick<Clock, 'now'>;
}): PolicyCheck {
  return async (policy, environments) => {
    const organization = parseEnvironmentName(policy.environment)?.organization ?? '';
    const everybody = ['org-admins', 'org-developers'].map((team) => `@${organization}/${team}`);
    const people = await deps.teams.people(organization, [...handlesOfPolicy(policy), ...everybody]);
    return checkPolicy(policy, (handle) => (Object.hasOwn(people, handle) ? people[handle] : undefined), {
      now: deps.clock.now(),
      environments,
    });
  };
}
