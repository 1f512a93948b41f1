import type { PolicyProposalView } from '@catalyst/model/api/policies.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { Notice } from '@catalyst/model/notification/kinds.ts';
import type { PolicyProposals } from '../policy-proposal/policy-proposals.ts';
import type { Notifications } from './notifications.ts';

function toNotice(
  { id, environment }: PolicyProposalView,
  kind: 'policy-proposed' | 'policy-changed',
  message: string,
  at: string,
): Notice {
  const organization = parseEnvironmentName(environment)?.organization ?? '';
  return {
    id: `${kind}/${id}`,
    kind,
    organization,
    title: `Policy of ${environment}`,
    message,
    path: `/organizations/${organization}`,
    at,
  };
}

/**
 * Tells who may approve a change of a policy that it waits for them, and who proposed it what became of it. What is told may be lost in a
 * crash; what waits stands in the inbox all the same.
 */
export function announcePolicies<T extends Pick<PolicyProposals, 'propose' | 'approve'>>(
  proposals: T,
  notifications: Pick<Notifications, 'notify'>,
): T {
  return {
    ...proposals,
    async propose(actor, environment, request) {
      const proposed = await proposals.propose(actor, environment, request);
      if (proposed.ok) {
        const { value } = proposed;
        const message = `${value.proposedBy.name} proposes another policy for ${environment}, and you may approve it.`;
        const to = value.approvers.map(({ id }) => id).filter((id) => id !== actor.id);
        await notifications.notify({ ...toNotice(value, 'policy-proposed', message, value.proposedAt), to });
      }
      return proposed;
    },
    async approve(actor, ref, reason) {
      const approved = await proposals.approve(actor, ref, reason);
      if (approved.ok && approved.value.state === 'committed' && approved.value.approved) {
        const { value } = approved;
        const message = `${actor.name} approved your change of the policy of ${value.environment}; it holds now.`;
        const at = value.approved?.at ?? value.proposedAt;
        await notifications.notify({
          ...toNotice(value, 'policy-changed', message, at),
          to: [value.proposedBy.id].filter((id) => id !== actor.id),
        });
      }
      return approved;
    },
  };
}
