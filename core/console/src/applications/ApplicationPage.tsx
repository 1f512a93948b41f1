import type { ApplicationDetail } from '@catalyst/model/api/applications.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { Group } from '@mantine/core';
import { IconTrashOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { NavLink, Outlet, useLocation, useOutletContext, useParams } from 'react-router';
import { ProblemError, statusOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { OpenButton } from '../environments/ApplicationCard.tsx';
import { ConnectionIndicator } from '../environments/ConnectionIndicator.tsx';
import { type EnvironmentContext, useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { HoldBadge } from '../environments/HoldBadge.tsx';
import { StateAnnouncer } from '../environments/StateAnnouncer.tsx';
import { StateBadge } from '../environments/StateBadge.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { BlueprintIcon } from '../marketplace/BlueprintIcon.tsx';
import { useBlueprintCards } from '../marketplace/use-blueprint-cards.ts';
import { PullRequestsLink } from '../pull-requests/PullRequestsLink.tsx';
import { ApplicationActions } from './ApplicationActions.tsx';
import classes from './ApplicationPage.module.css';
import { HoldNotice } from './HoldNotice.tsx';

/** What every tab of an Application has: `view` is live, `detail` follows with each new commit. */
export interface ApplicationContext extends EnvironmentContext {
  readonly view: ApplicationView;
  readonly detail: ApplicationDetail;
}

/** The Application that the tab is about. */
export function useApplication(): ApplicationContext {
  return useOutletContext<ApplicationContext>();
}

const tabs = [
  { path: '', label: 'Overview' },
  { path: 'lane', label: 'Lane' },
  { path: 'settings', label: 'Settings' },
  { path: 'logs', label: 'Logs' },
  { path: 'history', label: 'History' },
  { path: 'manifests', label: 'Manifests' },
  { path: 'scorecard', label: 'Scorecard' },
];

/** One Application in one Environment. */
export function Component() {
  const { application: name = '' } = useParams();
  const context = useEnvironment();
  const { environment, organization, state } = context;
  const client = useQueryClient();
  const cards = useBlueprintCards();
  const live = state.applications.get(name);
  const question = queries.application(environment, name);
  const { data: detail, error, refetch } = useQuery(question);

  const bar = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const drawn = (live ?? detail) !== undefined && detail !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a narrow screen the tab that is open may be out of sight.
  useEffect(() => {
    const tab = bar.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (tab && bar.current) bar.current.scrollLeft = tab.offsetLeft - bar.current.clientWidth / 2;
  }, [pathname, drawn]);

  // A new commit brings other values, history and manifests; a change of state alone does not.
  const revision = live?.revision;
  const seen = useRef(revision);
  useEffect(() => {
    if (revision === undefined || seen.current === revision) return;
    const first = seen.current === undefined;
    seen.current = revision;
    if (!first || detail?.revision !== revision)
      void client.invalidateQueries({ queryKey: ['environments', environment, 'applications', name] });
  }, [revision, detail, client, environment, name]);

  if (state.known && !live && (statusOf(error) === 404 || detail))
    return <Gone name={name} known={detail !== undefined} environment={environment} />;
  if (error && !detail) return <Failure error={error} retry={() => void refetch()} />;
  const view = live ?? detail;
  if (!view || !detail) return <PageSkeleton />;
  const path = `/environments/${environment}/applications/${name}`;
  const tabContext: ApplicationContext = { ...context, view, detail };

  return (
    <>
      <PageHeader
        title={view.displayName ?? view.name}
        icon={
          <BlueprintIcon name={view.blueprint.name} icon={cards.get(view.blueprint.name)?.icon} size={52} />
        }
        beside={
          <>
            <StateBadge state={view.state} size="lg" />
            <HoldBadge holds={view.holds} />
          </>
        }
        lead={
          <Group gap="md">
            <span className="mono">
              {view.blueprint.name} @ {view.blueprint.version}
            </span>
            {state.connection === 'lost' && <ConnectionIndicator connection={state.connection} />}
          </Group>
        }
        crumbs={[
          { label: organization, to: `/organizations/${organization}` },
          { label: environment, to: `/environments/${environment}` },
        ]}
        actions={
          <>
            <OpenButton application={view} prominent />
            <ApplicationActions view={view} detail={detail} />
          </>
        }
      />
      <HoldNotice view={view} />
      <nav ref={bar} className={classes.tabs} aria-label={`Parts of ${view.name}`}>
        {tabs.map((tab) => (
          <NavLink
            key={tab.path}
            to={tab.path === '' ? path : `${path}/${tab.path}`}
            end
            className={classes.tab ?? ''}
            preventScrollReset
          >
            {tab.label}
          </NavLink>
        ))}
        <PullRequestsLink
          organization={organization}
          environment={environment}
          application={view.name}
          className={classes.tab ?? ''}
        />
      </nav>
      <StateAnnouncer applications={state.applications} known={state.known} />
      <Outlet context={tabContext} />
    </>
  );
}

function Gone({ name, known, environment }: { name: string; known: boolean; environment: string }) {
  if (!known)
    return (
      <Failure
        error={
          new ProblemError(
            404,
            'NotFound',
            `There is no Application "${name}" in ${environment}, or you may not see it.`,
          )
        }
      />
    );
  return (
    <EmptyState
      icon={<IconTrashOff size={26} stroke={1.5} />}
      role="status"
      title={`${name} is uninstalled`}
      message={`It no longer runs in ${environment}. Its repository is still there, and so is data that nobody deleted.`}
    >
      <NavLink to={`/environments/${environment}`}>Back to {environment}</NavLink>
    </EmptyState>
  );
}
