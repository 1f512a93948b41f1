import { listWords } from '../policy/approvals.ts';

/** Of a pull request, what its hindrances are told by. */
export interface Hindered {
  readonly destination: string;
  /** Of the destination. */
  readonly environment: string;
  /** Of a promotion: the Environment that it comes from. */
  readonly promotion?: { readonly from: string };
}

/** What to do about a path that both sides changed. Of a promotion the source is the branch of an Environment, which takes nothing for it. */
export function wayOutOfConflict({ destination, environment, promotion }: Hindered): string {
  return promotion
    ? `changed in ${environment} and in ${promotion.from}. Decide on the pull request which of the two stays; where it lies in overlays/, plan the promotion anew.`
    : `changed in ${destination} too. Merge ${destination} into the branch, decide there, and push.`;
}

/** Conflicts in one sentence, the same on every surface. */
export function describeConflicts(pullRequest: Hindered, paths: readonly string[]): string {
  return `${listWords(paths)} ${wayOutOfConflict(pullRequest)}`;
}

/** What somebody who has broken the glass of an Environment may do in spite of closed gates, in one sentence. */
export function describeBrokenGlass(environment: string, { until }: { readonly until: string }): string {
  return `Gates of the policy are closed, but you have broken the glass of ${environment}: you can merge it. That ends at ${until}.`;
}

/** What would refuse the merge beside gates and conflicts, in one sentence, the same on every surface. */
export function describeProblem({ message }: { readonly message: string }): string {
  return `It cannot be merged as it is: ${message}`;
}
