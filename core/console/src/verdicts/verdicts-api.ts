import type { VerdictDetail, VerdictSummary } from '@catalyst/model/api/verdicts.ts';
import { queryOptions } from '@tanstack/react-query';
import { pathOf, queryOf, request } from '../api/client.ts';

/** Which merge. */
export interface MergeOf {
  readonly environment: string;
  readonly application: string;
  readonly number: number;
  readonly head: string;
}

/** The verdict by which a pull request was merged; null where none was recorded. */
export function mergeVerdictQuery({ environment, application, number, head }: MergeOf) {
  return queryOptions({
    queryKey: ['environments', environment, 'verdicts', application, number, head],
    queryFn: async ({ signal }) => {
      const path = pathOf('environments', environment, 'verdicts');
      const query = queryOf({ application, number: String(number), limit: '50' });
      const { items } = await request<{ items: VerdictSummary[] }>('GET', `${path}${query}`, { signal });
      // Newest first: nothing is decided after the merge any more.
      const found = items.find((verdict) => verdict.allowed && verdict.head === head);
      if (!found) return null;
      return request<VerdictDetail>('GET', pathOf('environments', environment, 'verdicts', found.id), {
        signal,
      });
    },
    staleTime: 60_000,
  });
}
