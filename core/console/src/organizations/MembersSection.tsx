import type { MemberView } from '@catalyst/model/api/organizations.ts';
import { ActionIcon, Badge, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconUserMinus, IconUserPlus, IconUserShield, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { queries, useMe } from '../api/use-api.ts';
import { GrantBreakGlassDialog, GrantBreakGlassItem } from '../break-glass/GrantBreakGlass.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { Section } from '../layout/Section.tsx';
import { AddMember } from './AddMember.tsx';
import { ChangeRole } from './ChangeRole.tsx';
import classes from './Organizations.module.css';
import { PendingMembers } from './PendingMembers.tsx';
import { titleOfRole } from './roles.ts';

/** The people of an Organization and what each may do. */
export function MembersSection(props: {
  readonly organization: string;
  readonly environments: readonly string[];
  readonly mayChange: boolean;
}) {
  const { organization, mayChange } = props;
  const { data, error, refetch } = useQuery(queries.members(organization));
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<MemberView>();
  const [removing, setRemoving] = useState<MemberView>();
  const [granting, setGranting] = useState<MemberView>();
  const add = (
    <Button variant="default" leftSection={<IconUserPlus size={16} />} onClick={() => setAdding(true)}>
      Add member
    </Button>
  );
  return (
    <Section title="Members" flush actions={mayChange && data && data.items.length > 0 ? add : null}>
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <BlockSkeleton rows={2} height={72} />
      ) : data.items.length === 0 ? (
        <EmptyState
          icon={<IconUsers size={26} stroke={1.5} />}
          title="No members yet"
          message="Administrators of this Sovereign reach it anyway. Add the people who work here."
        >
          {mayChange && add}
        </EmptyState>
      ) : (
        <ul className={classes.list}>
          {data.items.map((member) => (
            <MemberRow
              key={member.user.id}
              member={member}
              actions={
                mayChange
                  ? {
                      change: () => setChanging(member),
                      grant: () => setGranting(member),
                      remove: () => setRemoving(member),
                    }
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      {mayChange && <PendingMembers organization={organization} />}
      <AddMember opened={adding} close={() => setAdding(false)} {...props} />
      {changing && <ChangeRole member={changing} close={() => setChanging(undefined)} {...props} />}
      {granting && (
        <GrantBreakGlassDialog
          member={granting}
          organization={organization}
          close={() => setGranting(undefined)}
        />
      )}
      {removing && (
        <RemoveMember member={removing} organization={organization} close={() => setRemoving(undefined)} />
      )}
    </Section>
  );
}

function MemberRow(props: {
  member: MemberView;
  actions: { change: () => void; grant: () => void; remove: () => void } | undefined;
}) {
  const { member, actions } = props;
  const me = useMe();
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Group gap={8}>
          <Text fw={600}>{member.user.name}</Text>
          {me?.user.id === member.user.id && (
            <Text size="sm" c="dimmed">
              you
            </Text>
          )}
          {!member.user.active && (
            <Badge variant="light" color="yellow" tt="none" fw={500} c="var(--amber)">
              no access: add again
            </Badge>
          )}
          {member.breakGlass && (
            <Badge
              variant="light"
              color="red"
              tt="none"
              fw={500}
              c="var(--red)"
              title={`Granted by ${member.breakGlass.by.name}`}
            >
              may break the glass
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {member.user.email}
        </Text>
        {member.since && (
          <Text size="sm" c="dimmed">
            accepted {new Date(member.since).toLocaleString()}
          </Text>
        )}
      </div>
      <div className={classes.rowEnd}>
        <div>
          <Text size="sm">{titleOfRole(member.role)}</Text>
          {member.environments && (
            <Text size="sm" c="dimmed">
              only {member.environments.join(', ')}
            </Text>
          )}
        </div>
        {actions && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`More for ${member.user.name}`}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconUserShield size={16} />} onClick={actions.change}>
                Change role…
              </Menu.Item>
              <GrantBreakGlassItem member={member} act={actions.grant} />
              <Menu.Item color="red" leftSection={<IconUserMinus size={16} />} onClick={actions.remove}>
                Remove…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
    </li>
  );
}

function RemoveMember({
  member,
  organization,
  close,
}: {
  member: MemberView;
  organization: string;
  close: () => void;
}) {
  const client = useQueryClient();
  const removal = useMutation({
    mutationFn: () => api.removeMember(organization, member.user.id),
    onSuccess: async () => {
      close();
      notifications.show({ message: `${member.user.name} is no longer a member.` });
      await client.invalidateQueries({ queryKey: ['organizations', organization] });
    },
  });
  return (
    <Modal opened onClose={close} title={`Remove ${member.user.name}?`}>
      <Stack>
        <Text>
          {member.user.name} loses access to {organization} at once, tokens included. The commits that they
          made stay.
        </Text>
        {removal.error && (
          <Text c="red" size="sm" role="alert">
            {messageOf(removal.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={removal.isPending} onClick={() => removal.mutate()}>
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
