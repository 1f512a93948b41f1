import type { Clock } from '../../../ports/clock.ts';

/** Works on keys with bounded parallelism; a key asked for again while it is worked on gets one more turn. */
export interface WorkQueue {
  /** Works on the key after `delayMs` (at once unless told); an earlier time wins over a later one. */
  add(key: string, delayMs?: number): void;
  /** Takes no new work and resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** `work` must not throw; what it throws goes to `onError`. */
export function createWorkQueue(options: {
  readonly work: (key: string) => Promise<void>;
  readonly onError: (key: string, error: unknown) => void;
  readonly parallelism: number;
  readonly clock: Clock;
}): WorkQueue {
  const ready = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const due = new Map<string, { readonly at: number; readonly abort: AbortController }>();
  let stopped = false;

  function pump(): void {
    for (const key of ready) {
      if (stopped || running.size >= options.parallelism) return;
      if (running.has(key)) continue;
      ready.delete(key);
      const turn = options
        .work(key)
        .catch((error: unknown) => options.onError(key, error))
        .finally(() => {
          running.delete(key);
          pump();
        });
      running.set(key, turn);
    }
  }

  function cancel(key: string): void {
    due.get(key)?.abort.abort();
    due.delete(key);
  }

  async function wait(key: string, delayMs: number, abort: AbortController): Promise<void> {
    await options.clock.sleep(delayMs, abort.signal);
    if (stopped || abort.signal.aborted) return;
    due.delete(key);
    ready.add(key);
    pump();
  }

  return {
    add(key, delayMs = 0) {
      if (stopped || ready.has(key)) return;
      if (delayMs <= 0) {
        cancel(key);
        ready.add(key);
        pump();
        return;
      }
      const at = options.clock.now() + delayMs;
      const planned = due.get(key);
      if (planned && planned.at <= at) return;
      cancel(key);
      const abort = new AbortController();
      due.set(key, { at, abort });
      void wait(key, delayMs, abort);
    },
    async stop() {
      stopped = true;
      ready.clear();
      for (const key of [...due.keys()]) cancel(key);
      await Promise.allSettled(running.values());
    },
  };
}
