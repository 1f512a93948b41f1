import { Button, TextInput } from '@mantine/core';
import { IconApps, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { inboxQueries } from '../inbox/inbox-api.ts';
import { OnTheirWay } from '../inbox/OnTheirWay.tsx';
import { useNextEnvironment } from '../promotion/use-next-environment.ts';
import { useRights } from '../session/use-rights.ts';
import { CardSkeletons } from './ApplicationCard.tsx';
import { ApplicationGroups } from './ApplicationGroups.tsx';
import { EnvironmentHeader, InstallButton } from './EnvironmentHeader.tsx';
import { useEnvironment } from './EnvironmentLayout.tsx';
import classes from './EnvironmentPage.module.css';
import { StateAnnouncer } from './StateAnnouncer.tsx';
import { filterApplications } from './states.ts';
import { UnfinishedPlans } from './UnfinishedPlans.tsx';
import { VolumesSection } from './VolumesSection.tsx';

/** An Environment: its Applications by state, live. */
export function Component() {
  const { environment, state } = useEnvironment();
  const { mayChange } = useRights();
  const waiting = useQuery(inboxQueries.waiting(environment)).data?.items ?? [];
  const next = useNextEnvironment(environment);
  const [filter, setFilter] = useState('');
  const deferred = useDeferredValue(filter);
  const all = [...state.applications.values()];
  const shown = filterApplications(all, deferred);
  return (
    <>
      <EnvironmentHeader />
      <UnfinishedPlans environment={environment} />
      {all.length > 0 && (
        <TextInput
          className={classes.filter}
          type="search"
          aria-label="Filter Applications"
          placeholder="Filter by name, Blueprint or state"
          leftSection={<IconSearch size={16} stroke={1.7} />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      {!state.known ? (
        <CardSkeletons />
      ) : all.length === 0 ? (
        <EmptyState
          icon={<IconApps size={26} stroke={1.5} />}
          title="Nothing is installed here yet"
          message={
            mayChange(environment)
              ? 'Choose something from the marketplace. It appears here and you can watch it come up.'
              : 'What others install appears here. To install yourself, you need the role Developer or Administrator here.'
          }
        >
          <InstallButton />
        </EmptyState>
      ) : shown.length === 0 ? (
        <EmptyState title="No Application fits the filter">
          <Button variant="default" onClick={() => setFilter('')}>
            Show all
          </Button>
        </EmptyState>
      ) : (
        <ApplicationGroups applications={shown} waiting={waiting} next={next} />
      )}
      {state.known && (
        <OnTheirWay changes={waiting.filter(({ application }) => !state.applications.has(application))} />
      )}
      <StateAnnouncer applications={state.applications} known={state.known} />
      <VolumesSection environment={environment} mayDelete={mayChange(environment)} />
    </>
  );
}
