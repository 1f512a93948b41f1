import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { OpenButton } from '../environments/ApplicationCard.tsx';
import { StateBadge } from '../environments/StateBadge.tsx';
import { PullRequestBadge } from '../pull-requests/PullRequestBadge.tsx';
import { addressOf } from '../pull-requests/pull-request-words.ts';
import { Sentence } from '../time/Sentence.tsx';
import classes from './Promotion.module.css';
import { observedSince } from './promotion-words.ts';

/** One pull request of a promotion, and how its Application is in the destination, live. */
export function PromotedRow(props: {
  readonly detail: PullRequestDetail;
  readonly view: ApplicationView | undefined;
  /** False until anything was heard of the Environment. */
  readonly known: boolean;
}) {
  const { detail, view } = props;
  const { application, environment } = detail;
  const { state, words } = observedSince(detail, view);
  const settled = detail.state === 'merged' && state !== undefined;
  return (
    <li className={classes.row} data-application={application}>
      <div className={classes.rowHead}>
        <div className={classes.rowTitle}>
          <Anchor component={Link} to={addressOf(detail)} inherit>
            {application} #{detail.number}
          </Anchor>
        </div>
        <PullRequestBadge state={detail.state} />
      </div>
      <Text size="sm">
        <Sentence text={detail.why} />
      </Text>
      <div className={classes.observed}>
        <span>
          {view ? (
            <Anchor component={Link} to={`/environments/${environment}/applications/${application}`} inherit>
              {application}
            </Anchor>
          ) : (
            application
          )}{' '}
          in <span className="mono">{environment}</span>:
        </span>
        {!props.known ? <span>not known yet</span> : state && <StateBadge state={state} />}
        {props.known && words !== '' && <span>{words}</span>}
        {settled && view?.why && <Sentence text={view.why.message} />}
        {settled && view && <OpenButton application={view} />}
      </div>
    </li>
  );
}
