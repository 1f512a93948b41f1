import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import { Text } from '@mantine/core';
import { Link } from 'react-router';
import listClasses from '../organizations/Organizations.module.css';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { PullRequestBadge } from './PullRequestBadge.tsx';
import classes from './PullRequests.module.css';
import { addressOf, surfaceWords } from './pull-request-words.ts';

/** One pull request of a list. */
export function PullRequestRow({ item, current }: { item: PullRequestSummary; current?: boolean }) {
  return (
    <li className={classes.row} aria-current={current ? 'true' : undefined}>
      <div className={listClasses.rowWords}>
        <Text fw={600} component="div">
          <Link to={addressOf(item)} className={listClasses.cover}>
            {item.title}
          </Link>
        </Text>
        <div className={classes.meta}>
          <span>
            {item.application} #{item.number}
          </span>
          <span>
            for <span className="mono">{item.environment}</span>
          </span>
          <span>
            opened by {item.openedBy.name} {surfaceWords(item.openedOn)} <RelativeTime at={item.openedAt} />
          </span>
          {item.promotedFrom !== undefined && <span>promotion from {item.promotedFrom}</span>}
          {item.set && <span>part {item.set.order + 1} of a set</span>}
        </div>
      </div>
      <PullRequestBadge state={item.state} />
    </li>
  );
}
