import type { Problem } from '@catalyst/model/problem.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, type Ref, useMemo, useRef, useState } from 'react';
import { api } from '../api/api.ts';
import { problemsOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { ConfigurationForm } from '../configuration/ConfigurationForm.tsx';
import { sortProblems } from '../configuration/field-problems.ts';
import { findProblems } from '../configuration/find-problems.ts';
import { sameValue, toValues, type Values, withoutDefaults } from '../configuration/form-values.ts';
import { focusFirstError } from '../install/focus-first-error.ts';
import { Section } from '../layout/Section.tsx';
import { PlanDialog } from '../plans/PlanDialog.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';
import { retryPlan } from '../plans/use-plan.ts';
import { useRights } from '../session/use-rights.ts';
import classes from './ApplicationPage.module.css';
import { useApplication } from './ApplicationPage.tsx';
import { VersionSelect } from './VersionSelect.tsx';

interface Reviewed {
  readonly request: PlanRequest;
  readonly plan: Plan;
}

/** Plans what the form says; a plan without problems is shown, others say at their fields what is wrong. */
function useReview(name: string, environment: string) {
  const client = useQueryClient();
  return useMutation({
    retry: retryPlan,
    mutationFn: async (request: PlanRequest): Promise<Reviewed> => ({
      request,
      plan: await api.plan(environment, request),
    }),
    onSuccess: ({ plan }) => {
      // Both sides can only be shown once the other one is here.
      if (plan.problems.some((problem) => problem.code === 'ConflictingEdit'))
        void client.invalidateQueries(queries.application(environment, name));
    },
  });
}

/** The form of an Application's settings from one revision. */
export function SettingsForm(props: {
  readonly revision: string;
  readonly base: Values;
  readonly start: Values;
  /** Somebody changed the Application since, and this form has changes too. */
  readonly moved: boolean;
  readonly edit: (values: Values | undefined) => void;
  readonly reset: () => void;
  readonly conflicts: ReactNode;
}) {
  const { detail, environment, view } = useApplication();
  const { mayChange } = useRights();
  const may = mayChange(environment);
  const schema = detail.configSchema;
  const [form, setForm] = useState<Values>(props.start);
  const [version, setVersion] = useState(detail.blueprint.version);
  const [tried, setTried] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const review = useReview(view.name, environment);
  const values = useMemo(() => toValues(schema, form), [schema, form]);
  const local = useMemo(() => findProblems(schema, values), [schema, values]);
  const remote = review.error ? problemsOf(review.error) : (review.data?.plan.problems ?? []);
  const shown = useShown(tried ? local : [], remote);
  // Drawing the form fills in defaults, which changes nothing of what it means.
  const meaning = (state: Values) => withoutDefaults(schema, toValues(schema, state));
  const untouched = (state: Values) => sameValue(meaning(state), meaning(props.base));
  const upgrading = version !== detail.blueprint.version;
  const changed = upgrading || !untouched(form);
  const change = (next: Values) => {
    setForm(next);
    review.reset();
    props.edit(untouched(next) ? undefined : next);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (local.length > 0 && !upgrading) return focusFirstError(event.currentTarget as HTMLElement);
    review.mutate({
      action: 'configure',
      application: view.name,
      ...(untouched(form) ? {} : { values: { ...values }, basedOn: props.revision }),
      ...(upgrading ? { version } : {}),
    });
  };
  return (
    <form onSubmit={onSubmit} noValidate className={classes.narrow}>
      {detail.versions.length > 1 && (
        <Section title="Version">
          <VersionSelect
            detail={detail}
            value={version}
            disabled={!may}
            change={(next) => {
              setVersion(next);
              review.reset();
            }}
          />
        </Section>
      )}
      <Section
        title="Configuration"
        lead={
          may ? 'Saving makes a commit, after you have seen what it changes.' : 'You may look, not change.'
        }
      >
        <ConfigurationForm
          schema={schema}
          initial={props.start}
          problems={shown}
          disabled={!may}
          change={change}
        />
      </Section>
      {may && (
        <Stack gap="sm">
          {props.conflicts || (
            <Foot
              moved={props.moved}
              toCorrect={tried ? local.length : 0}
              problems={sortProblems(schema, remote, 'values.').elsewhere}
              changed={changed}
              pending={review.isPending}
              opener={opener}
              reset={props.reset}
            />
          )}
        </Stack>
      )}
      {review.data && review.data.plan.problems.length === 0 && (
        <PlanDialog
          environment={environment}
          request={review.data.request}
          planned={review.data.plan}
          title={upgrading ? `Upgrade ${view.name} to ${version}` : `Change ${view.name}`}
          action={upgrading ? 'Upgrade' : 'Save'}
          openFiles
          opener={opener}
          close={review.reset}
          done={() => {
            review.reset();
            props.reset();
            notifications.show({ message: `The change of ${view.name} is saved and rolls out now.` });
          }}
        />
      )}
    </form>
  );
}

function useShown(local: ReturnType<typeof problemsOf>, remote: ReturnType<typeof problemsOf>) {
  return useMemo(
    () => [
      ...local,
      ...remote
        .filter((problem) => problem.field?.startsWith('values.'))
        .map((problem) => ({ ...problem, field: problem.field?.slice(7) ?? '' })),
    ],
    [local, remote],
  );
}

/** What stands between the form and its plan, and the buttons. */
function Foot(props: {
  readonly moved: boolean;
  readonly toCorrect: number;
  readonly problems: readonly Problem[];
  readonly changed: boolean;
  readonly pending: boolean;
  readonly opener: Ref<HTMLButtonElement>;
  readonly reset: () => void;
}) {
  return (
    <>
      {props.moved && <Moved reset={props.reset} />}
      {props.toCorrect > 0 && <ToCorrect count={props.toCorrect} />}
      <ProblemList title="It cannot be saved like this" problems={props.problems} />
      <Group gap="xs">
        <Button ref={props.opener} type="submit" disabled={!props.changed} loading={props.pending}>
          Review the change
        </Button>
        {props.changed && (
          <Button variant="subtle" onClick={props.reset}>
            Discard
          </Button>
        )}
      </Group>
    </>
  );
}

function Moved({ reset }: { reset: () => void }) {
  return (
    <Text size="sm" role="status">
      Somebody changed other fields meanwhile. Saving keeps their values and adds yours;{' '}
      <Button variant="subtle" size="compact-sm" onClick={reset}>
        discard mine
      </Button>
    </Text>
  );
}

function ToCorrect({ count }: { count: number }) {
  return (
    <Text c="var(--mantine-color-error)" size="sm" role="alert">
      {count === 1 ? 'One field is to be corrected first.' : `${count} fields are to be corrected first.`}
    </Text>
  );
}
