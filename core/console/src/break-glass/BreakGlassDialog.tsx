import { breakGlassMinutes } from '@catalyst/model/api/break-glass.ts';
import { Button, Group, Modal, NumberInput, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { breakGlassApi } from './break-glass-api.ts';

/** Asks for the reason and the time before the glass of an Environment is broken; nothing is merged by it. */
export function BreakGlassDialog({ environment, close }: { environment: string; close: () => void }) {
  useReturnFocus();
  const [typed, setTyped] = useState('');
  const [minutes, setMinutes] = useState<number | string>(breakGlassMinutes.usual);
  const client = useQueryClient();
  const reason = typed.trim();
  const opening = useMutation({
    mutationFn: () => breakGlassApi.open(environment, { reason, minutes: Number(minutes) }),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: ['environments', environment, 'break-glass'] });
      await client.invalidateQueries({ queryKey: ['organizations'] });
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (reason !== '' && minutes !== '') opening.mutate();
  };
  return (
    <Modal opened onClose={close} returnFocus={false} title={`Break the glass of ${environment}?`}>
      <form onSubmit={onSubmit}>
        <Stack>
          <Text size="sm">
            For a while the gates of its policy do not hold for your merges, and only for yours. Everybody of
            the Organization sees that, with your reason, and it stays on record. Conflicts, holds, the order
            of a set and the owners of CODEOWNERS hold as before. Nothing is merged yet.
          </Text>
          <Textarea
            label="Reason"
            description="Everybody of the Organization reads it."
            required
            autosize
            minRows={2}
            maxLength={500}
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <NumberInput
            label="Minutes"
            description={`${breakGlassMinutes.least} to ${breakGlassMinutes.most}; you can end it earlier.`}
            required
            min={breakGlassMinutes.least}
            max={breakGlassMinutes.most}
            allowDecimal={false}
            clampBehavior="blur"
            value={minutes}
            onChange={setMinutes}
          />
          {opening.error && (
            <ProblemList title="The glass was not broken" problems={problemsOf(opening.error)} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              color="red"
              loading={opening.isPending}
              disabled={reason === '' || minutes === ''}
            >
              Break the glass
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
