import { type EnvType, environmentName } from '@catalyst/model/names.ts';
import type { EnvironmentSize } from '@catalyst/model/resources/organization.ts';
import type { EnvironmentView } from '@catalyst/model/views/application-view.ts';
import { ActionIcon, Alert, Button, Group, Menu, Modal, Stack, Text, Title } from '@mantine/core';
import { IconDots, IconPlus, IconStack2, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { StateCounts } from '../environments/StateCounts.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { Section } from '../layout/Section.tsx';
import { ProtectedBadge } from '../policies/ProtectedBadge.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { EnvironmentTypeField } from './EnvironmentTypeField.tsx';
import { environmentTypes, titleOfType } from './environment-types.ts';
import classes from './Organizations.module.css';
import { SizeField } from './SizeField.tsx';

/** The Environments of an Organization with how their Applications are. */
export function EnvironmentsSection({
  organization,
  mayCreate,
}: {
  organization: string;
  mayCreate: boolean;
}) {
  const { data, error, refetch } = useQuery(queries.environments(organization));
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<string>();
  const client = useQueryClient();
  const rank = (view: EnvironmentView) => environmentTypes.findIndex((entry) => entry.type === view.envType);
  const items = [...(data?.items ?? [])].sort((a, b) => rank(a) - rank(b));
  const add = (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add Environment
    </Button>
  );
  return (
    <Section
      title="Environments"
      flush
      actions={mayCreate && items.length > 0 && items.length < environmentTypes.length ? add : null}
    >
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <BlockSkeleton rows={1} height={116} />
      ) : items.length === 0 ? (
        <EmptyState
          icon={<IconStack2 size={26} stroke={1.5} />}
          title="No Environment yet"
          message="Applications are installed into an Environment."
        >
          {mayCreate && add}
        </EmptyState>
      ) : (
        <ul className={classes.grid}>
          {items.map((item) => (
            <EnvironmentTile
              key={item.name}
              environment={item}
              remove={mayCreate ? () => setDeleting(item.name) : undefined}
            />
          ))}
        </ul>
      )}
      <AddEnvironment
        opened={adding}
        close={() => setAdding(false)}
        organization={organization}
        taken={items.map((item) => item.envType)}
      />
      {deleting !== undefined && (
        <DeleteDialog
          opened
          close={() => setDeleting(undefined)}
          organization={organization}
          environment={deleting}
          remove={() => api.deleteEnvironment(organization, deleting)}
          done={async () => {
            setDeleting(undefined);
            await client.invalidateQueries({ queryKey: ['organizations'] });
          }}
        />
      )}
    </Section>
  );
}

function EnvironmentTile({
  environment,
  remove,
}: {
  environment: EnvironmentView;
  remove: (() => void) | undefined;
}) {
  return (
    <li className={classes.tile}>
      <div className={classes.tileHead}>
        <Title order={3}>
          <Link to={`/environments/${environment.name}`} className={classes.cover}>
            {environment.displayName ?? titleOfType(environment.envType)}
          </Link>
        </Title>
        {remove && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon
                variant="subtle"
                color="gray"
                className={classes.above}
                aria-label={`More for ${environment.name}`}
              >
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={remove}>
                Delete {environment.name}…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <Text size="sm" c="dimmed" className="mono">
        {environment.name}
        {environment.size && environment.size !== 'small' && `, ${environment.size}`}
      </Text>
      <div>
        <ProtectedBadge environment={environment.name} />
      </div>
      <StateCounts counts={environment.applications} />
    </li>
  );
}

function AddEnvironment(props: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly organization: string;
  readonly taken: readonly string[];
}) {
  const [chosen, setChosen] = useState<EnvType[]>([]);
  const [size, setSize] = useState<EnvironmentSize>('small');
  const client = useQueryClient();
  const close = () => {
    setChosen([]);
    setSize('small');
    creation.reset();
    props.close();
  };
  const creation = useMutation({
    mutationFn: async () => {
      for (const envType of chosen)
        await await api.createEnvironment(props.organization, {
          envType,
          ...(size === 'small' ? {} : { size }),
        });
    },
    onSuccess: close,
    onSettled: () => client.invalidateQueries({ queryKey: ['organizations'] }),
  });
  return (
    <Modal opened={props.opened} onClose={close} title="Add Environments" size="lg">
      <Stack>
        <EnvironmentTypeField
          label={`For ${props.organization}`}
          chosen={chosen}
          taken={props.taken}
          change={setChosen}
        />
        <SizeField size={size} change={setSize} />
        {creation.error && (
          <Alert color="red" role="alert">
            {messageOf(creation.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            disabled={chosen.length === 0}
            loading={creation.isPending}
            onClick={() => creation.mutate()}
          >
            {chosen.length === 1 && chosen[0]
              ? `Add ${environmentName(props.organization, chosen[0])}`
              : 'Add'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
