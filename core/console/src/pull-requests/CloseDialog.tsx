import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { problemsOf } from '../api/client.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { pullRequestsApi } from './pull-requests-api.ts';
import { useAct } from './use-act.ts';

/** Asks before a pull request is closed: it cannot be opened again. */
export function CloseDialog({ detail, close }: { detail: PullRequestDetail; close: () => void }) {
  useReturnFocus();
  const act = useAct(detail, () => pullRequestsApi.edit(detail, { state: 'closed' }), close);
  return (
    <Modal
      opened
      onClose={close}
      returnFocus={false}
      title={`Close ${detail.application} #${detail.number}?`}
    >
      <Stack>
        <Text size="sm">
          Nothing of it reaches {detail.environment}.
          {detail.source !== undefined &&
            ` The branch ${detail.source} stays; a new pull request can be opened for it.`}
          {detail.set && ' What is merged after it in its set can then not be merged.'}
        </Text>
        {act.error && <ProblemList title="It was not closed" problems={problemsOf(act.error)} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={act.isPending} onClick={() => act.mutate(undefined)}>
            Close the pull request
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
