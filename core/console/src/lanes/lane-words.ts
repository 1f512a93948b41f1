import type { BackflowOffer, LaneStep } from '@catalyst/model/api/lanes.ts';

/** Commits that the API counts at most. */
const mostCounted = 500;

/** What stands over the arrow between two Environments. */
export function aheadWords({
  promotable,
  commits,
  fileCount,
}: Pick<LaneStep, 'promotable' | 'commits' | 'fileCount'>): string {
  if (!promotable) return 'Nothing to promote';
  if (commits === 0) return fileCount === 1 ? '1 file differs' : `${fileCount} files differ`;
  if (commits >= mostCounted) return `${mostCounted} commits or more ahead`;
  return commits === 1 ? '1 commit ahead' : `${commits} commits ahead`;
}

/** Where the button Promote leads. */
export function promotePath(application: string, { from, to }: Pick<LaneStep, 'from' | 'to'>): string {
  const query = new URLSearchParams({ application, from });
  return `/environments/${to}/promote?${query.toString()}`;
}

/** Offers that wait for somebody, and those that were declined. */
export function splitOffers(offers: readonly BackflowOffer[]): {
  open: BackflowOffer[];
  declined: BackflowOffer[];
} {
  return {
    open: offers.filter((offer) => !offer.declined || offer.pullRequest !== undefined),
    declined: offers.filter((offer) => offer.declined && offer.pullRequest === undefined),
  };
}

/** Whether an offer can be accepted: nothing of it conflicts, and nobody has proposed it. */
export function canAccept({ conflicts, pullRequest }: BackflowOffer): boolean {
  return conflicts.length === 0 && pullRequest === undefined;
}
