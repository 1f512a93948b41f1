import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { Clock } from '../ports/clock.ts';

/** A nats-server that runs, whether this process or an earlier one started it. */
export interface NatsProcess {
  readonly pid: number;
  /** Resolves once it is gone. */
  readonly gone: Promise<void>;
}

/** Version of the binary. Throws `Unavailable` with what to do when there is none. */
export async function natsVersion(binary: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 10_000 });
    return /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '0.0.0';
  } catch (cause) {
    throw new CatalystError(
      'Unavailable',
      'nats-server could not be started: install the package nats-server.',
      {
        cause,
        retry: 'later',
      },
    );
  }
}

/**
 * Starts a server in a process group of its own, so that Ctrl-C in a terminal reaches Catalyst first and the server is stopped
 * after its clients. Nothing is inherited but a small environment: a broken pipe must not kill it when Catalyst crashes.
 */
export function startNats(binary: string, configFile: string): NatsProcess {
  const child = spawn(binary, ['--config', configFile], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', GOMEMLIMIT: '96MiB', GOGC: '50' },
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.unref();
  return { pid: child.pid ?? 0, gone };
}

/** Finds the server of an earlier run by its pid file; the command line must name our configuration file. */
export async function findNats(
  pidFile: string,
  configFile: string,
  clock: Clock,
): Promise<NatsProcess | undefined> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid) || pid <= 1 || !(await isOurs(pid, configFile))) return undefined;
  const watch = async () => {
    while (await isOurs(pid, configFile)) await clock.sleep(250);
  };
  return { pid, gone: watch() };
}

async function isOurs(pid: number, configFile: string): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.split('\0').includes(configFile);
}

/** Asks it to end, insists after 5 s. */
export async function stopNats(running: NatsProcess, clock: Clock): Promise<void> {
  if (running.pid <= 1) return;
  const abort = new AbortController();
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(running.pid, name);
    } catch {
      // It has ended by itself.
    }
  };
  signal('SIGTERM');
  await Promise.race([running.gone, clock.sleep(5_000, abort.signal).then(() => signal('SIGKILL'))]);
  abort.abort();
  await running.gone;
}

/** A port of 127.0.0.1 that is free now; the wanted one if it is. */
export async function freePort(wanted: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
      });
    });
  return tryPort(wanted).catch(() => tryPort(0));
}
