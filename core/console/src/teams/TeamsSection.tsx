import type { TeamView } from '@catalyst/model/api/teams.ts';
import { ActionIcon, Badge, Button, Group, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconEdit, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { Section } from '../layout/Section.tsx';
import { ConfirmDialog } from '../organizations/ConfirmDialog.tsx';
import classes from '../organizations/Organizations.module.css';
import { TeamDialog } from './TeamDialog.tsx';
import { teamsApi, teamsQuery } from './teams-api.ts';

const mostNames = 8;

/** People who answer for something together: named in CODEOWNERS and as approvers. */
export function TeamsSection({ organization, mayChange }: { organization: string; mayChange: boolean }) {
  const { data, error, refetch } = useQuery(teamsQuery(organization));
  const [editing, setEditing] = useState<TeamView | 'new'>();
  const [removing, setRemoving] = useState<TeamView>();
  const client = useQueryClient();
  const remove = async (team: TeamView) => {
    await teamsApi.remove(organization, team.name);
    notifications.show({ message: `The team ${team.name} is gone.` });
    await client.invalidateQueries({ queryKey: teamsQuery(organization).queryKey });
  };
  return (
    <Section
      title="Teams"
      lead="People who answer for something together, as owners of files and as approvers."
      flush
      actions={
        mayChange &&
        data && (
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
            Create team
          </Button>
        )
      }
    >
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <BlockSkeleton rows={2} height={72} />
      ) : (
        <ul className={classes.list}>
          {data.items.map((team) => (
            <TeamRow
              key={team.name}
              organization={organization}
              team={team}
              actions={
                mayChange && !team.builtIn
                  ? { edit: () => setEditing(team), remove: () => setRemoving(team) }
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      {editing && (
        <TeamDialog
          organization={organization}
          team={editing === 'new' ? undefined : editing}
          taken={(data?.items ?? []).map(({ name }) => name)}
          close={() => setEditing(undefined)}
        />
      )}
      {removing && (
        <ConfirmDialog
          title={`Delete the team ${removing.name}?`}
          action="Delete the team"
          act={() => remove(removing)}
          close={() => setRemoving(undefined)}
        >
          <Text>
            Its people stay members. Where a CODEOWNERS file names it, the administrators answer instead.
          </Text>
        </ConfirmDialog>
      )}
    </Section>
  );
}

function TeamRow(props: {
  organization: string;
  team: TeamView;
  actions: { edit: () => void; remove: () => void } | undefined;
}) {
  const { organization, team, actions } = props;
  const names = team.members.slice(0, mostNames).map(({ name }) => name);
  const more = team.members.length - names.length;
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Group gap={8}>
          <Text fw={600}>{team.name}</Text>
          {team.builtIn && (
            <Badge variant="light" color="gray" tt="none" fw={500}>
              built in
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" className="mono">
          @{organization}/{team.name}
        </Text>
        {team.description && <Text size="sm">{team.description}</Text>}
        <Text size="sm" c={names.length === 0 ? 'var(--amber)' : 'dimmed'}>
          {names.length === 0
            ? 'Nobody is in it.'
            : `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`}
        </Text>
      </div>
      {actions && (
        <div className={classes.rowEnd}>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`More for the team ${team.name}`}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconEdit size={16} />} onClick={actions.edit}>
                Edit…
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={actions.remove}>
                Delete…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      )}
    </li>
  );
}
