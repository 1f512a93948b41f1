import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { PlanDialog } from './PlanDialog.tsx';

/** Takes back everything that an applied plan did, after a look at what that means. */
export function UndoDialog(props: {
  readonly environment: string;
  readonly plan: string;
  readonly close: () => void;
}) {
  const { environment, plan, close } = props;
  const client = useQueryClient();
  const request = useMemo<PlanRequest>(() => ({ action: 'undo', plan }), [plan]);
  return (
    <PlanDialog
      environment={environment}
      request={request}
      title="Undo this change"
      action="Undo"
      danger
      close={close}
      done={() => {
        close();
        notifications.show({ message: 'The change is being taken back.' });
        void client.invalidateQueries({ queryKey: ['environments', environment] });
        void client.invalidateQueries({ queryKey: ['organizations'] });
      }}
    />
  );
}
