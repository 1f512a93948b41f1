import type { BlueprintDetail } from '@catalyst/model/api/blueprints.ts';
import { checkApplicationName } from '@catalyst/model/names.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useMemo, useState } from 'react';
import { Link } from 'react-router';
import { problemsOf } from '../api/client.ts';
import { ConfigurationForm } from '../configuration/ConfigurationForm.tsx';
import { sortProblems } from '../configuration/field-problems.ts';
import { findProblems } from '../configuration/find-problems.ts';
import { toValues, type Values } from '../configuration/form-values.ts';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { Section } from '../layout/Section.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';
import { focusFirstError } from './focus-first-error.ts';

const none: Values = {};

/** First step: the name, and what the Blueprint lets people set. */
export function ConfigureStep(props: {
  readonly blueprint: BlueprintDetail;
  readonly application: string;
  readonly nameTaken: boolean;
  readonly nameFits: boolean;
  readonly setApplication: (name: string) => void;
  readonly form: Values;
  readonly setForm: (form: Values) => void;
  readonly plan: Plan | undefined;
  readonly error: unknown;
  readonly pending: boolean;
  readonly next: () => void;
}) {
  const { environment } = useEnvironment();
  const { blueprint, application, plan, error } = props;
  const schema = blueprint.configSchema;
  const composite = blueprint.category === 'composite';
  const [tried, setTried] = useState(false);
  const [initial] = useState(props.form);
  // What the server said is shown until the form changes; from then on the form speaks for itself.
  const [changed, setChanged] = useState(false);
  const local = useMemo(() => findProblems(schema, toValues(schema, props.form)), [schema, props.form]);
  const remote = useMemo(
    () => (changed ? [] : error ? problemsOf(error) : (plan?.problems ?? [])),
    [changed, error, plan],
  );
  const sorted = sortProblems(schema, remote, 'values.');
  const atName = remote.find((problem) => problem.field === 'application')?.message;
  const elsewhere = sorted.elsewhere.filter((problem) => problem.field !== 'application');
  const shown = useMemo(
    () => [
      ...(tried ? local : []),
      ...remote
        .filter((problem) => problem.field?.startsWith('values.'))
        .map((problem) => ({ ...problem, field: problem.field?.slice(7) ?? '' })),
    ],
    [tried, local, remote],
  );
  const checked = checkApplicationName(application);
  const nameProblem = checked.ok
    ? props.nameTaken
      ? `There is already an Application "${application}" in ${environment}.`
      : atName
    : application === '' && !tried
      ? undefined
      : checked.problems[0]?.message;

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (local.length > 0 || !checked.ok || props.nameTaken) {
      focusFirstError(event.currentTarget as HTMLElement);
      return;
    }
    setChanged(false);
    props.next();
  };

  return (
    <form onSubmit={onSubmit} noValidate>
      <Section title="Name">
        <TextInput
          label={composite ? 'Name of the set' : 'Application name'}
          description={
            composite
              ? 'The Applications that it brings are named after it.'
              : `Part of its address: http://${application || '…'}.${environment}.localhost. Also the name of its Git repository.`
          }
          required
          spellCheck={false}
          autoCapitalize="none"
          maw={460}
          maxLength={40}
          value={application}
          error={nameProblem}
          onChange={(event) => {
            setChanged(true);
            props.setApplication(event.currentTarget.value);
          }}
          classNames={{ input: 'mono' }}
        />
      </Section>
      <Section title="Configuration" lead="You can change all of it later.">
        {Object.keys((schema.properties ?? none) as object).length === 0 ? (
          <Text c="dimmed">There is nothing to configure.</Text>
        ) : (
          <ConfigurationForm
            schema={schema}
            initial={initial}
            problems={shown}
            change={(form) => {
              setChanged(true);
              props.setForm(form);
            }}
          />
        )}
      </Section>
      <Stack gap="md">
        {tried && local.length > 0 && (
          <Text c="var(--mantine-color-error)" size="sm" role="alert">
            {local.length === 1
              ? 'One field is to be corrected first.'
              : `${local.length} fields are to be corrected first.`}
          </Text>
        )}
        <ProblemList title="It cannot be installed like this" problems={elsewhere} />
        <Group gap="xs">
          <Button type="submit" size="md" loading={props.pending}>
            Review the plan
          </Button>
          <Button component={Link} to={`/environments/${environment}`} variant="subtle" size="md">
            Cancel
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          {composite
            ? `It brings ${namesOf(blueprint)} as one set. Next you choose which of them are new, and see everything before it happens.`
            : blueprint.depends.length > 0
              ? `Next you choose where its ${namesOf(blueprint)} comes from, and see everything before it happens.`
              : 'Next you see everything before it happens.'}
        </Text>
      </Stack>
    </form>
  );
}

function namesOf(blueprint: BlueprintDetail): string {
  const names = blueprint.depends.map((entry) => entry.blueprint.replace(/^bp-/, ''));
  return new Intl.ListFormat('en').format(names);
}
