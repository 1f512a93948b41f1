import type { AppliedPlan } from '@catalyst/model/api/applications.ts';
import type { DependencyChoice, Plan } from '@catalyst/model/views/plan.ts';
import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { problemsOf } from '../api/client.ts';
import { Section } from '../layout/Section.tsx';
import { DependencyChoices } from '../plans/DependencyChoices.tsx';
import { PlanActions } from '../plans/PlanActions.tsx';
import { PlanBody } from '../plans/PlanBody.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';

/** Second step: where the dependencies come from, and all that will happen. */
export function ReviewStep(props: {
  readonly plan: Plan;
  readonly composite: boolean;
  readonly planning: boolean;
  readonly planError: unknown;
  readonly choices: Readonly<Record<string, DependencyChoice>>;
  readonly choose: (choices: Readonly<Record<string, DependencyChoice>>) => void;
  readonly again: () => void;
  readonly back: () => void;
  readonly done: (applied: AppliedPlan) => void;
}) {
  const { plan } = props;
  return (
    <>
      {plan.choices.length > 0 && (
        <Section
          title={props.composite ? 'What it brings' : 'Dependencies'}
          lead={
            props.composite
              ? 'All of it is one set: one plan, and one undo. An Application that runs already can serve several.'
              : 'What it needs beside itself. An Application that runs already can serve several.'
          }
          flush
        >
          <DependencyChoices
            plan={plan}
            choices={props.choices}
            choose={props.choose}
            disabled={props.planning}
          />
        </Section>
      )}
      <Section title="Plan" lead="Nothing has happened yet." flush>
        <PlanBody plan={plan} problems={plan.problems} pending={props.planning} />
      </Section>
      {props.planError !== null && props.planError !== undefined && (
        <ProblemList title="No new plan could be made" problems={problemsOf(props.planError)} />
      )}
      <PlanActions
        plan={plan}
        action="Install"
        size="md"
        planning={props.planning}
        again={props.again}
        done={props.done}
        back={
          <Button variant="subtle" size="md" leftSection={<IconArrowLeft size={16} />} onClick={props.back}>
            Back to the configuration
          </Button>
        }
      />
    </>
  );
}
