import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { queryOptions } from '@tanstack/react-query';
import { pathOf, request } from '../api/client.ts';

/** The questions of promotion. */
export const promotionQueries = {
  /** What could be promoted. */
  applicationsOf: (environment: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'application-list'],
      queryFn: ({ signal }) =>
        request<{ items: ApplicationView[] }>('GET', pathOf('environments', environment, 'applications'), {
          signal,
        }),
      staleTime: 5_000,
    }),
};
