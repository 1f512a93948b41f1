import type { AppliedPlan } from '@catalyst/model/api/applications.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { Button, Group, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../api/api.ts';
import { problemsOf } from '../api/client.ts';
import { Overtaken } from './Overtaken.tsx';
import { ProblemList } from './ProblemList.tsx';
import { ProposeForm } from './ProposeForm.tsx';
import { deliveryOf, doesNothing, isOvertaken, isProtected } from './plan-words.ts';

/** The buttons under a plan: carry it out, or, where its policy wants that, propose it; and a new plan when it was overtaken. */
export function PlanActions(props: {
  readonly plan: Plan | undefined;
  readonly action: string;
  readonly danger?: boolean;
  /** False while something else is to be done first. */
  readonly ready?: boolean;
  readonly planning: boolean;
  readonly size?: 'sm' | 'md';
  /** Stands before the button that applies. */
  readonly back: ReactNode;
  readonly again: () => void;
  readonly done: (applied: AppliedPlan) => void;
}) {
  const { plan } = props;
  const applying = useMutation({
    mutationFn: (accepted: Plan) => api.applyPlan(accepted.environment, accepted.id),
    onSuccess: props.done,
  });
  // A plan that is not the one that failed has not failed.
  const failure = applying.variables?.id === plan?.id ? applying.error : null;
  const overtaken = isOvertaken(failure);
  const possible = plan !== undefined && plan.problems.length === 0 && !doesNothing(plan);
  const ready = possible && props.ready !== false && !props.planning && !overtaken;
  if (possible && (deliveryOf(plan) === 'propose' || isProtected(failure)))
    return <ProposeForm key={plan.id} plan={plan} ready={ready} again={props.again} {...sized(props)} />;
  return (
    <Stack gap="md">
      {overtaken ? (
        <Overtaken error={failure} again={props.again} />
      ) : (
        failure && <ProblemList title="That did not work" problems={problemsOf(failure)} />
      )}
      <Group gap="xs" justify={props.size === 'md' ? 'flex-start' : 'flex-end'}>
        {props.size !== 'md' && props.back}
        <Button
          {...(props.danger ? { color: 'red' } : {})}
          size={props.size ?? 'sm'}
          loading={applying.isPending || (applying.isSuccess && applying.variables?.id === plan?.id)}
          disabled={!ready}
          onClick={() => plan && applying.mutate(plan)}
        >
          {props.action}
        </Button>
        {props.size === 'md' && props.back}
      </Group>
    </Stack>
  );
}

function sized(props: { readonly size?: 'sm' | 'md'; readonly back: ReactNode }) {
  return { size: props.size ?? ('sm' as const), back: props.back };
}
