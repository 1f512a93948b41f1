import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemsOf } from '../api/client.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';

/** Asks before something is done that cannot be taken back. Drawn while it is open; `act` does it and says what then. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly action: string;
  readonly act: () => Promise<unknown>;
  readonly close: () => void;
  readonly children: ReactNode;
}) {
  useReturnFocus();
  const acting = useMutation({ mutationFn: props.act, onSuccess: props.close });
  return (
    <Modal opened onClose={props.close} title={props.title} returnFocus={false}>
      <Stack>
        {props.children}
        {acting.error && <ProblemList title="That did not work" problems={problemsOf(acting.error)} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.close} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={acting.isPending} onClick={() => acting.mutate()}>
            {props.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
