import type { Logger } from '../ports/logger.ts';

/** What was started, to be stopped in reverse. */
export interface Lifecycle {
  /** Remembers how to stop something that runs now. */
  add(name: string, stop: () => Promise<void> | void): void;
  /** Stops everything, last first; one that fails or hangs does not keep the others from stopping. */
  stop(): Promise<void>;
}

const stopTimeoutMs = 8000;

/** Creates an empty lifecycle. */
export function createLifecycle(logger: Logger): Lifecycle {
  const parts: { name: string; stop: () => Promise<void> | void }[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    for (const part of parts.toReversed()) {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`did not stop in ${stopTimeoutMs} ms`)), stopTimeoutMs);
      });
      try {
        await Promise.race([Promise.resolve(part.stop()), timeout]);
      } catch (error) {
        logger.warn({ part: part.name, err: error }, 'a part did not stop cleanly');
      } finally {
        clearTimeout(timer);
      }
    }
  }

  return {
    add(name, stop) {
      parts.push({ name, stop });
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
