import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { OrganizationView } from '@catalyst/model/views/application-view.ts';
import { Badge, Button, Group, Text, TextInput, Title } from '@mantine/core';
import { IconBuilding, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { queries } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { useRights } from '../session/use-rights.ts';
import { titleOfType } from './environment-types.ts';
import classes from './Organizations.module.css';
import { titleOfRole } from './roles.ts';

/** Every Organization that the person belongs to (all of them for a sovereign-admin). */
export function Component() {
  const { data, error, refetch } = useQuery(queries.organizations);
  const { sovereignAdmin } = useRights();
  const [search, setSearch] = useState('');
  const create = (
    <Button component={Link} to="/organizations/new" leftSection={<IconPlus size={17} />}>
      Create Organization
    </Button>
  );
  const wanted = search.trim().toLowerCase();
  const found = (data?.items ?? []).filter((item) =>
    `${item.name} ${item.displayName ?? ''}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <PageHeader
        title="Organizations"
        lead="An Organization owns its people, Environments and repositories."
        actions={sovereignAdmin && data && data.items.length > 0 ? create : null}
      />
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <BlockSkeleton rows={3} />
      ) : data.items.length === 0 ? (
        <EmptyState
          icon={<IconBuilding size={26} stroke={1.5} />}
          title="No Organization yet"
          message={
            sovereignAdmin
              ? 'Create the first one with its Environments. Then install something from the marketplace.'
              : 'You belong to no Organization. Ask an administrator to invite you.'
          }
        >
          {sovereignAdmin && create}
        </EmptyState>
      ) : (
        <>
          {data.items.length > 8 && (
            <TextInput
              mb="md"
              maw={320}
              type="search"
              aria-label="Find an Organization"
              placeholder="Find an Organization"
              leftSection={<IconSearch size={16} />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          <ul className={classes.list}>
            {found.map((item) => (
              <OrganizationRow key={item.name} organization={item} />
            ))}
          </ul>
          {found.length === 0 && <Text c="dimmed">No Organization fits "{search}".</Text>}
        </>
      )}
    </>
  );
}

function OrganizationRow({ organization }: { organization: OrganizationView }) {
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Title order={2} size="h3">
          <Link to={`/organizations/${organization.name}`} className={classes.link}>
            {organization.displayName ?? organization.name}
          </Link>
        </Title>
        <Group gap={8}>
          <Text size="sm" c="dimmed" className="mono">
            {organization.name}
          </Text>
          {organization.role && (
            <Badge variant="light" color="gray" tt="none" fw={500}>
              {titleOfRole(organization.role)}
            </Badge>
          )}
        </Group>
      </div>
      <div className={classes.chips}>
        {organization.environments.length === 0 && (
          <Text size="sm" c="dimmed">
            No Environment
          </Text>
        )}
        {organization.environments.map((environment) => (
          <Link key={environment} to={`/environments/${environment}`} className={classes.chip}>
            {titleOfType(parseEnvironmentName(environment)?.envType ?? environment)}
            <span className="visually-hidden">: {environment}</span>
          </Link>
        ))}
      </div>
    </li>
  );
}
