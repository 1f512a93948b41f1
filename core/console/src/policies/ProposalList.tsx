import type { PolicyProposalView } from '@catalyst/model/api/policies.ts';
import { Button, Group, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf, problemsOf } from '../api/client.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { Difference } from './Difference.tsx';
import classes from './Policies.module.css';
import { decideProposal, openProposalsQuery, policyQuery } from './policies-api.ts';

/** Changes of a policy that wait for somebody, with what they would change and who may approve them. */
export function ProposalList({ environment }: { environment: string }) {
  const { data, error } = useQuery(openProposalsQuery(environment));
  if (error && !data)
    return (
      <Text size="sm" c="var(--red)" role="alert">
        {messageOf(error)}
      </Text>
    );
  if (!data || data.items.length === 0) return null;
  return (
    <ul className={classes.proposals} aria-label={`Proposed changes of the policy of ${environment}`}>
      {data.items.map((proposal) => (
        <Proposal key={proposal.id} proposal={proposal} />
      ))}
    </ul>
  );
}

function Proposal({ proposal }: { proposal: PolicyProposalView }) {
  const [reason, setReason] = useState('');
  const deciding = useDeciding(proposal);
  const { may, removes, proposedBy } = proposal;
  const acts = may.approve || may.confirmAlone;
  return (
    <li className={classes.proposal}>
      <div>
        <Text fw={600}>
          {proposedBy.name} proposes to {removes ? 'remove the policy' : 'change the policy'}
        </Text>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {proposal.reason}
        </Text>
      </div>
      <Difference of={proposal.difference} label="What it would change" />
      <Text size="sm" c="dimmed">
        {proposal.why}
      </Text>
      {acts && (
        <TextInput
          label={may.confirmAlone ? 'Why you confirm it alone' : 'What you say to it'}
          description={may.confirmAlone ? 'Kept with the commit.' : 'Optional; kept with the commit.'}
          required={may.confirmAlone}
          maxLength={500}
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      {deciding.error && <ProblemList title="It was not done" problems={problemsOf(deciding.error)} />}
      {(acts || may.withdraw) && (
        <Group gap="xs">
          {acts && (
            <Button
              size="sm"
              disabled={may.confirmAlone && reason.trim() === ''}
              loading={deciding.isPending && deciding.variables.decision === 'approve'}
              onClick={() => deciding.mutate({ decision: 'approve', reason })}
            >
              {may.confirmAlone ? 'Confirm alone' : 'Approve'}
            </Button>
          )}
          {may.withdraw && (
            <Button
              size="sm"
              variant="default"
              loading={deciding.isPending && deciding.variables.decision === 'withdraw'}
              onClick={() => deciding.mutate({ decision: 'withdraw', reason })}
            >
              Withdraw
            </Button>
          )}
        </Group>
      )}
    </li>
  );
}

function useDeciding(proposal: PolicyProposalView) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ decision, reason }: { decision: 'approve' | 'withdraw'; reason: string }) =>
      decideProposal(proposal, decision, reason),
    onSuccess: ({ state }) => {
      const message =
        state === 'committed'
          ? `The policy of ${proposal.environment} is changed.`
          : 'The proposal is withdrawn.';
      notifications.show({ message });
    },
    // Also after a refusal: somebody else was faster.
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: policyQuery(proposal.environment).queryKey });
    },
  });
}
