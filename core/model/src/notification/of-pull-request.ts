import type { PullRequestChanged } from '../events/cloud-event.ts';
import type { Notice } from './kinds.ts';

/** A notice with those who are told. */
export interface AddressedNotice {
  readonly notice: Notice;
  readonly to: readonly string[];
}

/** What is known of the pull request when the change is told. */
export interface ChangedFacts {
  readonly isOpen: boolean;
  /** Ids of those who opened it or brought a commit of it. */
  readonly authors: readonly string[];
  /** Ids of those whose approval opens a gate. */
  readonly reviewers: readonly string[];
  /** Of the authors, those who can merge it now. */
  readonly mergers: readonly string[];
}

/** `shop #12: More replicas` */
export function titleOf(change: Pick<PullRequestChanged, 'repository' | 'number' | 'title'>): string {
  return `${change.repository} #${change.number}: ${change.title}`;
}

/**
 * Who is told what of a change of a pull request; nobody is told what he did himself. `event` names the change. A reviewer is asked once
 * for each content.
 */
export function noticesOfPullRequest(
  changed: PullRequestChanged,
  facts: ChangedFacts,
  { event, at }: { readonly event: string; readonly at: string },
): AddressedNotice[] {
  const { organization, repository, number, environment, by, content } = changed;
  const about = {
    organization,
    title: titleOf(changed),
    path: `/organizations/${organization}/pull-requests/${repository}/${number}`,
    at,
  };
  const place = `${organization}/${repository}/${number}`;
  const others = (ids: readonly string[]) => ids.filter((id) => id !== by.id);
  const told: AddressedNotice[] = [];
  const tell = (notice: Pick<Notice, 'id' | 'kind' | 'message'>, to: readonly string[]) => {
    if (to.length > 0) told.push({ notice: { ...about, ...notice }, to });
  };
  const name = by.name;
  if (changed.change === 'merged')
    tell(
      { id: event, kind: 'merged', message: `${name} merged it into ${environment}.` },
      others(facts.authors),
    );
  if (changed.change === 'closed')
    tell(
      { id: event, kind: 'closed', message: `${name} closed it without merging it.` },
      others(facts.authors),
    );
  if (!facts.isOpen) return told;
  if (changed.change === 'reviewed')
    tell(
      changed.verdict === 'approve'
        ? { id: event, kind: 'approved', message: `${name} approved it.` }
        : { id: event, kind: 'changes-requested', message: `${name} asked for changes.` },
      others(facts.authors),
    );
  if (changed.change === 'opened' || changed.change === 'updated')
    tell(
      {
        id: `review/${place}/${content}`,
        kind: 'review-needed',
        message: `It is to reach ${environment} and needs an approval that you can give.`,
      },
      others(facts.reviewers),
    );
  // Whoever opens it sees at once whether it can be merged.
  if (changed.change !== 'opened')
    tell(
      {
        id: `mergeable/${place}/${content}`,
        kind: 'mergeable',
        message: `Every gate into ${environment} is open: you can merge it.`,
      },
      facts.mergers,
    );
  return told;
}
