import type { InboxEntry } from '@catalyst/model/api/people.ts';
import type { PolicyProposalView } from '@catalyst/model/api/policies.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { PolicyProposals } from '../policy-proposal/policy-proposals.ts';
import type { InboxSource } from './inbox.ts';

/** Changes of policies that a person may approve: in his Organizations, and as sovereign-admin where nobody of an Organization may. */
export function createPolicyProposalSource(deps: {
  readonly policyProposals: Pick<PolicyProposals, 'openProposals' | 'openForSovereignAdmins'>;
}): InboxSource {
  return async (actor) => {
    const found: PolicyProposalView[] = [];
    for (const { organization } of actor.memberships)
      found.push(...(await deps.policyProposals.openProposals(organization, actor)));
    const { items, pending } = await deps.policyProposals.openForSovereignAdmins(actor);
    const waiting = [...found, ...items].filter(({ may, stale }) => may.approve && !stale);
    return { items: waiting.map(toEntry), pending };
  };
}

function toEntry({
  id,
  environment,
  proposedBy,
  proposedAt,
  removes,
  reason,
}: PolicyProposalView): InboxEntry {
  const organization = parseEnvironmentName(environment)?.organization ?? '';
  return {
    id: `policy-proposal/${id}`,
    kind: 'policy-proposal',
    organization,
    environment,
    title: removes ? `Stop protecting ${environment}` : `Another policy for ${environment}`,
    by: proposedBy.name,
    since: proposedAt,
    why: `${proposedBy.name} proposes it: ${reason.slice(0, 200)}`,
    path: `/organizations/${organization}`,
    may: ['open'],
  };
}
