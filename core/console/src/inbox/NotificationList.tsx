import type { NotificationView } from '@catalyst/model/api/people.ts';
import { Anchor, Button, Text } from '@mantine/core';
import { IconBellOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { Section } from '../layout/Section.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import classes from './Inbox.module.css';
import { inboxApi, inboxQueries } from './inbox-api.ts';

/** What the person was told, newest first. */
export function NotificationList() {
  const { data, error, refetch } = useQuery(inboxQueries.notifications);
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: (ids: readonly string[] | undefined) => inboxApi.markRead(ids),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['notifications'] });
      await client.invalidateQueries({ queryKey: ['inbox'] });
    },
  });
  return (
    <Section
      title="Notifications"
      lead="What happened to what you take part in."
      flush
      actions={
        data &&
        data.unread > 0 && (
          <Button variant="default" loading={read.isPending} onClick={() => read.mutate(undefined)}>
            Mark all as read
          </Button>
        )
      }
    >
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <BlockSkeleton rows={2} height={60} />
      ) : data.items.length === 0 ? (
        <EmptyState
          icon={<IconBellOff size={26} stroke={1.5} />}
          title="Nothing was told yet"
          message="When somebody approves, merges or closes your pull request, or what you brought fails, you read it here."
        />
      ) : (
        <ul className={`${classes.list} ${classes.panel}`} style={{ gap: 0 }} aria-label="Notifications">
          {data.items.map((item) => (
            <Told key={item.id} item={item} markRead={() => read.mutate([item.id])} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Told({ item, markRead }: { item: NotificationView; markRead: () => void }) {
  return (
    <li className={classes.told}>
      <span className={classes.unread} data-read={item.read} aria-hidden="true" />
      <div className={classes.toldWords}>
        <Text fw={item.read ? 400 : 600} component="div">
          {!item.read && <span className="visually-hidden">Not read: </span>}
          {item.label}:{' '}
          <Anchor component={Link} to={item.path} inherit onClick={() => !item.read && markRead()}>
            {item.title}
          </Anchor>
        </Text>
        <Text size="sm" c="dimmed">
          {item.message} <RelativeTime at={item.at} />
        </Text>
      </div>
      {!item.read && (
        <Button variant="subtle" color="gray" size="xs" onClick={markRead}>
          Read
          <span className="visually-hidden">: {item.title}</span>
        </Button>
      )}
    </li>
  );
}
