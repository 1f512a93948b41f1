/** One at a time per name. */
export interface Locks {
  /** Resolves with the release when it is this caller's turn. */
  acquire(name: string): Promise<() => void>;
}

/** Makes the locks. */
export function createLocks(): Locks {
  const tails = new Map<string, Promise<void>>();
  return {
    async acquire(name) {
      const before = tails.get(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      tails.set(name, promise);
      await before;
      return () => {
        if (tails.get(name) === promise) tails.delete(name);
        resolve();
      };
    },
  };
}
