import type { LaneEnvironment } from '@catalyst/model/api/lanes.ts';
import { Anchor } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from 'react-router';
import { HoldBadge } from '../environments/HoldBadge.tsx';
import { StateBadge } from '../environments/StateBadge.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import classes from './Lane.module.css';

/** The Application in one Environment: what version, since when, how it does. */
export function LaneEnvironmentCard(props: {
  readonly place: LaneEnvironment;
  readonly application: string;
  readonly here: boolean;
}) {
  const { place, application, here } = props;
  const { name, displayName, installed, blueprint, since, observed, holds, head } = place;
  return (
    <article className={classes.card} data-here={here} aria-label={name}>
      <div className={classes.cardHead}>
        {installed && !here ? (
          <Anchor component={Link} to={`/environments/${name}/applications/${application}/lane`} fw={600}>
            {displayName ?? name}
          </Anchor>
        ) : (
          <strong>{displayName ?? name}</strong>
        )}
        {here && <span className={classes.note}>you are here</span>}
      </div>
      {blueprint ? (
        <div className={classes.version}>
          <span className="mono">{blueprint.version}</span>
          {observed ? (
            <StateBadge state={observed.state} />
          ) : (
            <span className={classes.note}>not observed</span>
          )}
          <HoldBadge holds={holds} />
        </div>
      ) : (
        <p className={classes.note}>Not installed</p>
      )}
      {installed && observed?.why && (
        <p className={classes.why}>
          <Sentence text={observed.why.message} />
        </p>
      )}
      {installed && (
        <dl className={classes.facts}>
          {since && (
            <div>
              <dt>This version and settings</dt>
              <dd>
                since <RelativeTime at={since} />
              </dd>
            </div>
          )}
          {observed?.stateSince && (
            <div>
              <dt>{observed.state}</dt>
              <dd>
                since <RelativeTime at={observed.stateSince} />
              </dd>
            </div>
          )}
          {head && (
            <div>
              <dt>Commit</dt>
              <dd className="mono">{head.slice(0, 10)}</dd>
            </div>
          )}
        </dl>
      )}
      {installed && observed?.url && (
        <Anchor href={observed.url} target="_blank" rel="noreferrer noopener" size="sm">
          Open <IconExternalLink size={13} aria-hidden="true" />
          <span className="visually-hidden">
            {application} in {name}
          </span>
        </Anchor>
      )}
    </article>
  );
}
