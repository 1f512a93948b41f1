import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { pullRequestsApi } from './pull-requests-api.ts';
import { useAct } from './use-act.ts';

/** Edits title and description. */
export function EditDialog({ detail, close }: { detail: PullRequestDetail; close: () => void }) {
  useReturnFocus();
  const [title, setTitle] = useState(detail.title);
  const [description, setDescription] = useState(detail.description);
  const act = useAct(
    detail,
    () => pullRequestsApi.edit(detail, { title: title.trim(), description: description.trim() }),
    close,
  );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(undefined);
  };
  return (
    <Modal opened onClose={close} returnFocus={false} title="Edit title and description" size="lg">
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label="Title"
            required
            pattern=".*\S.*"
            maxLength={200}
            data-autofocus
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Textarea
            label="Description"
            description="Markdown works."
            autosize
            minRows={5}
            maxRows={18}
            maxLength={20_000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {act.error && <ProblemList title="It was not saved" problems={problemsOf(act.error)} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={act.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
