import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { pullRequestQueries } from './pull-requests-api.ts';

/** Does something with a pull request; the answer takes the place of what is shown, and lists are asked anew. */
export function useAct<Input>(
  detail: PullRequestDetail,
  act: (input: Input) => Promise<PullRequestDetail>,
  done: (after: PullRequestDetail) => void,
) {
  const client = useQueryClient();
  const { queryKey } = pullRequestQueries.one(detail);
  return useMutation({
    mutationFn: act,
    onSuccess: async (after) => {
      // An answer that was on its way may still show what was before.
      await client.cancelQueries({ queryKey });
      client.setQueryData(queryKey, after);
      done(after);
      void client.invalidateQueries({ queryKey: ['organizations', detail.organization, 'pull-requests'] });
      void client.invalidateQueries({ queryKey: ['inbox'] });
    },
    onError: () => void client.invalidateQueries({ queryKey }),
  });
}
