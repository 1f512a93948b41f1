import type { AppliedPlan } from '@catalyst/model/api/applications.ts';
import type { DependencyChoice, Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { Button, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { DependencyChoices } from './DependencyChoices.tsx';
import { PlanActions } from './PlanActions.tsx';
import { PlanBody } from './PlanBody.tsx';
import { doesNothing } from './plan-words.ts';
import { usePlan } from './use-plan.ts';

/** Plans a change in a dialog, shows it, and carries it out or proposes it when told to. Drawn while it is open. */
export function PlanDialog(props: {
  readonly environment: string;
  /** Undefined: something in `children` is to be filled in first. Every other request is planned anew. */
  readonly request: PlanRequest | undefined;
  /** The plan of `request`, where it was made already. */
  readonly planned?: Plan;
  readonly title: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly ready?: boolean;
  readonly openFiles?: boolean;
  readonly close: () => void;
  readonly done: (applied: AppliedPlan) => void;
  /** What gets the focus back; what had it, unless told. */
  readonly opener?: RefObject<HTMLElement | null>;
  /** Stands above the plan. */
  readonly children?: ReactNode;
  /** Stands between the plan and the buttons. */
  readonly confirm?: ReactNode;
}) {
  const { environment } = props;
  useReturnFocus(props.opener);
  const { plan, problems, pending, make } = usePlan(environment, props.planned);
  const [choices, setChoices] = useState<Readonly<Record<string, DependencyChoice>>>({});
  const asked = JSON.stringify(props.request);
  const again = useCallback(
    (chosen: Readonly<Record<string, DependencyChoice>>) => {
      if (asked === undefined) return;
      const request = JSON.parse(asked) as PlanRequest;
      const takes = request.action === 'install' || request.action === 'configure';
      make(takes && Object.keys(chosen).length > 0 ? { ...request, dependencies: { ...chosen } } : request);
    },
    [asked, make],
  );
  const planned = useRef(props.planned !== undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: choices are planned when they are made, below.
  useEffect(() => {
    if (!planned.current) again(choices);
    planned.current = false;
  }, [again]);
  const offered = props.request?.action === 'configure' ? (plan?.choices ?? []) : [];
  const empty = plan !== undefined && problems.length === 0 && doesNothing(plan);
  return (
    <Modal opened onClose={props.close} title={props.title} size="xl" returnFocus={false}>
      <Stack>
        {props.children}
        {plan && offered.length > 0 && (
          <DependencyChoices
            plan={plan}
            choices={choices}
            choose={(chosen) => {
              setChoices(chosen);
              again(chosen);
            }}
            disabled={pending}
          />
        )}
        {props.request && (
          <PlanBody plan={plan} problems={problems} pending={pending} openFiles={props.openFiles === true} />
        )}
        {empty && <Text>Nothing would change.</Text>}
        {plan && problems.length === 0 && props.confirm}
        {props.request && (
          <PlanActions
            plan={plan}
            action={props.action}
            danger={props.danger === true}
            ready={props.ready !== false}
            planning={pending}
            again={() => again(choices)}
            done={props.done}
            back={
              <Button variant="default" onClick={props.close} data-autofocus>
                Cancel
              </Button>
            }
          />
        )}
      </Stack>
    </Modal>
  );
}
