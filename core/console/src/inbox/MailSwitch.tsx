import { Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { messageOf } from '../api/client.ts';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { inboxApi, inboxQueries } from './inbox-api.ts';

/** Whether what needs the person is sent by e-mail too. */
export function MailSwitch() {
  const { data, error, refetch } = useQuery(inboxQueries.settings);
  const client = useQueryClient();
  const choose = useMutation({
    mutationFn: (on: boolean) => inboxApi.choose({ mail: on ? 'needs-you' : 'none' }),
    onSuccess: (after) => client.setQueryData(inboxQueries.settings.queryKey, after),
  });
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={1} height={40} />;
  return (
    <Switch
      label="Send me an e-mail when something needs me"
      description={data.mailMessage}
      checked={data.mail === 'needs-you'}
      disabled={choose.isPending}
      error={choose.error ? messageOf(choose.error) : undefined}
      onChange={(event) => choose.mutate(event.currentTarget.checked)}
    />
  );
}
