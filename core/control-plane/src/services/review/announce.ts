import type { PullRequestChanged } from '@catalyst/model/events/cloud-event.ts';
import type { PullRequest, Review } from '../../ports/reviews.ts';
import { contentKey } from './decisions.ts';

/** What others are told of a change of a pull request; `before` is absent for a new one. */
export function toChanged(after: PullRequest, before?: PullRequest): PullRequestChanged {
  const { repository, number, title, environment, destination, source, head } = after;
  return {
    organization: repository.organization,
    repository: repository.name,
    number,
    title,
    environment,
    destination,
    ...(source === undefined ? {} : { source }),
    head,
    content: contentKey(after),
    ...kindOfChange(after, before),
  };
}

function kindOfChange(
  after: PullRequest,
  before?: PullRequest,
): Pick<PullRequestChanged, 'change' | 'by' | 'verdict' | 'mergedRevision'> {
  const person = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, name });
  const { merged, closed } = after;
  if (!before) return { change: 'opened', by: person(after.openedBy) };
  if (merged && !before.merged)
    return { change: 'merged', mergedRevision: merged.revision, by: person(merged.by) };
  if (closed && !before.closed) return { change: 'closed', by: person(closed.by) };
  const review = after.reviews.find((entry) => !before.reviews.some((known) => sameReview(known, entry)));
  if (review) return { change: 'reviewed', verdict: review.verdict, by: person(review.by) };
  return { change: 'updated', by: person(after.openedBy) };
}

function sameReview(left: Review, right: Review): boolean {
  return left.by.id === right.by.id && left.at === right.at && left.verdict === right.verdict;
}
