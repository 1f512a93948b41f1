import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';

/** What somebody looked at, as whatever he does with it must name it. */
export interface Seen {
  readonly head: string;
  readonly content: string;
}

type Shown = Pick<PullRequestDetail, 'head' | 'content' | 'promotion' | 'environment'>;

/** What a page shows. */
export function toSeen({ head, content }: Pick<PullRequestDetail, 'head' | 'content'>): Seen {
  return { head, content };
}

/**
 * What somebody has seen once another content is shown: what he saw before, unless he made the new one of exactly that himself by what he
 * decided or planned. `shown` is what was shown until now.
 */
export function followSeen(seen: Seen, shown: Seen, next: Shown, me: string | undefined): Seen {
  const own = me !== undefined && next.promotion?.changed?.by.id === me;
  return own && seen.content === shown.content ? toSeen(next) : seen;
}

/** Who made the content another one and how, in a sentence; undefined where only its head is known to have moved. */
export function changeWords({ promotion, environment }: Shown): string | undefined {
  const { changed } = promotion ?? {};
  if (!changed) return undefined;
  return changed.how === 'decided'
    ? `${changed.by.name} decided about changes of ${environment}.`
    : `${changed.by.name} planned it anew.`;
}
