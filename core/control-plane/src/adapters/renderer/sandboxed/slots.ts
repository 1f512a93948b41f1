/** Lets a bounded number of tasks run at once, in the order in which they came; those in the background after all others. */
export interface Slots {
  /** A task in the background never takes the last free place, so that others find one at once. */
  use<T>(task: () => Promise<T>, options?: { readonly background?: boolean }): Promise<T>;
}

/** Slots for `count` tasks. With one slot only, the background waits for it as everybody does. */
export function createSlots(count: number): Slots {
  const most = Math.max(1, count);
  const mostInBackground = Math.max(1, most - 1);
  let running = 0;
  let inBackground = 0;
  const waiting: (() => void)[] = [];
  const waitingInBackground: (() => void)[] = [];

  function admit(): void {
    while (running < most) {
      const first = waiting.shift();
      if (first) {
        running += 1;
        first();
        continue;
      }
      if (inBackground >= mostInBackground) return;
      const next = waitingInBackground.shift();
      if (!next) return;
      running += 1;
      inBackground += 1;
      next();
    }
  }

  return {
    async use(task, { background = false } = {}) {
      await new Promise<void>((resolve) => {
        (background ? waitingInBackground : waiting).push(resolve);
        admit();
      });
      try {
        return await task();
      } finally {
        running -= 1;
        if (background) inBackground -= 1;
        admit();
      }
    },
  };
}
