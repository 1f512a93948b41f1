import type { InboxEntry, Inbox as InboxView } from '@catalyst/model/api/people.ts';
import type { Actor } from '@catalyst/model/authorization.ts';

/** What one source has for a person. `pending`: what it has not looked at yet. */
export interface FromSource {
  readonly items: readonly InboxEntry[];
  readonly pending: number;
}

/**
 * One kind of thing that can wait for people. A source names only what waits for exactly this person and what he may see; another one
 * (policy proposals, backflow, break-glass) is one more entry of the list that `createInbox` is given.
 */
export type InboxSource = (actor: Actor) => Promise<FromSource>;

/** What waits for a person. */
export interface Inbox {
  /** What has waited longest comes first. */
  of(actor: Actor, limit: number): Promise<InboxView>;
}

/** Puts together what the sources have. */
export function createInbox(deps: {
  readonly sources: readonly InboxSource[];
  readonly unread: (actor: Actor) => Promise<number>;
}): Inbox {
  return {
    async of(actor, limit) {
      const [unread, ...found] = await Promise.all([
        deps.unread(actor),
        ...deps.sources.map((source) => source(actor)),
      ]);
      const items = found
        .flatMap((one) => [...one.items])
        .sort((left, right) => (left.since < right.since ? -1 : left.since > right.since ? 1 : 0));
      return {
        items: items.slice(0, limit),
        more: Math.max(0, items.length - limit),
        pending: found.reduce((sum, { pending }) => sum + pending, 0),
        unread,
      };
    },
  };
}
