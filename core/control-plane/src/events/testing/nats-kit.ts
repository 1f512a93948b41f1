import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NatsAccess } from '../nats-access.ts';
import { createNatsServer, type NatsServer } from '../nats-server.ts';

/** The clock of the machine. */
export const testClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** Says nothing unless `CATALYST_TEST_LOG` is set. */
export const testLogger: Logger = {
  debug: () => {},
  info: say,
  warn: say,
  error: say,
  child: () => testLogger,
};

function say(fields: object, message: string): void {
  if (process.env['CATALYST_TEST_LOG']) console.error(message, fields);
}

/** A real nats-server in a folder of its own. `dispose` stops it and removes the folder. */
export interface NatsKit {
  readonly directory: string;
  readonly access: NatsAccess;
  readonly server: NatsServer;
  dispose(): Promise<void>;
}

/** Starts a nats-server for one test file. */
export async function startNatsKit(): Promise<NatsKit> {
  const directory = await mkdtemp(join(tmpdir(), 'catalyst-nats-'));
  const server = createNatsServer({
    dataDirectory: join(directory, 'nats'),
    runDirectory: join(directory, 'run'),
    logger: testLogger,
    clock: testClock,
  });
  const access = await server.start();
  return {
    directory,
    access,
    server,
    async dispose() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until something is true, at most `timeoutMs`; throws with `what` otherwise. */
export async function eventually(what: string, check: () => boolean | Promise<boolean>, timeoutMs = 10_000) {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`did not happen in ${timeoutMs} ms: ${what}`);
    await testClock.sleep(10);
  }
}
