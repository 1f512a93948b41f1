import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Link, NavLink } from 'react-router';
import tabClasses from '../applications/ApplicationPage.module.css';
import { PageHeader } from '../layout/PageHeader.tsx';
import { titleOfType } from '../organizations/environment-types.ts';
import { ProtectedBadge } from '../policies/ProtectedBadge.tsx';
import { PromoteSeveralButton } from '../promotion/PromoteSeveralButton.tsx';
import { PullRequestsLink } from '../pull-requests/PullRequestsLink.tsx';
import { useRights } from '../session/use-rights.ts';
import { ConnectionIndicator } from './ConnectionIndicator.tsx';
import { useEnvironment } from './EnvironmentLayout.tsx';
import classes from './EnvironmentPage.module.css';

/** Head of the pages of an Environment: its name, whether it is live, what can be done, and its parts. */
export function EnvironmentHeader() {
  const { environment, organization, envType, state } = useEnvironment();
  const path = `/environments/${environment}`;
  return (
    <>
      <PageHeader
        title={environment}
        beside={<ProtectedBadge environment={environment} />}
        lead={
          <span className={classes.lead}>
            {titleOfType(envType)}
            <ConnectionIndicator connection={state.connection} />
          </span>
        }
        crumbs={[{ label: organization, to: `/organizations/${organization}` }]}
        actions={
          <>
            <PromoteSeveralButton />
            <InstallButton />
          </>
        }
      />
      <nav className={tabClasses.tabs} aria-label={`Parts of ${environment}`}>
        <NavLink to={path} end className={tabClasses.tab ?? ''}>
          Applications
        </NavLink>
        <NavLink to={`${path}/history`} className={tabClasses.tab ?? ''}>
          History
        </NavLink>
        <PullRequestsLink
          organization={organization}
          environment={environment}
          className={tabClasses.tab ?? ''}
        />
      </nav>
    </>
  );
}

/** Leads to the marketplace for this Environment, for those who may install. */
export function InstallButton() {
  const { environment } = useEnvironment();
  const { mayChange } = useRights();
  if (!mayChange(environment)) return null;
  return (
    <Button
      component={Link}
      to={`/marketplace?environment=${environment}`}
      leftSection={<IconDownload size={17} />}
    >
      Install
    </Button>
  );
}
