import type { InboxEntry } from '@catalyst/model/api/people.ts';
import type { PolicyProposals } from '../policy-proposal/policy-proposals.ts';
import type { InboxSource } from './inbox.ts';

/** Changes of policies that a person may approve. */
export function createPolicyProposalSource(deps: {
  readonly policyProposals: Pick<PolicyProposals, 'openProposals'>;
}): InboxSource {
  return async (actor) => {
    const items: InboxEntry[] = [];
    for (const { organization } of actor.memberships)
      for (const proposal of await deps.policyProposals.openProposals(organization, actor)) {
        if (!proposal.may.approve || proposal.stale) continue;
        const { id, environment, proposedBy, proposedAt, removes, reason } = proposal;
        items.push({
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
        });
      }
    return { items, pending: 0 };
  };
}
