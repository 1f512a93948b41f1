import type { AcceptBackflow, BlueprintMatrix, DeclineBackflow, Lane } from '@catalyst/model/api/lanes.ts';
import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { pathOf, queryOf, request } from '../api/client.ts';

const laneOf = (organization: string, application: string, ...more: readonly string[]) =>
  pathOf('organizations', organization, 'applications', application, 'lane', ...more);

/** Every call about lanes. */
export const lanesApi = {
  accept: (organization: string, application: string, body: AcceptBackflow) =>
    request<PullRequestSummary>('POST', laneOf(organization, application, 'backflow'), { body }),
  decline: (organization: string, application: string, body: DeclineBackflow) =>
    request<void>('POST', laneOf(organization, application, 'backflow', 'decline'), { body }),
};

/** The questions about lanes; asked again while they are looked at. */
export const laneQueries = {
  lane: (organization: string, application: string) =>
    queryOptions({
      queryKey: ['organizations', organization, 'lanes', application],
      queryFn: ({ signal }) => request<Lane>('GET', laneOf(organization, application), { signal }),
      refetchInterval: 10_000,
    }),
  matrix: (organization: string, blueprint: string) =>
    infiniteQueryOptions({
      queryKey: ['organizations', organization, 'blueprints', blueprint, 'applications'],
      queryFn: ({ signal, pageParam }) =>
        request<BlueprintMatrix>(
          'GET',
          `${pathOf('organizations', organization, 'blueprints', blueprint, 'applications')}${queryOf({ after: pageParam })}`,
          { signal },
        ),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.continue,
    }),
};
