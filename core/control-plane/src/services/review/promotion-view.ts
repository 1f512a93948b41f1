import type { PromotionView } from '@catalyst/model/api/reviews.ts';
import type { FileChange } from '@catalyst/model/views/plan.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import type { MergeContent } from './content.ts';

/** How each path that must be decided is in the destination and in the source. */
interface Differences {
  readonly differences: readonly FileChange[];
}

/** Conflicts that somebody can decide on the pull request; one in an overlay is planned anew. */
export function decidable(conflicts: readonly string[]): string[] {
  return conflicts.filter((path) => !path.startsWith('overlays/'));
}

/** A promotion as its page shows it: where it comes from, what must be decided, and what was. */
export function toPromotionView(
  { promotion, head }: PullRequest,
  { conflicts, undecided, differences }: Pick<MergeContent, 'conflicts' | 'undecided'> & Differences,
): PromotionView {
  const { changed } = promotion ?? {};
  return {
    from: promotion?.from ?? '',
    revision: head,
    first: Object.keys(promotion?.overlay ?? {}).length > 0,
    undecided: [
      ...decidable(conflicts).map((path) => ({ path, conflict: true })),
      ...undecided.map((path) => ({ path, conflict: false })),
    ],
    differences: [...differences],
    decided: Object.entries(promotion?.decisions ?? {}).map(([path, { take, by, at }]) => ({
      path,
      take,
      by: { id: by.id, name: by.name },
      at,
    })),
    ...(changed ? { changed: { ...changed, by: { id: changed.by.id, name: changed.by.name } } } : {}),
  };
}
