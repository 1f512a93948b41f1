import type { ChangeView } from '@catalyst/model/api/history.ts';

/** What can be brought back of a revision, and in one text why nothing can. */
export function waysBack(rollback: ChangeView['rollback']): {
  readonly ways: readonly ('rollback' | 'settings')[];
  readonly whyNot: string;
} {
  const { possible = false, whyNot, settings } = rollback ?? {};
  const reasons = new Set([whyNot, settings?.whyNot].filter((reason) => reason !== undefined));
  return {
    ways: [...(possible ? ['rollback' as const] : []), ...(settings?.possible ? ['settings' as const] : [])],
    whyNot: reasons.size > 0 ? [...reasons].join(' ') : 'This revision cannot be brought back.',
  };
}
