import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { DependencyChoice, PlanRequest } from '@catalyst/model/views/plan.ts';
import { Select, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type RefObject, useMemo, useState } from 'react';
import { freeName } from '../install/free-name.ts';
import { PlanDialog } from '../plans/PlanDialog.tsx';
import { candidatesFor } from './candidates-for.ts';

const aNewOne = '+';

/** Gives a dependency of an Application to another provider. Data does not move by itself; the plan says so. */
export function RebindDialog(props: {
  readonly view: ApplicationView;
  readonly others: readonly ApplicationView[];
  readonly opener: RefObject<HTMLElement | null>;
  readonly close: () => void;
}) {
  const { view, close } = props;
  // As they were: what the plan makes must not change what is asked for.
  const [others] = useState(props.others);
  const [alias, setAlias] = useState(
    view.dependencies.length === 1 ? view.dependencies[0]?.alias : undefined,
  );
  const [target, setTarget] = useState<string>();
  const newName = freeName(`${view.name}-${alias ?? ''}`, new Set(others.map((item) => item.name)));
  const bound = view.dependencies.find((entry) => entry.alias === alias);
  const request = useMemo<PlanRequest | undefined>(() => {
    if (alias === undefined || target === undefined) return undefined;
    const to: DependencyChoice =
      target === aNewOne ? { use: 'new', name: newName } : { use: 'existing', application: target };
    return { action: 'rebind', application: view.name, alias, to };
  }, [alias, target, newName, view.name]);
  const options = [
    ...(bound ? candidatesFor(bound, view.name, others) : []).map((name) => ({
      value: name,
      label: `Use ${name}`,
    })),
    { value: aNewOne, label: `A new one, ${newName}` },
  ];
  return (
    <PlanDialog
      environment={view.environment}
      request={request}
      title={`Rebind ${view.name}`}
      action="Rebind"
      opener={props.opener}
      close={close}
      done={() => {
        close();
        notifications.show({ message: `${view.name} is being bound to something else.` });
      }}
    >
      <Stack gap="sm">
        {view.dependencies.length > 1 && (
          <Select
            label="Dependency"
            data={view.dependencies.map((entry) => ({
              value: entry.alias,
              label: `${entry.alias} (now ${entry.application})`,
            }))}
            value={alias ?? null}
            allowDeselect={false}
            maw={420}
            onChange={(next) => {
              setAlias(next ?? undefined);
              setTarget(undefined);
            }}
          />
        )}
        {bound && (
          <Select
            label={`What ${view.name} uses as ${bound.alias}`}
            description={`Now it uses ${bound.application}. Its data stays there: nothing is moved.`}
            placeholder="Choose"
            data={options}
            value={target ?? null}
            allowDeselect={false}
            maw={420}
            data-autofocus
            onChange={(next) => setTarget(next ?? undefined)}
          />
        )}
      </Stack>
    </PlanDialog>
  );
}
