import type { WaitingChanges } from '@catalyst/model/api/people.ts';
import { Link } from 'react-router';
import badge from '../environments/StateBadge.module.css';
import { stateLooks } from '../environments/states.ts';
import { waitingWords } from './inbox-words.ts';

/** What is on its way to a card and what it waits for; leads to the pull request. */
export function WaitingBadge({ change }: { change: WaitingChanges['items'][number] | undefined }) {
  if (!change?.pullRequest) return null;
  const { glyph, tone } = stateLooks['Pending approval'];
  return (
    <Link
      to={change.pullRequest.path}
      className={badge.badge}
      data-tone={tone}
      title={change.message}
      style={{ textDecoration: 'none' }}
      data-waiting={change.reason}
    >
      <span aria-hidden="true" className={badge.glyph}>
        {glyph}
      </span>
      <span>{waitingWords(change)}</span>
    </Link>
  );
}
