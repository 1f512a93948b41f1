import { type WebhookEvent, type WebhookView, webhookEvents } from '@catalyst/model/api/webhooks.ts';
import { Alert, Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { CopyLine } from '../feedback/CopyLine.tsx';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { groupEvents } from './delivery-words.ts';
import { webhookQueries, webhooksApi } from './webhooks-api.ts';

const titles: Readonly<Record<string, string>> = {
  application: 'Applications',
  'pull-request': 'Pull requests',
  'break-glass': 'Broken glass',
  ping: 'Tests',
};

/** Makes a webhook and shows its secret once, or changes one. */
export function WebhookDialog(props: {
  readonly organization: string;
  readonly webhook: WebhookView | undefined;
  readonly close: () => void;
}) {
  const { organization, webhook, close } = props;
  useReturnFocus();
  const [secret, setSecret] = useState<string>();
  return (
    <Modal
      opened
      onClose={close}
      returnFocus={false}
      size="lg"
      title={secret !== undefined ? 'Copy the secret now' : webhook ? 'Edit the webhook' : 'Create a webhook'}
      closeOnClickOutside={secret === undefined}
      closeOnEscape={secret === undefined}
    >
      {secret === undefined ? (
        <Fields
          organization={organization}
          webhook={webhook}
          close={close}
          done={(made) => (made === undefined ? close() : setSecret(made))}
        />
      ) : (
        <Stack>
          <Text>
            It is shown only this once. Each message is signed with it, as the Standard Webhooks specification
            says: check the header <code>webhook-signature</code> before you believe a message.
          </Text>
          <CopyLine value={secret} label="secret" focus />
          <Group justify="flex-end">
            <Button onClick={close}>I have copied it</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Fields(props: {
  organization: string;
  webhook: WebhookView | undefined;
  close: () => void;
  done: (secret: string | undefined) => void;
}) {
  const { organization, webhook } = props;
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [events, setEvents] = useState<string[]>([
    ...(webhook?.events ?? webhookEvents.filter((event) => event !== 'ping')),
  ]);
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: async () => {
      const body = {
        url: url.trim(),
        events: webhookEvents.filter((event): event is WebhookEvent => events.includes(event)),
        ...(description.trim() === '' && !webhook ? {} : { description: description.trim() }),
      };
      if (!webhook) return (await webhooksApi.create(organization, body)).secret;
      await webhooksApi.change(organization, webhook.id, body);
      return undefined;
    },
    onSuccess: (secret) => {
      void client.invalidateQueries({ queryKey: webhookQueries.list(organization).queryKey });
      props.done(secret);
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (events.length > 0) saving.mutate();
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        <TextInput
          label="Address"
          description="Where the messages are sent by POST. Not to loopback or private networks, unless this Sovereign allows it."
          placeholder="https://hooks.example.net/catalyst"
          type="url"
          required
          pattern="https?://.+"
          maxLength={1000}
          data-autofocus
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <TextInput
          label="Description"
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Events chosen={events} choose={setEvents} />
        {events.length === 0 && (
          <Alert color="yellow" role="alert">
            Choose at least one event.
          </Alert>
        )}
        {saving.error && <ProblemList title="It was not saved" problems={problemsOf(saving.error)} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.close}>
            Cancel
          </Button>
          <Button type="submit" disabled={events.length === 0} loading={saving.isPending}>
            {webhook ? 'Save' : 'Create webhook'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Events(props: { chosen: string[]; choose: (events: string[]) => void }) {
  return groupEvents(webhookEvents).map(({ about, events }) => (
    <Checkbox.Group
      key={about}
      label={titles[about] ?? about}
      value={props.chosen.filter((event) => events.includes(event))}
      onChange={(of) => props.choose([...props.chosen.filter((event) => !events.includes(event)), ...of])}
    >
      <Group gap="md" mt={6}>
        {events.map((event) => (
          <Checkbox key={event} value={event} label={event.split('.')[1] ?? event} aria-label={event} />
        ))}
      </Group>
    </Checkbox.Group>
  ));
}
