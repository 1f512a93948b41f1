import type { PullRequest, Reviews } from '../../ports/reviews.ts';

/** The same pull requests, with somebody told of every row once it is durable. */
export function createTellingReviews(reviews: Reviews, tell: (written: PullRequest) => void): Reviews {
  return {
    ...reviews,
    async open(request) {
      const opened = await reviews.open(request);
      tell(opened);
      return opened;
    },
    async update(pullRequest) {
      const updated = await reviews.update(pullRequest);
      if (updated.ok) tell(updated.value);
      return updated;
    },
  };
}
