import type { BreakGlassView, OpenBreakGlass } from '@catalyst/model/api/break-glass.ts';
import type { MemberView } from '@catalyst/model/api/organizations.ts';
import { queryOptions } from '@tanstack/react-query';
import { pathOf, queryOf, request } from '../api/client.ts';

const allOf = (environment: string) => pathOf('environments', environment, 'break-glass');
const grantOf = (organization: string, user: string) =>
  pathOf('organizations', organization, 'members', user, 'break-glass');

/** Every call about breaking the glass. */
export const breakGlassApi = {
  open: (environment: string, body: OpenBreakGlass) =>
    request<BreakGlassView>('POST', allOf(environment), { body }),
  close: (environment: string, id: string) =>
    request<BreakGlassView>('POST', `${allOf(environment)}/${encodeURIComponent(id)}/close`),
  grant: (organization: string, user: string, granted: boolean) =>
    request<MemberView>(granted ? 'PUT' : 'DELETE', grantOf(organization, user)),
};

/** Who broke the glass of an Environment: now, or ever. */
export const breakGlassQueries = {
  open: (environment: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'break-glass', 'open'],
      queryFn: ({ signal }) =>
        request<{ items: BreakGlassView[] }>('GET', `${allOf(environment)}${queryOf({ open: 'true' })}`, {
          signal,
        }),
      refetchInterval: 10_000,
    }),
  all: (environment: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'break-glass', 'all'],
      queryFn: ({ signal }) => request<{ items: BreakGlassView[] }>('GET', allOf(environment), { signal }),
      refetchInterval: 30_000,
    }),
};
