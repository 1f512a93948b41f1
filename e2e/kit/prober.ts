import { setTimeout as wait } from 'node:timers/promises';
import { fetchLocal } from './sovereign.ts';

/** Asks hosts again and again, as visitors do. */
export interface Prober {
  /** What went wrong so far: when, where, what. */
  failures(): readonly string[];
  asked(): number;
  slowestMs(): number;
  stop(): Promise<void>;
}

/** Starts asking; anything but 200 is a failure. */
export function startProber(port: number, hosts: readonly string[], everyMs = 40): Prober {
  const failures: string[] = [];
  let asked = 0;
  let slowestMs = 0;
  let stopped = false;

  async function ask(host: string): Promise<void> {
    while (!stopped) {
      const from = performance.now();
      const outcome = await fetchLocal(port, host, '/', { timeoutMs: 10_000 }).then(
        (response) =>
          response.status === 200 ? undefined : `${response.status} ${response.body.slice(0, 200)}`,
        (error: unknown) => String(error),
      );
      const tookMs = performance.now() - from;
      asked += 1;
      slowestMs = Math.max(slowestMs, tookMs);
      if (outcome !== undefined)
        failures.push(`${new Date().toISOString()} ${host} after ${Math.round(tookMs)} ms: ${outcome}`);
      await wait(everyMs);
    }
  }
  const loops = hosts.map(ask);
  return {
    failures: () => failures,
    asked: () => asked,
    slowestMs: () => slowestMs,
    async stop() {
      stopped = true;
      await Promise.all(loops);
    },
  };
}
