import type { Problem } from '@catalyst/model/problem.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { LoadingOverlay } from '@mantine/core';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { PlanView } from './PlanView.tsx';
import { ProblemList } from './ProblemList.tsx';
import { doesNothing } from './plan-words.ts';

/** A plan while it is made, made, or forbidden; it stays in its place while it is made anew. */
export function PlanBody(props: {
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  readonly pending: boolean;
  readonly openFiles?: boolean;
}) {
  const { plan, problems, pending } = props;
  return (
    <>
      <ProblemList title="This cannot be done now" problems={problems} />
      {plan
        ? !doesNothing(plan) && (
            <div style={{ position: 'relative' }} aria-busy={pending}>
              <LoadingOverlay
                visible={pending}
                overlayProps={{ radius: 'lg', backgroundOpacity: 0.4 }}
                zIndex={5}
              />
              <PlanView plan={plan} openFiles={props.openFiles === true} />
            </div>
          )
        : problems.length === 0 && <BlockSkeleton rows={2} height={110} />}
    </>
  );
}
