import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { PolicyFacts } from '@catalyst/model/policy/facts.ts';
import type { Policy } from '@catalyst/model/policy/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Teams } from '../access/teams.ts';

/** What a policy is asked about a change straight to a branch, with who makes it where that is known. */
export async function factsOfDirectChange(
  deps: { readonly clock: Pick<Clock, 'now'>; readonly people: Teams['people'] },
  policy: Policy | undefined,
  actor: PolicyFacts['actor'],
): Promise<PolicyFacts> {
  const now = deps.clock.now();
  if (!policy || !actor) return { now };
  const { id, name } = actor;
  const organization = parseEnvironmentName(policy.environment)?.organization;
  // Of all rules only a freeze asks who makes a direct change; without exceptions nobody is looked up.
  const excepted = policy.rules.flatMap((rule) => (rule.kind === 'freeze' ? (rule.exceptions ?? []) : []));
  if (organization === undefined || excepted.length === 0) return { now, actor: { id, name } };
  return { now, actor: { id, name }, people: await deps.people(organization, excepted) };
}
