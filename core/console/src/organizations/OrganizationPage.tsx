import { Button, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api } from '../api/api.ts';
import { queries } from '../api/use-api.ts';
import { Failure } from '../feedback/Failure.tsx';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { Section } from '../layout/Section.tsx';
import { ProtectionSection } from '../policies/ProtectionSection.tsx';
import { PullRequestsLink } from '../pull-requests/PullRequestsLink.tsx';
import { useRights } from '../session/use-rights.ts';
import { TeamsSection } from '../teams/TeamsSection.tsx';
import { WebhooksSection } from '../webhooks/WebhooksSection.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { EnvironmentsSection } from './EnvironmentsSection.tsx';
import { MembersSection } from './MembersSection.tsx';
import classes from './Organizations.module.css';

/** One Organization: its Environments and what protects them, its people and teams, whom it tells, and its end. */
export function Component() {
  const { organization: name = '' } = useParams();
  const { data, error, refetch } = useQuery(queries.organization(name));
  const { may } = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <PageSkeleton />;
  return (
    <>
      <PageHeader
        title={data.displayName ?? data.name}
        lead={<span className="mono">{data.name}</span>}
        crumbs={[{ label: 'Organizations', to: '/organizations' }]}
        actions={<PullRequestsLink organization={name} className={classes.headLink ?? ''} />}
      />
      <EnvironmentsSection organization={name} mayCreate={may('environment.create', name)} />
      <MembersSection
        organization={name}
        environments={data.environments}
        mayChange={may('members.write', name)}
      />
      <TeamsSection organization={name} mayChange={may('members.write', name)} />
      <ProtectionSection organization={name} environments={data.environments} />
      {may('webhooks.write', name) && <WebhooksSection organization={name} />}
      {may('organization.delete', name) && (
        <Section title="Delete this Organization">
          <Text size="sm" mb="md">
            Its Applications are uninstalled, and its Environments, repositories and data volumes are removed
            for good. You see the list first.
          </Text>
          <Button
            variant="light"
            color="red"
            leftSection={<IconTrash size={17} />}
            onClick={() => setDeleting(true)}
          >
            Delete {data.name}…
          </Button>
          <DeleteDialog
            opened={deleting}
            close={() => setDeleting(false)}
            organization={name}
            remove={() => api.deleteOrganization(name)}
            done={async () => {
              await navigate('/organizations');
              client.removeQueries({ queryKey: ['organizations', name] });
              await client.invalidateQueries({ queryKey: ['organizations'] });
              await client.invalidateQueries({ queryKey: ['me'] });
            }}
          />
        </Section>
      )}
    </>
  );
}
