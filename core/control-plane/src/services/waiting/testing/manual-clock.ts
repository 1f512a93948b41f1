import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../../ports/clock.ts';

/** A clock that goes as the machine's does and can be set forward and back; who sleeps wakes as if the time had passed. */
export interface ManualClock extends Clock {
  /** Sets it to a moment; those whose time is over wake. */
  set(at: number): void;
  advance(ms: number): void;
}

/** Creates one that shows the time of the machine. */
export function createManualClock(): ManualClock {
  let offset = 0;
  const sleepers = new Set<() => void>();
  const now = () => Date.now() + offset;
  const set = (at: number) => {
    offset = at - Date.now();
    for (const look of [...sleepers]) look();
  };
  return {
    now,
    async sleep(ms, signal) {
      const until = now() + ms;
      const over = new AbortController();
      const look = () => {
        if (now() >= until) over.abort();
      };
      sleepers.add(look);
      const signals = signal ? [signal, over.signal] : [over.signal];
      await wait(ms, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
      sleepers.delete(look);
    },
    set,
    advance: (ms) => set(now() + ms),
  };
}
