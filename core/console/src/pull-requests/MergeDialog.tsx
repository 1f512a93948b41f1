import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { problemsOf } from '../api/client.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { shortRevision } from './pull-request-words.ts';
import { pullRequestsApi } from './pull-requests-api.ts';
import type { Seen } from './seen.ts';
import { useAct } from './use-act.ts';

/** Asks once more before a change happens, and merges exactly what was looked at. */
export function MergeDialog(props: {
  readonly detail: PullRequestDetail;
  readonly seen: Seen;
  readonly close: () => void;
}) {
  const { detail, seen, close } = props;
  useReturnFocus();
  const { head, content } = seen;
  const act = useAct(detail, () => pullRequestsApi.merge(detail, { expectedHead: head, content }), close);
  const consequences = detail.plan?.consequences ?? [];
  return (
    <Modal opened onClose={close} returnFocus={false} title={`Merge into ${detail.environment}?`}>
      <Stack>
        <Text size="sm">
          The revision <code>{shortRevision(head)}</code> is merged into{' '}
          <span className="mono">{detail.destination}</span>, and {detail.environment} follows at once.
        </Text>
        {detail.breakGlass && detail.gates.some(({ allowed }) => !allowed) && (
          <Text size="sm" c="var(--red)">
            Gates of the policy are closed. It is merged all the same because you have broken the glass, and
            that stays on record.
          </Text>
        )}
        {consequences.length > 0 && (
          <List size="sm" spacing={4}>
            {consequences.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        )}
        {act.error && <ProblemList title="It was not merged" problems={problemsOf(act.error)} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button loading={act.isPending} onClick={() => act.mutate(undefined)}>
            Merge
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
