import { codes, type Result, refused } from '@catalyst/model/problem.ts';

/** How much is planned at the same time. */
export interface PlanningQueueOptions {
  /** Plans that are worked on at once; their renders give way to everything that is reconciled. */
  readonly atOnce?: number;
  /** Plans that wait, of all and of one person; more are refused. */
  readonly waiting?: number;
  readonly waitingEach?: number;
}

/** Runs plans a few at a time, by turns of those who ask, each in the order of his asking; `TooMany` when too many wait. */
export interface PlanningQueue {
  run<T>(task: () => Promise<Result<T>>, by?: string): Promise<Result<T>>;
}

/** Creates the queue: unless told, 4 at once, 400 waiting, 150 of one person. */
export function createPlanningQueue({
  atOnce = 4,
  waiting: most = 400,
  waitingEach: mostEach = 150,
}: PlanningQueueOptions = {}): PlanningQueue {
  // Whoever had his turn goes to the end of the map.
  const waiting = new Map<string, (() => void)[]>();
  let waitingInAll = 0;
  let running = 0;

  function takeNext(): (() => void) | undefined {
    const [turn] = waiting;
    if (!turn) return undefined;
    const [by, own] = turn;
    const next = own.shift();
    waiting.delete(by);
    if (own.length > 0) waiting.set(by, own);
    waitingInAll -= 1;
    return next;
  }

  return {
    async run(task, by = '') {
      const own = waiting.get(by) ?? [];
      if (running < atOnce) running += 1;
      else if (waitingInAll >= most || own.length >= mostEach)
        return refused({
          code: codes.TooMany,
          message: 'Too many plans are being made at this moment. Try again in a few seconds.',
        });
      // Whoever ends hands the place over, so the count stays.
      else
        await new Promise<void>((resolve) => {
          own.push(resolve);
          waiting.set(by, own);
          waitingInAll += 1;
        });
      try {
        return await task();
      } finally {
        const next = takeNext();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
