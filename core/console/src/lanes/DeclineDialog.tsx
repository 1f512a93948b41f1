import type { BackflowOffer } from '@catalyst/model/api/lanes.ts';
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { laneQueries, lanesApi } from './lanes-api.ts';

/** Asks why a change is not wanted in a lower Environment. */
export function DeclineDialog(props: {
  readonly offer: BackflowOffer;
  readonly organization: string;
  readonly close: () => void;
}) {
  const { offer, organization, close } = props;
  const { application, from, to, fingerprint } = offer;
  useReturnFocus();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const { queryKey } = laneQueries.lane(organization, application);
  const declining = useMutation({
    mutationFn: () =>
      lanesApi.decline(organization, application, { from, to, fingerprint, reason: reason.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey });
      notifications.show({ message: `The change of ${from} is declined for ${to}.` });
      close();
    },
    onError: () => void client.invalidateQueries({ queryKey }),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== '') declining.mutate();
  };
  return (
    <Modal opened onClose={close} returnFocus={false} title={`Decline the change of ${from} for ${to}?`}>
      <form onSubmit={onSubmit}>
        <Stack>
          <Text size="sm">
            {to} stays without it, and it is not offered again unless it changes. Promotions to {from} go on
            asking about it.
          </Text>
          <TextInput
            label="Why?"
            description="One line, for the people who ask later."
            required
            maxLength={500}
            value={reason}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {declining.error && (
            <ProblemList title="It was not declined" problems={problemsOf(declining.error)} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={declining.isPending} disabled={reason.trim() === ''}>
              Decline
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
