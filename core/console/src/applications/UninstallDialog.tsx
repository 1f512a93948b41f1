import type { VolumeView } from '@catalyst/model/api/applications.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { Checkbox, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { offerUndo, undoPath } from '../plans/offer-undo.tsx';
import { PlanDialog } from '../plans/PlanDialog.tsx';
import { formatBytes } from '../plans/quantities.ts';

/** Uninstalling: says what is lost. Data stays unless its deletion is asked for, volume by volume, and confirmed by name. */
export function UninstallDialog(props: {
  readonly view: ApplicationView;
  readonly volumes: readonly VolumeView[];
  readonly opener: RefObject<HTMLElement | null>;
  readonly close: () => void;
}) {
  const { view, volumes, close } = props;
  const { environment, name } = view;
  const [deleted, setDeleted] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  const client = useQueryClient();
  const request = useMemo<PlanRequest>(
    () => ({
      action: 'uninstall',
      application: name,
      ...(deleted.length === 0 ? {} : { deleteVolumes: [...deleted] }),
    }),
    [name, deleted],
  );
  const done = async (planId: string) => {
    const message = `${name} is being uninstalled.`;
    await navigate(`/environments/${environment}`);
    // Data that is deleted does not come back, so nothing else pretends to.
    if (deleted.length > 0) notifications.show({ message });
    else offerUndo({ message, undo: () => void navigate(undoPath(environment, planId)) });
    void client.invalidateQueries({ queryKey: ['environments', environment, 'volumes'] });
    void client.invalidateQueries({ queryKey: ['organizations'] });
  };
  return (
    <PlanDialog
      environment={environment}
      request={request}
      title={`Uninstall ${name}`}
      action={deleted.length > 0 ? 'Uninstall and delete data' : 'Uninstall'}
      danger
      ready={deleted.length === 0 || typed === name}
      opener={props.opener}
      close={close}
      done={({ planId }) => void done(planId)}
      confirm={
        deleted.length > 0 && (
          <TextInput
            label={`Type ${name} to delete data for good`}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            maw={360}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )
      }
    >
      {volumes.length > 0 && (
        <Checkbox.Group
          label="Its data"
          description="Data is kept unless you choose it here. Kept data is found again when the Application is installed again."
          value={[...deleted]}
          onChange={setDeleted}
        >
          <Stack gap="xs" mt="xs">
            {volumes.map((volume) => (
              <Checkbox
                key={volume.claim}
                value={volume.claim}
                color="red"
                label={`Delete ${volume.claim} for good`}
                description={formatBytes(volume.sizeBytes)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
    </PlanDialog>
  );
}
