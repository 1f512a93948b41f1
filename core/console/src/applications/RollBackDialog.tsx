import type { ChangeView } from '@catalyst/model/api/history.ts';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { ReasonedDialog } from './ReasonedDialog.tsx';

/** Brings an earlier revision back and holds it, so that nothing undoes the rollback by itself. */
export function RollBackDialog({ change, close }: { change: ChangeView; close: () => void }) {
  const { environment, application, revision } = change;
  const client = useQueryClient();
  const short = revision.slice(0, 10);
  return (
    <ReasonedDialog
      environment={environment}
      title={`Roll ${application} back to ${short}`}
      action="Roll back"
      label="Why?"
      lead={
        <>
          Brings back version and configuration as they were at <code>{short}</code>, and holds {application}{' '}
          there until somebody releases it. Data and secrets are not brought back.
        </>
      }
      request={(reason) => ({ action: 'rollback', application, revision, reason })}
      close={close}
      done={() => {
        close();
        notifications.show({ message: `${application} is being rolled back to ${short}, and held there.` });
        void client.invalidateQueries({
          queryKey: ['environments', environment, 'applications', application],
        });
      }}
    />
  );
}
