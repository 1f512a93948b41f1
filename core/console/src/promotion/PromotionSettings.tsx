import { overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { combineLayers } from '@catalyst/model/config/values.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { PlannedApplication } from '@catalyst/model/views/plan.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { queries } from '../api/use-api.ts';
import { ConfigurationForm } from '../configuration/ConfigurationForm.tsx';
import { findProblems } from '../configuration/find-problems.ts';
import { sameValue, toValues, type Values, withoutDefaults } from '../configuration/form-values.ts';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { focusFirstError } from '../install/focus-first-error.ts';
import { overridesOf } from './overrides.ts';
import classes from './Promotion.module.css';

/** What differs in the destination from the first promotion on; folded away, because most often nothing does. */
export function PromotionSettings(props: {
  readonly from: string;
  readonly part: PlannedApplication;
  readonly problems: readonly Problem[];
  readonly pending: boolean;
  /** Whether the form says something that the plan does not. */
  readonly edited: (edited: boolean) => void;
  readonly plan: (values: Values) => void;
}) {
  const { environment } = useEnvironment();
  const [opened, setOpened] = useState(false);
  const [drawn, setDrawn] = useState(false);
  if (opened && !drawn) setDrawn(true);
  const wrong = props.problems.length > 0;
  useEffect(() => {
    if (wrong) setOpened(true);
  }, [wrong]);
  return (
    <details
      className={classes.disclosure}
      open={opened}
      onToggle={(event) => setOpened(event.currentTarget.open)}
    >
      <summary>
        Settings that differ in {environment}
        <span className={classes.disclosureNote}>optional</span>
      </summary>
      {/* What was typed stays when it is folded. */}
      {drawn && <Settings {...props} />}
    </details>
  );
}

function Settings(props: Parameters<typeof PromotionSettings>[0]) {
  const { part } = props;
  const detail = useQuery(queries.application(props.from, part.application));
  const blueprint = useQuery(queries.blueprint(part.blueprint, part.version));
  const failed = detail.error ?? blueprint.error;
  if (failed)
    return (
      <Failure
        error={failed}
        compact
        retry={() => void Promise.all([detail.refetch(), blueprint.refetch()])}
      />
    );
  if (!detail.data || !blueprint.data) return <BlockSkeleton rows={2} height={56} />;
  return <Form {...props} base={detail.data.baseValues} schema={blueprint.data.configSchema} />;
}

function Form(props: Parameters<typeof PromotionSettings>[0] & { base: Values; schema: Values }) {
  const { schema, part, problems } = props;
  const { envType, environment } = useEnvironment();
  // The plan that is shown first says what comes without anybody's doing: what all share, and the preset.
  const [start] = useState(() =>
    // Both were read from JSON and YAML.
    combineLayers(props.base as JsonObject, overlayOf(part, envType as EnvType)),
  );
  const [form, setForm] = useState<Values>(start);
  const [planned, setPlanned] = useState<Values>({});
  const [round, setRound] = useState(0);
  const meaning = (state: Values) => withoutDefaults(schema, toValues(schema, state));
  const wanted = overridesOf(schema, meaning(start), meaning(form));
  const changed = !sameValue(wanted, planned);
  const local = useMemo(() => findProblems(schema, toValues(schema, form)), [schema, form]);
  const [tried, setTried] = useState(false);
  const { edited } = props;
  useEffect(() => edited(changed), [edited, changed]);
  const shown = useMemo(
    () => [
      ...(tried ? local : []),
      ...problems.map((problem) => ({ ...problem, field: problem.field?.slice('values.'.length) ?? '' })),
    ],
    [tried, local, problems],
  );
  const last = useMemo(() => combineLayers(start, planned as JsonObject), [start, planned]);
  const discard = () => {
    setForm(last);
    setTried(false);
    setRound(round + 1);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (local.length > 0) return focusFirstError(event.currentTarget as HTMLElement);
    setPlanned(wanted);
    props.plan(wanted);
  };
  return (
    <form onSubmit={onSubmit} noValidate className={classes.disclosureBody}>
      <Text size="sm" c="dimmed">
        It begins with what all Environments share, and the preset of the size of {environment}. What you
        change here is written down for {environment} alone, and later promotions leave it.
      </Text>
      <ConfigurationForm key={round} schema={schema} initial={last} problems={shown} change={setForm} />
      <Group gap="xs" align="center">
        <Button type="submit" variant="default" disabled={!changed} loading={props.pending}>
          Plan with these settings
        </Button>
        {changed && (
          <Button variant="subtle" onClick={discard}>
            Discard
          </Button>
        )}
        {changed && (
          <Text size="sm" c="dimmed" role="status">
            The plan below does not have your last changes yet.
          </Text>
        )}
      </Group>
    </form>
  );
}

function overlayOf(part: PlannedApplication, envType: EnvType): JsonObject {
  const path = overlayPaths(envType).values;
  const parsed = parseYamlObject(part.files.find((file) => file.path === path)?.after ?? '', path);
  return parsed.ok ? (parsed.value as JsonObject) : {};
}
