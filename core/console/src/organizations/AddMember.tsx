import type { AddedMember } from '@catalyst/model/api/organizations.ts';
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { CopyLine } from '../feedback/CopyLine.tsx';
import { type RoleChoice, RoleField, toMembership } from './RoleField.tsx';

const nobody = { name: '', email: '', membership: { role: 'org-developer', environments: [] } as RoleChoice };

/** Adds a person by e-mail; who is new here gets a link, shown once. */
export function AddMember(props: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly organization: string;
  readonly environments: readonly string[];
}) {
  const [values, setValues] = useState(nobody);
  const client = useQueryClient();
  const addition = useMutation({
    mutationFn: () =>
      api.addMember(props.organization, {
        name: values.name.trim(),
        email: values.email.trim(),
        ...toMembership(values.membership),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['organizations', props.organization, 'members'] }),
  });
  const close = () => {
    props.close();
    setValues(nobody);
    addition.reset();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    addition.mutate();
  };
  return (
    <Modal
      opened={props.opened}
      onClose={close}
      title={addition.data ? 'Member added' : `Add a member to ${props.organization}`}
      size="lg"
    >
      {addition.data ? (
        <Added added={addition.data} close={close} />
      ) : (
        <form onSubmit={onSubmit}>
          <Stack>
            <TextInput
              label="E-mail"
              type="email"
              required
              maxLength={254}
              data-autofocus
              value={values.email}
              onChange={(event) => setValues({ ...values, email: event.currentTarget.value })}
            />
            <TextInput
              label="Name"
              description="Used when the person is new to this Sovereign."
              required
              maxLength={80}
              value={values.name}
              onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
            />
            <RoleField
              value={values.membership}
              environments={props.environments}
              change={(membership) => setValues({ ...values, membership })}
            />
            {addition.error && (
              <Alert color="red" role="alert">
                {messageOf(addition.error)}
              </Alert>
            )}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={addition.isPending}>
                Add member
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Added({ added, close }: { added: AddedMember; close: () => void }) {
  const { member, invitation } = added;
  return (
    <Stack>
      {invitation ? (
        <>
          <Text>
            {member.user.name} is new here. Send them this link: it is shown only now, works once, and ends{' '}
            {new Date(invitation.expiresAt).toLocaleString()}.
          </Text>
          <CopyLine value={new URL(invitation.url, window.location.origin).href} label="invitation link" />
        </>
      ) : (
        <Text>{member.user.name} can sign in as before and sees the Organization from now on.</Text>
      )}
      <Group justify="flex-end">
        <Button onClick={close}>Done</Button>
      </Group>
    </Stack>
  );
}
