import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { PodRuntime, ServiceRule } from '../runtime/pod-runtime.ts';

/** Stable addresses of every Environment, written whole and only when something changed. */
export interface ServiceTable {
  /**
   * Nothing is written for the Environments of these Applications until each has said what it has, or 30 s have passed: what the
   * kernel still knows from before a restart stays in force until then.
   */
  expect(applications: Iterable<{ readonly environment: string; readonly application: string }>): void;
  /** The rules of one Application; resolves when they are in force (or held back by `expect`). */
  set(environment: string, application: string, rules: readonly ServiceRule[]): Promise<void>;
  /** Writes everything again, after an engine came back. */
  refresh(): void;
  stop(): void;
}

/** Creates an empty table. Failed writes are repeated every 5 s. */
export function createServiceTable(deps: {
  readonly runtime: PodRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
}): ServiceTable {
  const { runtime, clock, logger } = deps;
  const tables = new Map<string, Map<string, readonly ServiceRule[]>>();
  const written = new Map<string, string>();
  const expected = new Map<string, Set<string>>();
  const writing = new Map<string, Promise<void>>();
  const stopped = new AbortController();

  async function write(environment: string): Promise<void> {
    if (expected.has(environment) || stopped.signal.aborted) return;
    const rules = [...(tables.get(environment)?.values() ?? [])].flat();
    const text = JSON.stringify(rules);
    if (written.get(environment) === text) return;
    try {
      await runtime.setServices(environment, rules);
      written.set(environment, text);
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown error';
      logger.warn({ environment, message }, 'Service addresses could not be written; tried again');
      void repeat(environment);
    }
  }

  async function repeat(environment: string): Promise<void> {
    await clock.sleep(5000, stopped.signal);
    await flush(environment);
  }

  /** One write after another; what changed meanwhile is in the next one. */
  function flush(environment: string): Promise<void> {
    const next = (writing.get(environment) ?? Promise.resolve()).then(() => write(environment));
    writing.set(environment, next);
    return next;
  }

  async function giveUpWaiting(): Promise<void> {
    await clock.sleep(30_000, stopped.signal);
    const environments = [...expected.keys()];
    expected.clear();
    for (const environment of environments) await flush(environment);
  }

  return {
    expect(applications) {
      for (const { environment, application } of applications) {
        const names = expected.get(environment) ?? new Set();
        expected.set(environment, names.add(application));
      }
      if (expected.size > 0) void giveUpWaiting();
    },
    set(environment, application, rules) {
      const table = tables.get(environment) ?? new Map<string, readonly ServiceRule[]>();
      tables.set(environment, table);
      if (rules.length > 0) table.set(application, rules);
      else table.delete(application);
      const names = expected.get(environment);
      names?.delete(application);
      if (names?.size === 0) expected.delete(environment);
      return flush(environment);
    },
    refresh() {
      written.clear();
      for (const environment of tables.keys()) void flush(environment);
    },
    stop: () => stopped.abort(),
  };
}
