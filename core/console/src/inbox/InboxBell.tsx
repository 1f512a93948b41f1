import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { NavLink } from 'react-router';
import classes from './Inbox.module.css';
import { inboxQueries } from './inbox-api.ts';
import { countWords } from './inbox-words.ts';

const mostShown = 99;

/** Leads to what waits for the person, and says how much. */
export function InboxBell() {
  const { data } = useQuery(inboxQueries.inbox);
  const waits = data ? data.items.length + data.more : 0;
  return (
    <NavLink
      to="/inbox"
      className={classes.bell ?? ''}
      aria-label={data ? `Inbox: ${countWords(data)}` : 'Inbox'}
      data-waits={waits}
    >
      <IconBell size={19} stroke={1.7} aria-hidden="true" />
      {waits > 0 ? (
        <span className={classes.count} aria-hidden="true">
          {waits > mostShown ? `${mostShown}+` : waits}
        </span>
      ) : (
        data && data.unread > 0 && <span className={classes.dot} aria-hidden="true" />
      )}
    </NavLink>
  );
}
