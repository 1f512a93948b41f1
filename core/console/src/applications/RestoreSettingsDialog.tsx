import type { ChangeView } from '@catalyst/model/api/history.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { PlanDialog } from '../plans/PlanDialog.tsx';

/** Brings back what an Environment alone set at an earlier revision, after a look at what that means. */
export function RestoreSettingsDialog({ change, close }: { change: ChangeView; close: () => void }) {
  const { environment, application, revision } = change;
  const client = useQueryClient();
  const short = revision.slice(0, 10);
  const request = useMemo<PlanRequest>(
    () => ({ action: 'configure', application, valuesOf: revision }),
    [application, revision],
  );
  return (
    <PlanDialog
      environment={environment}
      request={request}
      title={`Restore the settings of ${short}`}
      action="Restore"
      close={close}
      done={() => {
        close();
        notifications.show({ message: `${application} gets the settings of ${short} back.` });
        void client.invalidateQueries({
          queryKey: ['environments', environment, 'applications', application],
        });
      }}
    >
      <Text size="sm">
        Brings back what {environment} alone set for {application} at <code>{short}</code>. Version and shared
        configuration stay as they are.
      </Text>
    </PlanDialog>
  );
}
