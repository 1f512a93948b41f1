import { Alert, Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { CopyLine } from '../feedback/CopyLine.tsx';
import { useRights } from '../session/use-rights.ts';
import { type CheckRightDraft, CheckRightFields } from './CheckRightFields.tsx';

const lifetimes = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
];

/** Makes a token and shows it once. */
export function CreateToken({ opened, close }: { opened: boolean; close: () => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [readOnly, setReadOnly] = useState(false);
  const [checks, setChecks] = useState<CheckRightDraft>();
  const { may } = useRights();
  const organizations = (useQuery(queries.organizations).data?.items ?? [])
    .map((organization) => organization.name)
    .filter((organization) => may('check.give', organization));
  const client = useQueryClient();
  const creation = useMutation({
    mutationFn: () =>
      api.createToken({
        name: name.trim(),
        expiresInDays: Number(days),
        readOnly,
        ...(checks ? { checks: { ...checks, names: [...checks.names] } } : {}),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const done = () => {
    close();
    setName('');
    setReadOnly(false);
    setChecks(undefined);
    creation.reset();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    creation.mutate();
  };
  return (
    <Modal
      opened={opened}
      onClose={done}
      title={creation.data ? 'Copy your token now' : 'Create a token'}
      closeOnClickOutside={!creation.data}
      closeOnEscape={!creation.data}
    >
      {creation.data ? (
        <Stack>
          <Text>
            It is shown only this once. Whoever has it acts as you
            {checks && ' and posts these checks'}, so keep it like a password.
          </Text>
          <CopyLine value={creation.data.token} label="token" focus />
          <Group justify="flex-end">
            <Button onClick={done}>I have copied it</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={onSubmit}>
          <Stack>
            <TextInput
              label="Name"
              description="Where you will use it, so that you know it again."
              placeholder="laptop"
              required
              pattern=".*\S.*"
              maxLength={80}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label="Expires after"
              data={lifetimes}
              value={days}
              allowDeselect={false}
              onChange={(value) => setDays(value ?? '30')}
            />
            <Checkbox
              label="Only reads"
              description={
                checks
                  ? 'Beside posting the checks it cannot push, install or change anything.'
                  : 'Cannot push, install or change anything.'
              }
              checked={readOnly}
              onChange={(event) => setReadOnly(event.currentTarget.checked)}
            />
            {organizations.length > 0 && (
              <Checkbox
                label="Posts checks"
                description="Gives it the right to post named results to pull requests. Nobody has it without such a token, and it holds as long as you are org-admin."
                checked={checks !== undefined}
                onChange={(event) => {
                  const posts = event.currentTarget.checked;
                  setChecks(posts ? { organization: organizations[0] ?? '', names: [] } : undefined);
                  // What posts results need not change anything else.
                  setReadOnly(posts);
                }}
              />
            )}
            {checks && <CheckRightFields organizations={organizations} value={checks} onChange={setChecks} />}
            {creation.error && (
              <Alert color="red" role="alert">
                {messageOf(creation.error)}
              </Alert>
            )}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={done}>
                Cancel
              </Button>
              <Button type="submit" disabled={checks?.names.length === 0} loading={creation.isPending}>
                Create token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
