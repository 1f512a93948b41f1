import type {
  Inbox,
  NotificationList,
  NotificationSettings,
  NotificationSettingsView,
  WaitingChanges,
  WhyNotDeployed,
} from '@catalyst/model/api/people.ts';
import { queryOptions } from '@tanstack/react-query';
import { pathOf, request } from '../api/client.ts';

/** Every call about what people were told. */
export const inboxApi = {
  /** All of them unless told. */
  markRead: (ids?: readonly string[]) =>
    request<void>('POST', pathOf('notifications', 'read'), { body: ids ? { ids } : {} }),
  choose: (body: NotificationSettings) =>
    request<NotificationSettingsView>('PUT', pathOf('notifications', 'settings'), { body }),
};

const someSeconds = 15_000;

/** The questions about what waits; asked again while the page is looked at. */
export const inboxQueries = {
  inbox: queryOptions({
    queryKey: ['inbox'],
    queryFn: ({ signal }) => request<Inbox>('GET', pathOf('inbox'), { signal }),
    // What is still being looked at is known soon.
    refetchInterval: (query) => (query.state.data?.pending ? 3_000 : someSeconds),
  }),
  notifications: queryOptions({
    queryKey: ['notifications'],
    queryFn: ({ signal }) => request<NotificationList>('GET', pathOf('notifications'), { signal }),
    refetchInterval: someSeconds,
  }),
  settings: queryOptions({
    queryKey: ['notifications', 'settings'],
    queryFn: ({ signal }) =>
      request<NotificationSettingsView>('GET', pathOf('notifications', 'settings'), { signal }),
  }),
  waiting: (environment: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'waiting'],
      queryFn: ({ signal }) =>
        request<WaitingChanges>('GET', pathOf('environments', environment, 'waiting'), { signal }),
      refetchInterval: someSeconds,
    }),
  why: (environment: string, application: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'applications', application, 'why'],
      queryFn: ({ signal }) =>
        request<WhyNotDeployed>(
          'GET',
          pathOf('environments', environment, 'applications', application, 'why'),
          {
            signal,
          },
        ),
      refetchInterval: someSeconds,
    }),
};
