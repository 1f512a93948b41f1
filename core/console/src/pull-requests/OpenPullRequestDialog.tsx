import { Autocomplete, Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { problemsOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { addressOf } from './pull-request-words.ts';
import { pullRequestsApi } from './pull-requests-api.ts';
import { useApplicationNames } from './use-application-names.ts';

/** Opens a pull request for a branch that somebody pushed. */
export function OpenPullRequestDialog({ organization, close }: { organization: string; close: () => void }) {
  const applications = useApplicationNames(organization);
  const environments = useQuery(queries.environments(organization)).data?.items ?? [];
  const [values, setValues] = useState({ application: '', source: '', title: '', description: '' });
  const [destination, setDestination] = useState<string | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const opening = useMutation({
    mutationFn: () =>
      pullRequestsApi.open(organization, {
        application: values.application.trim(),
        source: values.source.trim(),
        destination: destination ?? '',
        title: values.title.trim(),
        ...(values.description.trim() === '' ? {} : { description: values.description.trim() }),
      }),
    onSuccess: async (opened) => {
      void client.invalidateQueries({ queryKey: ['organizations', organization, 'pull-requests'] });
      await navigate(addressOf(opened));
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (destination !== null) opening.mutate();
  };
  const set = (key: keyof typeof values) => (value: string) => setValues({ ...values, [key]: value });
  return (
    <Modal opened onClose={close} title="Open a pull request" size="lg">
      <form onSubmit={onSubmit}>
        <Stack>
          <Autocomplete
            label="Application"
            required
            maxLength={40}
            data={applications}
            data-autofocus
            value={values.application}
            onChange={set('application')}
          />
          <TextInput
            label="Branch"
            description="A branch that you have pushed."
            placeholder="new-greeting"
            required
            maxLength={200}
            autoCapitalize="off"
            spellCheck={false}
            value={values.source}
            onChange={(event) => set('source')(event.currentTarget.value)}
          />
          <Select
            label="Where it is to go"
            placeholder="Choose an Environment"
            required
            data={environments.map((item) => ({
              value: item.branch,
              label: `${item.name} (${item.branch})`,
            }))}
            value={destination}
            onChange={setDestination}
          />
          <TextInput
            label="Title"
            required
            pattern=".*\S.*"
            maxLength={200}
            value={values.title}
            onChange={(event) => set('title')(event.currentTarget.value)}
          />
          <Textarea
            label="Description"
            description="Why it should be done. Markdown works; the plan is there by itself."
            autosize
            minRows={2}
            maxRows={12}
            maxLength={20_000}
            value={values.description}
            onChange={(event) => set('description')(event.currentTarget.value)}
          />
          {opening.error && <ProblemList title="It was not opened" problems={problemsOf(opening.error)} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" disabled={destination === null} loading={opening.isPending}>
              Open a pull request
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
