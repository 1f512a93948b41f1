import type { WaitingChanges } from '@catalyst/model/api/people.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { Title } from '@mantine/core';
import { useCallback, useState } from 'react';
import { useBlueprintCards } from '../marketplace/use-blueprint-cards.ts';
import type { NextEnvironment } from '../promotion/use-next-environment.ts';
import { ApplicationCard } from './ApplicationCard.tsx';
import classes from './EnvironmentPage.module.css';
import { StateBadge } from './StateBadge.tsx';
import { groupByState, type HeldPlace } from './states.ts';
import { useMovingFocus } from './use-moving-focus.ts';

/**
 * Cards in sections by state. One whose menu is open stays in its section until the menu closes, and says there what it has become:
 * nothing moves away under somebody's hand. One that moves takes the keyboard focus along.
 */
export function ApplicationGroups(props: {
  readonly applications: readonly ApplicationView[];
  readonly waiting: WaitingChanges['items'];
  readonly next: NextEnvironment;
}) {
  const cards = useBlueprintCards();
  const [held, setHeld] = useState<HeldPlace>();
  const release = useCallback(
    (name: string) => setHeld((before) => (before?.name === name ? undefined : before)),
    [],
  );
  const focus = useMovingFocus<HTMLDivElement>();
  return (
    <div className={classes.groups} {...focus}>
      {groupByState(props.applications, held).map((group) => (
        <section
          key={group.state}
          className={classes.group}
          aria-label={`${group.state}: ${group.applications.length}`}
        >
          <Title order={2} className={classes.groupTitle}>
            <StateBadge state={group.state} />
            <span className={classes.groupCount}>{group.applications.length}</span>
          </Title>
          <ul className={classes.grid}>
            {group.applications.map((item) => (
              <ApplicationCard
                key={item.name}
                application={item}
                blueprint={cards.get(item.blueprint.name)}
                waiting={props.waiting.find(({ application }) => application === item.name)}
                next={props.next}
                hold={setHeld}
                release={release}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
