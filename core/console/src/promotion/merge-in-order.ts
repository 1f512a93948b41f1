/** What merging one after the other needs to know of a pull request now. */
export interface Mergeable {
  readonly state: 'open' | 'merged' | 'closed';
  readonly mergeable: boolean;
  /** One sentence. */
  readonly why: string;
}

/** Where merging stopped, and why. */
export interface Stopped<Item> {
  readonly item: Item;
  readonly reason: string;
}

/**
 * Merges what is open, one after the other. Stops at the first that cannot be merged or is refused: what comes after it may need it.
 * What is merged already is passed over, so that it can be asked again.
 */
export async function mergeInOrder<Item>(
  items: readonly Item[],
  {
    read,
    merge,
    reasonOf,
  }: {
    readonly read: (item: Item) => Promise<Mergeable>;
    readonly merge: (item: Item) => Promise<unknown>;
    readonly reasonOf: (error: unknown) => string;
  },
): Promise<Stopped<Item> | undefined> {
  for (const item of items) {
    try {
      const { state, mergeable, why } = await read(item);
      if (state === 'merged') continue;
      if (state === 'closed' || !mergeable) return { item, reason: why };
      await merge(item);
    } catch (error) {
      return { item, reason: reasonOf(error) };
    }
  }
  return undefined;
}
