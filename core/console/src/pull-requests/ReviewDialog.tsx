import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { shortRevision } from './pull-request-words.ts';
import { pullRequestsApi } from './pull-requests-api.ts';
import type { Seen } from './seen.ts';
import { useAct } from './use-act.ts';

/** A verdict with a comment, on exactly what was looked at. */
export function ReviewDialog(props: {
  readonly detail: PullRequestDetail;
  readonly verdict: 'approve' | 'request-changes';
  readonly seen: Seen;
  readonly close: () => void;
}) {
  const { detail, verdict, close } = props;
  const { head: revision, content } = props.seen;
  useReturnFocus();
  const [comment, setComment] = useState('');
  const text = comment.trim();
  const act = useAct(
    detail,
    () =>
      pullRequestsApi.review(detail, {
        verdict,
        revision,
        content,
        ...(text === '' ? {} : { comment: text }),
      }),
    close,
  );
  const approves = verdict === 'approve';
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(undefined);
  };
  return (
    <Modal
      opened
      onClose={close}
      returnFocus={false}
      title={approves ? 'Approve this change' : 'Request changes'}
    >
      <form onSubmit={onSubmit}>
        <Stack>
          <Text size="sm">
            For the revision <code>{shortRevision(revision)}</code>.{' '}
            {approves
              ? `Your approval falls when ${detail.promotion ? 'its content changes' : 'something else is pushed'}.`
              : 'It is not merged until you approve a later one.'}
          </Text>
          <Textarea
            label="Comment"
            required={!approves}
            autosize
            minRows={3}
            maxRows={12}
            maxLength={10_000}
            data-autofocus
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          {act.error && <ProblemList title="That did not work" problems={problemsOf(act.error)} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={act.isPending} disabled={!approves && text === ''}>
              {approves ? 'Approve' : 'Request changes'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
