import type { Lane } from '@catalyst/model/api/lanes.ts';
import { Text } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { useApplication } from '../applications/ApplicationPage.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { useRefetchOn } from '../history/use-refetch-on.ts';
import { BackflowSection } from './BackflowSection.tsx';
import classes from './Lane.module.css';
import { LaneEnvironmentCard } from './LaneEnvironmentCard.tsx';
import { LaneStepCard } from './LaneStepCard.tsx';
import { laneQueries } from './lanes-api.ts';

/** The Application in every Environment of its Organization, side by side, and what lies between neighbours. */
export function Component() {
  const { organization, environment, view } = useApplication();
  const { data, error, refetch } = useQuery(laneQueries.lane(organization, view.name));
  // What happens here is told at once; what happens in the other Environments is asked for.
  useRefetchOn(`${view.state} ${view.revision}`, refetch);
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={3} height={120} />;
  if (data.environments.length === 0)
    return (
      <EmptyState
        icon={<IconArrowsExchange size={26} />}
        title="No Environments"
        message={`${organization} has none any more.`}
      />
    );
  return (
    <>
      <Track lane={data} here={environment} />
      <BackflowSection lane={data} />
    </>
  );
}

function Track({ lane, here }: { lane: Lane; here: string }) {
  return (
    <>
      {lane.environments.length === 1 && (
        <Text size="sm" c="dimmed" mb="md">
          {lane.organization} has one Environment. An org-admin can add another one to promote to.
        </Text>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: with many Environments it scrolls, also by keyboard. */}
      <section className={classes.scroll} aria-label={`Lane of ${lane.application}`} tabIndex={0}>
        <ol className={classes.lane}>
          {lane.environments.map((environment, index) => {
            const step = lane.steps[index];
            return (
              <Fragment key={environment.name}>
                <li className={classes.place}>
                  <LaneEnvironmentCard
                    place={environment}
                    application={lane.application}
                    here={environment.name === here}
                  />
                </li>
                {step && (
                  <li className={classes.way}>
                    <LaneStepCard
                      step={step}
                      organization={lane.organization}
                      application={lane.application}
                    />
                  </li>
                )}
              </Fragment>
            );
          })}
        </ol>
      </section>
    </>
  );
}
