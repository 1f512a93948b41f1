import type { MemberView } from '@catalyst/model/api/organizations.ts';
import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { type RoleChoice, RoleField, toMembership } from './RoleField.tsx';

/** Changes what a member may do; it holds from their next request on. */
export function ChangeRole(props: {
  readonly member: MemberView;
  readonly organization: string;
  readonly environments: readonly string[];
  readonly close: () => void;
}) {
  const { member, organization, close } = props;
  const [choice, setChoice] = useState<RoleChoice>({
    role: member.role,
    environments: member.environments ?? [],
  });
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => api.changeMember(organization, member.user.id, toMembership(choice)),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: ['organizations', organization] });
      await client.invalidateQueries({ queryKey: ['me'] });
    },
  });
  return (
    <Modal opened onClose={close} title={`Role of ${member.user.name}`} size="lg">
      <Stack>
        <RoleField value={choice} environments={props.environments} change={setChoice} />
        {change.error && (
          <Alert color="red" role="alert">
            {messageOf(change.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button loading={change.isPending} onClick={() => change.mutate()}>
            Save
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
