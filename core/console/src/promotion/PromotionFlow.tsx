import type { DependencyChoice, Plan, PlannedApplication, PlanRequest } from '@catalyst/model/views/plan.ts';
import { Button } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Link } from 'react-router';
import type { Values } from '../configuration/form-values.ts';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { Section } from '../layout/Section.tsx';
import { DependencyChoices } from '../plans/DependencyChoices.tsx';
import { PlanBody } from '../plans/PlanBody.tsx';
import { usePlan } from '../plans/use-plan.ts';
import { ApplicationProblems } from './ApplicationProblems.tsx';
import classes from './Promotion.module.css';
import { PromotionActions } from './PromotionActions.tsx';
import { PromotionSettings } from './PromotionSettings.tsx';
import { placeProblems, titleOfPromotion } from './promotion-words.ts';

type Choices = Readonly<Record<string, DependencyChoice>>;

/** The plan of a promotion: what can be chosen, what will happen, and the buttons. Each choice is planned anew. */
export function PromotionFlow(props: {
  readonly from: string;
  readonly applications: readonly string[];
  readonly choose: (applications: readonly string[]) => void;
}) {
  const { from, applications } = props;
  const { environment } = useEnvironment();
  const { plan: fresh, problems, pending, make } = usePlan(environment);
  const { plan, first } = useKept(fresh, applications);
  const [choices, setChoices] = useState<Choices>({});
  const [values, setValues] = useState<Values>();
  const [edited, setEdited] = useState(false);
  const request = useMemo((): PlanRequest => {
    const [application = '', ...together] = applications;
    return {
      action: 'promote',
      application,
      from,
      ...(together.length > 0 ? { together } : {}),
      ...(Object.keys(choices).length > 0 ? { dependencies: { ...choices } } : {}),
      ...(values ? { values: { ...values } } : {}),
    };
  }, [applications, from, choices, values]);
  useEffect(() => make(request), [make, request]);
  const again = useCallback(() => make(request), [make, request]);
  const offered = plan?.choices ?? [];
  const placed = placeProblems(problems, { applications, choices: offered, form: first !== undefined });
  return (
    <div className={classes.flow}>
      {plan && offered.length > 0 && (
        <Section
          title="Dependencies"
          lead={`What ${environment} has serves as it is. What it lacks can be promoted along, in a pull request of its own that is merged first.`}
          flush
        >
          <DependencyChoices
            plan={plan}
            choices={choices}
            choose={setChoices}
            disabled={pending}
            promotedInto={environment}
          />
        </Section>
      )}
      {first && (
        <PromotionSettings
          from={from}
          part={first}
          problems={placed.atValues}
          pending={pending}
          edited={setEdited}
          plan={setValues}
        />
      )}
      <ApplicationProblems
        problems={placed.atApplications}
        leaveOut={(name) => props.choose(applications.filter((other) => other !== name))}
      />
      <Section title="Plan" lead="Nothing has happened yet." flush>
        <PlanBody plan={plan} problems={placed.elsewhere} pending={pending} />
      </Section>
      {fresh === undefined && problems.length > 0 && (
        <div>
          <Button variant="default" loading={pending} onClick={again}>
            Try again
          </Button>
        </div>
      )}
      {plan ? (
        <PromotionActions
          plan={plan}
          title={titleOfPromotion(applications, from, environment)}
          ready={plan === fresh && !edited}
          edited={edited}
          again={again}
          back={<Back from={from} applications={applications} choose={props.choose} />}
        />
      ) : (
        <div>
          <Back from={from} applications={applications} choose={props.choose} />
        </div>
      )}
    </div>
  );
}

/** The last plan stays in sight while the next one is made, and the form of a first promotion as long as the page. */
function useKept(fresh: Plan | undefined, applications: readonly string[]) {
  const [plan, setPlan] = useState(fresh);
  const [first, setFirst] = useState<PlannedApplication>();
  if (fresh !== undefined && fresh !== plan) {
    setPlan(fresh);
    const part = fresh.applications.find(({ application }) => application === applications[0]);
    if (first === undefined && applications.length === 1 && part?.change === 'create') setFirst(part);
  }
  return { plan, first };
}

function Back(props: Parameters<typeof PromotionFlow>[0]) {
  const [only] = props.applications;
  return props.applications.length > 1 ? (
    <Button variant="subtle" size="md" onClick={() => props.choose([])}>
      Choose others
    </Button>
  ) : (
    <Button
      component={Link}
      to={`/environments/${props.from}/applications/${only}`}
      variant="subtle"
      size="md"
    >
      Cancel
    </Button>
  );
}
