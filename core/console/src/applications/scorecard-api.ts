import type { Scorecard } from '@catalyst/model/api/scorecard.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { queryOptions } from '@tanstack/react-query';
import { pathOf, request } from '../api/client.ts';

/** The RE score of the head of the branch; asked again when that moves, or runs otherwise. */
export function scorecardQuery(view: ApplicationView) {
  const { environment, name, state, revision, appliedRevision, instances } = view;
  const restarts = instances.reduce((sum, pod) => sum + pod.restarts, 0);
  const seen = `${revision} ${appliedRevision ?? ''} ${state} ${instances.length} ${restarts}`;
  return queryOptions<Scorecard>({
    queryKey: ['environments', environment, 'applications', name, 'scorecard', seen],
    queryFn: ({ signal }) =>
      request<Scorecard>('GET', pathOf('environments', environment, 'applications', name, 'scorecard'), {
        signal,
      }),
    // While it is asked again the last one stays; that of another Application does not.
    placeholderData: (last) =>
      last?.environment === environment && last.application === name ? last : undefined,
  });
}
