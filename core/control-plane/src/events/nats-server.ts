import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type NatsAccess, probeNats } from './nats-access.ts';
import { toNatsConfig } from './nats-config.ts';
import { findNats, freePort, type NatsProcess, natsVersion, startNats, stopNats } from './nats-process.ts';

/** What the supervisor needs. */
export interface NatsServerOptions {
  /** Where the store, the configuration and the kept credentials live; made when missing. */
  readonly dataDirectory: string;
  /** Where the pid file lives. */
  readonly runDirectory: string;
  /** Path or name on PATH; `nats-server` unless told. */
  readonly binary?: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The supervised nats-server of one Sovereign. */
export interface NatsServer {
  /** Adopts the one that a crash left behind, or starts one; resolves when it answers. Throws `Unavailable`. */
  start(): Promise<NatsAccess>;
  /** Stops it cleanly; also the one that an earlier run left behind, where `start` was not called. */
  stop(): Promise<void>;
  /** Process id of the running server, for diagnosis and for tests that kill it. */
  pid(): number | undefined;
}

interface Kept {
  readonly serverName: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/**
 * Keeps one nats-server running as a child: it listens on 127.0.0.1 with a password that is kept in a 0600 file, is started
 * again with back-off (100 ms to 5 s) on the same port when it dies, and is adopted by the next start after a crash of Catalyst.
 */
export function createNatsServer(options: NatsServerOptions): NatsServer {
  const { clock, logger } = options;
  const binary = options.binary ?? 'nats-server';
  const configFile = join(options.dataDirectory, 'server.conf');
  const pidFile = join(options.runDirectory, 'nats.pid');
  const stopping = new AbortController();
  let running: NatsProcess | undefined;
  let supervision: Promise<void> = Promise.resolve();

  const answers = async (kept: Kept) =>
    (await probeNats({ ...kept, host: '127.0.0.1' }))?.serverName === kept.serverName;

  async function launch(kept: Kept): Promise<NatsProcess> {
    const started = startNats(binary, configFile);
    const ended = { now: false };
    void started.gone.then(() => {
      ended.now = true;
    });
    const deadline = clock.now() + 20_000;
    while (!(await answers(kept))) {
      if (ended.now || clock.now() > deadline) {
        await stopNats(started, clock);
        throw new CatalystError(
          'Unavailable',
          `nats-server did not start; see ${options.dataDirectory}/server.log.`,
          {
            retry: 'later',
          },
        );
      }
      await clock.sleep(25);
    }
    return started;
  }

  async function supervise(kept: Kept): Promise<void> {
    let pauseMs = 100;
    while (!stopping.signal.aborted) {
      const since = clock.now();
      await running?.gone;
      if (stopping.signal.aborted) return;
      if (clock.now() - since > 30_000) pauseMs = 100;
      logger.warn({ pid: running?.pid, pauseMs }, 'nats-server ended; starting it again');
      running = undefined;
      await clock.sleep(pauseMs, stopping.signal);
      pauseMs = Math.min(pauseMs * 2, 5_000);
      if (stopping.signal.aborted) return;
      running = await launch(kept).catch((error: unknown) => {
        logger.error({ err: error }, 'nats-server could not be started again');
        return undefined;
      });
    }
  }

  return {
    async start() {
      const version = await natsVersion(binary);
      await mkdir(options.dataDirectory, { recursive: true, mode: 0o700 });
      await mkdir(options.runDirectory, { recursive: true, mode: 0o700 });
      let kept = await readKept(options.dataDirectory);
      const toConfig = (from: Kept) =>
        toNatsConfig({
          ...from,
          version,
          pidFile,
          storeDirectory: join(options.dataDirectory, 'store'),
          logFile: join(options.dataDirectory, 'server.log'),
        });
      const left = await findNats(pidFile, configFile, clock);
      const sameConfig = (await readFile(configFile, 'utf8').catch(() => '')) === toConfig(kept);
      if (left && sameConfig && (await answers(kept))) {
        logger.info({ pid: left.pid, port: kept.port }, 'nats-server of an earlier run adopted');
        running = left;
      } else {
        if (left) await stopNats(left, clock);
        kept = { ...kept, port: await freePort(kept.port) };
        await writePrivate(join(options.dataDirectory, 'access.json'), JSON.stringify(kept));
        await writePrivate(configFile, toConfig(kept));
        running = await launch(kept);
        logger.info({ pid: running.pid, port: kept.port, version }, 'nats-server started');
      }
      supervision = supervise(kept);
      return { host: '127.0.0.1', port: kept.port, user: kept.user, password: kept.password };
    },
    async stop() {
      stopping.abort();
      running ??= await findNats(pidFile, configFile, clock);
      if (running) await stopNats(running, clock);
      await supervision;
      // The supervisor may have been starting one while it was told to stop.
      if (running) await stopNats(running, clock);
      await rm(pidFile, { force: true });
    },
    pid: () => running?.pid,
  };
}

async function readKept(directory: string): Promise<Kept> {
  const text = await readFile(join(directory, 'access.json'), 'utf8').catch(() => '');
  try {
    const kept = JSON.parse(text) as Partial<Kept>;
    if (kept.serverName && kept.port && kept.user && kept.password) return kept as Kept;
  } catch {
    // Missing or cut short by a crash: new credentials are as good, the server reads them at its start.
  }
  return {
    serverName: `catalyst-${randomBytes(6).toString('hex')}`,
    port: 0,
    user: 'catalyst',
    password: randomBytes(24).toString('base64url'),
  };
}

async function writePrivate(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, text, { mode: 0o600, flush: true });
  await rename(temporary, file);
}
