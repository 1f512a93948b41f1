import type {
  AskAutoMerge,
  CommentView,
  DecidePromotion,
  EditPullRequest,
  GiveReview,
  MergePullRequest,
  OpenPullRequest,
  PullRequestDetail,
  PullRequestSummary,
  WriteComment,
} from '@catalyst/model/api/reviews.ts';
import { queryOptions } from '@tanstack/react-query';
import type { Static } from 'typebox';
import { pathOf, queryOf, request } from '../api/client.ts';

/** Names one pull request. */
export interface PullRequestRef {
  readonly organization: string;
  readonly application: string;
  readonly number: number;
}

/** Which pull requests of an Organization. */
export interface PullRequestFilter {
  readonly state?: string | undefined;
  readonly environment?: string | undefined;
  readonly application?: string | undefined;
}

/** Most pull requests of one list. */
export const mostListed = 200;

const allOf = (organization: string) => pathOf('organizations', organization, 'pull-requests');
const path = ({ organization, application, number }: PullRequestRef, ...more: readonly string[]) =>
  pathOf('organizations', organization, 'pull-requests', application, String(number), ...more);

/** Every call about pull requests. */
export const pullRequestsApi = {
  open: (organization: string, body: OpenPullRequest) =>
    request<PullRequestSummary>('POST', allOf(organization), { body }),
  review: (ref: PullRequestRef, body: GiveReview) =>
    request<PullRequestDetail>('POST', path(ref, 'reviews'), { body }),
  decide: (ref: PullRequestRef, body: DecidePromotion) =>
    request<PullRequestDetail>('POST', path(ref, 'decisions'), { body }),
  comment: (ref: PullRequestRef, body: WriteComment) =>
    request<Static<typeof CommentView>>('POST', path(ref, 'comments'), { body }),
  merge: (ref: PullRequestRef, body: Static<typeof MergePullRequest>) =>
    request<PullRequestDetail>('POST', path(ref, 'merge'), { body }),
  askAutoMerge: (ref: PullRequestRef, body: AskAutoMerge) =>
    request<PullRequestDetail>('PUT', path(ref, 'auto-merge'), { body }),
  stopAutoMerge: (ref: PullRequestRef) => request<PullRequestDetail>('DELETE', path(ref, 'auto-merge')),
  edit: (ref: PullRequestRef, body: Static<typeof EditPullRequest>) =>
    request<PullRequestDetail>('PATCH', path(ref), { body }),
};

/** The questions about pull requests; asked again while the page is looked at. */
export const pullRequestQueries = {
  list: (organization: string, filter: PullRequestFilter) =>
    queryOptions({
      queryKey: ['organizations', organization, 'pull-requests', { ...filter }],
      queryFn: ({ signal }) =>
        request<{ items: PullRequestSummary[] }>(
          'GET',
          `${allOf(organization)}${queryOf({ ...filter, limit: String(mostListed) })}`,
          { signal },
        ),
      refetchInterval: 10_000,
    }),
  one: (ref: PullRequestRef) =>
    queryOptions({
      queryKey: ['organizations', ref.organization, 'pull-requests', ref.application, ref.number],
      queryFn: ({ signal }) => request<PullRequestDetail>('GET', path(ref), { signal }),
      refetchInterval: ({ state: { data } }) =>
        data?.state === 'open' || data?.watch?.until !== undefined ? 4_000 : 30_000,
    }),
};
