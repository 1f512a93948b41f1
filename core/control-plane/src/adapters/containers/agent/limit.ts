/** Runs tasks, at most so many at a time, in the order they came. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** Makes a `Limit` of `most` at a time. */
export function createLimit(most: number): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running < most) running += 1;
    // Whoever ends hands its place over, so the count stays.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
