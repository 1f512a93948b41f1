import type { BlueprintCard } from '@catalyst/model/api/blueprints.ts';
import type { WaitingChanges } from '@catalyst/model/api/people.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { Anchor, Button, Skeleton, Text, Title } from '@mantine/core';
import { IconExternalLink, IconFileText, IconSettings } from '@tabler/icons-react';
import { memo } from 'react';
import { Link } from 'react-router';
import { WaitingBadge } from '../inbox/WaitingBadge.tsx';
import { BlueprintIcon } from '../marketplace/BlueprintIcon.tsx';
import type { NextEnvironment } from '../promotion/use-next-environment.ts';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import { CardMenu } from './CardMenu.tsx';
import classes from './EnvironmentPage.module.css';
import { HoldBadge } from './HoldBadge.tsx';
import { StateBadge } from './StateBadge.tsx';
import { type HeldPlace, stateLooks } from './states.ts';

/** An Application in an Environment as people meet it first. */
export const ApplicationCard = memo(function ApplicationCard(props: {
  readonly application: ApplicationView;
  readonly blueprint: BlueprintCard | undefined;
  /** The newest pull request that would change it here. */
  readonly waiting?: WaitingChanges['items'][number] | undefined;
  readonly next: NextEnvironment;
  /** Asks for the card to stay in its section, and for that to end. */
  readonly hold: (place: HeldPlace) => void;
  readonly release: (name: string) => void;
}) {
  const { application, next, hold, release } = props;
  const page = `/environments/${application.environment}/applications/${application.name}`;
  const title = application.displayName ?? application.name;
  return (
    <li>
      <article
        className={classes.card}
        aria-label={`${application.name}, ${application.state}`}
        data-application={application.name}
      >
        <div className={classes.body}>
          <div className={classes.head}>
            <BlueprintIcon name={application.blueprint.name} icon={props.blueprint?.icon} size={40} />
            <div className={classes.name}>
              <Title order={3} lineClamp={1}>
                <Link to={page} className={classes.link}>
                  {title}
                </Link>
              </Title>
              <Text size="sm" c="dimmed" truncate className="mono">
                {application.blueprint.name} @ {application.blueprint.version}
              </Text>
            </div>
            <span className={classes.badges}>
              <StateBadge state={application.state} />
              <HoldBadge holds={application.holds} />
              <WaitingBadge change={props.waiting} />
            </span>
          </div>
          {application.why && (
            <div className={classes.why} data-tone={stateLooks[application.state]?.tone}>
              <Text inherit lineClamp={3}>
                <Sentence text={application.why.message} />
              </Text>
            </div>
          )}
          {!application.why && props.waiting && (
            <div className={classes.why} data-tone="purple">
              <Text inherit lineClamp={3}>
                <Sentence text={props.waiting.message} />
              </Text>
            </div>
          )}
          <Facts application={application} />
        </div>
        <div className={classes.actions}>
          <OpenButton application={application} />
          <Button
            component={Link}
            to={`${page}/settings`}
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconSettings size={15} />}
          >
            Settings
          </Button>
          <Button
            component={Link}
            to={`${page}/logs`}
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconFileText size={15} />}
          >
            Logs
          </Button>
          <CardMenu application={application} next={next} hold={hold} release={release} />
        </div>
      </article>
    </li>
  );
});

function Facts({ application }: { application: ApplicationView }) {
  const { pods, dependencies, usedBy, lastChange, environment } = application;
  const linkTo = (name: string) => (
    <Anchor key={name} component={Link} to={`/environments/${environment}/applications/${name}`} inherit>
      {name}
    </Anchor>
  );
  return (
    <div className={classes.facts}>
      {pods.desired > 0 && (
        <span className="tabular">
          {pods.ready}/{pods.desired} pods ready
        </span>
      )}
      {dependencies.slice(0, 2).map((entry) => (
        <span key={entry.alias}>uses {linkTo(entry.application)}</span>
      ))}
      {usedBy.length > 0 && (
        <span>
          used by{' '}
          {usedBy.length > 2
            ? `${usedBy.length} Applications`
            : usedBy.flatMap((name, index) => (index === 0 ? [linkTo(name)] : [', ', linkTo(name)]))}
        </span>
      )}
      {lastChange && (
        <span>
          changed by {lastChange.by} <RelativeTime at={lastChange.at} />
        </span>
      )}
    </div>
  );
}

/** Leads to the Application itself, in a window of its own. */
export function OpenButton({
  application,
  prominent,
}: {
  application: ApplicationView;
  prominent?: boolean;
}) {
  if (!application.url?.startsWith('http')) return null;
  return (
    <Button
      component="a"
      href={application.url}
      target="_blank"
      rel="noreferrer noopener"
      {...(prominent ? {} : { variant: 'subtle', color: 'gray', size: 'xs' })}
      leftSection={<IconExternalLink size={15} />}
    >
      Open
      <span className="visually-hidden"> {application.name} in a new window</span>
    </Button>
  );
}

/** Holds the places of cards until the first snapshot. */
export function CardSkeletons() {
  return (
    <div className={classes.grid} aria-busy="true">
      {['a', 'b', 'c'].map((key) => (
        <Skeleton key={key} height={212} radius="lg" />
      ))}
    </div>
  );
}
