import type { InvitationView } from '@catalyst/model/api/organizations.ts';
import { ActionIcon, Badge, Box, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconLink, IconUserMinus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { InvitationLinkShown } from './InvitationLinkShown.tsx';
import classes from './Organizations.module.css';
import { titleOfRole } from './roles.ts';

/** Who was invited and has not accepted; they have no access yet. Only org-admins see it. */
export function PendingMembers({ organization }: { organization: string }) {
  const { data } = useQuery(queries.invitations(organization));
  const client = useQueryClient();
  const refresh = () =>
    client.invalidateQueries({ queryKey: ['organizations', organization, 'invitations'] });
  const [withdrawing, setWithdrawing] = useState<InvitationView>();
  const renewal = useMutation({
    mutationFn: (id: string) => api.renewInvitation(organization, id),
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
    onSettled: refresh,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <>
      <Box component="ul" mt={12} className={classes.list} aria-label="Invited">
        {data.items.map((invitation) => (
          <PendingRow
            key={invitation.id}
            invitation={invitation}
            renew={() => renewal.mutate(invitation.id)}
            withdraw={() => setWithdrawing(invitation)}
          />
        ))}
      </Box>
      <Modal
        opened={renewal.data !== undefined}
        onClose={renewal.reset}
        title="The link before does not work any more"
        size="lg"
      >
        {renewal.data && <InvitationLinkShown shown={renewal.data} close={renewal.reset} />}
      </Modal>
      {withdrawing && (
        <Withdraw
          invitation={withdrawing}
          organization={organization}
          close={() => setWithdrawing(undefined)}
        />
      )}
    </>
  );
}

function PendingRow(props: { invitation: InvitationView; renew: () => void; withdraw: () => void }) {
  const { name, email, role, environments, invitedBy, expiresAt } = props.invitation;
  const ends = new Date(expiresAt);
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Group gap={8}>
          <Text fw={600}>{name}</Text>
          <Badge variant="light" color="yellow" tt="none" fw={500} c="var(--amber)">
            invited, no access yet
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {email}
        </Text>
        <Text size="sm" c="dimmed">
          by {invitedBy.name}; the link {ends.getTime() > Date.now() ? 'ends' : 'ended'}{' '}
          {ends.toLocaleString()}
        </Text>
      </div>
      <div className={classes.rowEnd}>
        <div>
          <Text size="sm">{titleOfRole(role)}</Text>
          {environments && (
            <Text size="sm" c="dimmed">
              only {environments.join(', ')}
            </Text>
          )}
        </div>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name}`}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconLink size={16} />} onClick={props.renew}>
              New link
            </Menu.Item>
            <Menu.Item color="red" leftSection={<IconUserMinus size={16} />} onClick={props.withdraw}>
              Withdraw…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  );
}

function Withdraw(props: { invitation: InvitationView; organization: string; close: () => void }) {
  const { invitation, organization, close } = props;
  const client = useQueryClient();
  const withdrawal = useMutation({
    mutationFn: () => api.withdrawInvitation(organization, invitation.id),
    onSuccess: async () => {
      close();
      notifications.show({ message: `The invitation of ${invitation.name} is withdrawn.` });
      await client.invalidateQueries({ queryKey: ['organizations', organization] });
    },
  });
  return (
    <Modal opened onClose={close} title={`Withdraw the invitation of ${invitation.name}?`}>
      <Stack>
        <Text>The link that was sent to {invitation.email} stops working at once.</Text>
        {withdrawal.error && (
          <Text c="red" size="sm" role="alert">
            {messageOf(withdrawal.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={withdrawal.isPending} onClick={() => withdrawal.mutate()}>
            Withdraw
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
