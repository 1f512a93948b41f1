import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { InvitationLinkShown } from './InvitationLinkShown.tsx';
import { type RoleChoice, RoleField, toMembership } from './RoleField.tsx';

const nobody = { name: '', email: '', membership: { role: 'org-developer', environments: [] } as RoleChoice };

/** Offers a membership to an e-mail address; the link is shown once. */
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
    onSuccess: () =>
      client.invalidateQueries({ queryKey: ['organizations', props.organization, 'invitations'] }),
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
      title={addition.data ? 'Invitation made' : `Add a member to ${props.organization}`}
      size="lg"
    >
      {addition.data ? (
        <InvitationLinkShown shown={addition.data} close={close} />
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
              description="How the invitation calls the person."
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
