import type { RollbackWatchView } from '@catalyst/model/api/reviews.ts';
import { Anchor } from '@mantine/core';
import { IconArrowBackUp, IconEye, IconEyeCheck } from '@tabler/icons-react';
import { Link } from 'react-router';
import { RelativeTime } from '../time/RelativeTime.tsx';
import classes from './WatchNotice.module.css';

const looks = {
  watching: { tone: 'blue', Icon: IconEye },
  'rolling-back': { tone: 'amber', Icon: IconArrowBackUp },
  healthy: { tone: 'green', Icon: IconEyeCheck },
  superseded: { tone: 'grey', Icon: IconEye },
  unwanted: { tone: 'grey', Icon: IconEye },
  'rolled-back': { tone: 'red', Icon: IconArrowBackUp },
  'not-rolled-back': { tone: 'red', Icon: IconArrowBackUp },
} as const;

/** What becomes of what was merged: watched until when, or gone back by itself, when and why. */
export function WatchNotice(props: {
  readonly watch: RollbackWatchView;
  /** Address of where it came from. */
  readonly pullRequest?: string;
  /** The page says why elsewhere, as the reason of the hold. */
  readonly saidElsewhere?: boolean;
}) {
  const { watch, pullRequest, saidElsewhere = false } = props;
  const { tone, Icon } = looks[watch.state];
  return (
    <section className={classes.notice} data-tone={tone} role="status" aria-label="Automatic rollback">
      <Icon size={18} aria-hidden="true" className={classes.icon} />
      <div className={classes.words}>
        <strong>
          <Head watch={watch} />
        </strong>
        <div>
          {saidElsewhere ? 'The hold says why.' : watch.message.replace(/^Rolled back by itself: w/, 'W')}
        </div>
        {pullRequest && (
          <Anchor component={Link} to={pullRequest} inherit>
            Pull request #{watch.pullRequest}
          </Anchor>
        )}
      </div>
    </section>
  );
}

function Head({ watch: { state, until, at } }: { watch: RollbackWatchView }) {
  const when = at ? <RelativeTime at={at} /> : null;
  switch (state) {
    case 'watching':
      return until ? (
        <>
          Watched until <time dateTime={until}>{new Date(until).toLocaleTimeString()}</time> (
          <RelativeTime at={until} />)
        </>
      ) : (
        'Watched until it is known how it is'
      );
    case 'rolling-back':
      return 'Goes back by itself now';
    case 'rolled-back':
      return <>Rolled back by itself {when}</>;
    case 'not-rolled-back':
      return <>Not rolled back by itself {when}</>;
    case 'healthy':
      return <>Came to run; the watch ended {when}</>;
    default:
      return <>The watch ended {when}</>;
  }
}
