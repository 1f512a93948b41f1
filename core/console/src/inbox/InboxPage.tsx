import { IconInbox } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { Section } from '../layout/Section.tsx';
import classes from './Inbox.module.css';
import { InboxItem } from './InboxItem.tsx';
import { inboxQueries } from './inbox-api.ts';
import { countWords } from './inbox-words.ts';
import { MailSwitch } from './MailSwitch.tsx';
import { NotificationList } from './NotificationList.tsx';

/** What waits for the person, decided right here, and what he was told. */
export function Component() {
  return (
    <>
      <PageHeader title="Inbox" lead="What waits for you, in all your Organizations." />
      <Waiting />
      <NotificationList />
      <Section title="E-mail">
        <MailSwitch />
      </Section>
    </>
  );
}

function Waiting() {
  const { data, error, refetch } = useQuery(inboxQueries.inbox);
  const list = useKeptFocus(data?.items.length ?? 0);
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={2} height={120} />;
  return (
    <Section title="Waits for you" flush>
      <p className="visually-hidden" aria-live="polite">
        {countWords({ ...data, unread: 0 })}
      </p>
      <div ref={list} tabIndex={-1} className={classes.list}>
        {data.items.length > 0 ? (
          <ul className={classes.list} aria-label="Waits for you">
            {data.items.map((entry) => (
              <InboxItem key={entry.id} entry={entry} />
            ))}
          </ul>
        ) : (
          data.pending === 0 && (
            <EmptyState
              icon={<IconInbox size={26} stroke={1.5} />}
              title="Nothing waits for you"
              message="Pull requests that need your approval come here, and your own that you can merge or must change. You can decide them right here, from a phone too."
            />
          )
        )}
      </div>
      {data.more > 0 && <p className={classes.note}>{data.more} more wait; decide some of these first.</p>}
      {data.pending > 0 && (
        <p className={classes.note} role="status">
          {data.pending === 1 ? 'One pull request is' : `${data.pending} pull requests are`} still being
          looked at. They come here by themselves if they wait for you.
        </p>
      )}
    </Section>
  );
}

/** What was decided goes from the list, and the focus with it; then the list takes it. */
function useKeptFocus(count: number) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(count);
  useEffect(() => {
    const fewer = count < before.current;
    before.current = count;
    if (fewer && document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  }, [count]);
  return place;
}
