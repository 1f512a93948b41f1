import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { pullRequestQueries, pullRequestsApi } from './pull-requests-api.ts';

/** Says something about a pull request, or about a file or line of it. */
export function CommentForm(props: {
  readonly detail: PullRequestDetail;
  readonly label: string;
  readonly about?: { readonly file: string; readonly line?: number };
  /** Where it is opened on demand. */
  readonly cancel?: () => void;
}) {
  const { detail, cancel } = props;
  const [text, setText] = useState('');
  const client = useQueryClient();
  const saying = useMutation({
    mutationFn: () => pullRequestsApi.comment(detail, { ...props.about, text: text.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: pullRequestQueries.one(detail).queryKey });
      setText('');
      cancel?.();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') saying.mutate();
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="xs">
        <Textarea
          label={props.label}
          autosize
          minRows={2}
          maxRows={12}
          maxLength={10_000}
          autoFocus={cancel !== undefined}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {saying.error && <ProblemList title="It was not said" problems={problemsOf(saying.error)} />}
        <Group gap="xs">
          <Button type="submit" variant="default" disabled={text.trim() === ''} loading={saying.isPending}>
            Comment
          </Button>
          {cancel && (
            <Button variant="subtle" color="gray" onClick={cancel}>
              Cancel
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
