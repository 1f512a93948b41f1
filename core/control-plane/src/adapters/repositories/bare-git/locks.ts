import { CatalystError, codes } from '@catalyst/model/problem.ts';

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

/** Lets `limit` in at a time and as many as `waiting` wait; more are `TooMany`. */
export function createSlots(limit: number, waiting: number): () => Promise<() => void> {
  const queue: (() => void)[] = [];
  let taken = 0;
  const release = () => {
    const next = queue.shift();
    if (next) next();
    else taken--;
  };
  return async () => {
    if (taken < limit) taken++;
    else if (queue.length >= waiting)
      throw new CatalystError(codes.TooMany, 'Too many Git sessions at once. Try again later.', {
        retry: 'later',
      });
    else await new Promise<void>((resolve) => queue.push(resolve));
    let released = false;
    return () => {
      if (!released) release();
      released = true;
    };
  };
}
