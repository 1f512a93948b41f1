import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../ports/logger.ts';
import { hostFacts, renderContainersConf } from './containers-conf.ts';
import { answers } from './find-engine.ts';

/** A `podman system service` that is kept alive. Containers are no children of it and survive it. */
export interface PodmanService {
  /** Adopts one that still runs, else starts it. Resolves with whether it answers. */
  start(): Promise<boolean>;
  /** Ends it; containers go on running. */
  stop(): Promise<void>;
  /** Its last line of output, for a message. */
  lastWords(): string;
}

const checkEveryMs = 1_000;
/** Each takes up to 3 s where the socket takes connections and says nothing. */
const silentChecks = 20;
const answerWithinMs = 15_000;
const slowestRestartMs = 10_000;
const logLimitBytes = 1024 * 1024;

/** Supervises Podman at `socketPath` with a configuration of its own in `folder`. */
export function createPodmanService(options: {
  podman: string;
  socketPath: string;
  folder: string;
  runDirectory: string;
  logger: Logger;
}): PodmanService {
  const { socketPath, logger } = options;
  const configuration = join(options.folder, 'containers.conf');
  const logPath = join(options.folder, 'podman.log');
  const pidPath = join(options.runDirectory, 'podman.pid');
  const stopping = new AbortController();
  let pid: number | undefined;
  let words = '';
  let supervision: Promise<void> | undefined;

  async function launch(): Promise<boolean> {
    await writeFile(configuration, renderContainersConf(hostFacts()), { mode: 0o644 });
    await rm(socketPath, { force: true });
    const { size } = await stat(logPath).catch(() => ({ size: 0 }));
    if (size > logLimitBytes) await truncate(logPath);
    const log = openSync(logPath, 'a', 0o600);
    try {
      // A session of its own: neither Ctrl-C nor the end of Catalyst ends it in the middle of something.
      const child = spawn(options.podman, ['system', 'service', '--time=0', `unix://${socketPath}`], {
        detached: true,
        // Its monitors leave notes in the folder that they were started in.
        cwd: options.runDirectory,
        stdio: ['ignore', log, log],
        env: serviceEnvironment(configuration),
      });
      child.on('error', (error) => logger.warn({ error }, 'Podman cannot be started'));
      child.unref();
      pid = child.pid;
    } finally {
      closeSync(log);
    }
    if (pid !== undefined) await writeFile(pidPath, String(pid), { mode: 0o600 });
    return waitForAnswer(pid);
  }

  async function readPid(): Promise<number> {
    return Number(await readFile(pidPath, 'utf8').catch(() => ''));
  }

  async function waitForAnswer(candidate: number | undefined): Promise<boolean> {
    const until = Date.now() + answerWithinMs;
    while (Date.now() < until && !stopping.signal.aborted) {
      if (await answers(socketPath)) return true;
      if (!(await isOurs(candidate))) break;
      await sleep(25);
    }
    words = await lastLine(logPath);
    return false;
  }

  async function isOurs(candidate: number | undefined): Promise<boolean> {
    if (candidate === undefined) return false;
    const command = await readFile(`/proc/${candidate}/cmdline`, 'utf8').catch(() => '');
    return command.includes(socketPath);
  }

  async function adopt(): Promise<boolean> {
    const known = await readPid();
    // A busy one may need several tries to answer; a second one beside it would take its socket away.
    if (!(await isOurs(known))) return false;
    if (!(await waitForAnswer(known))) {
      if (await isOurs(known)) process.kill(known, 'SIGKILL');
      return false;
    }
    pid = known;
    logger.info({ pid }, 'Adopted the Podman service that still runs');
    return true;
  }

  async function supervise(): Promise<void> {
    let wait = 200;
    let silent = 0;
    while (!stopping.signal.aborted) {
      await sleep(checkEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      if (await isOurs(pid)) {
        silent = (await answers(socketPath)) ? 0 : silent + 1;
        if (silent < silentChecks || pid === undefined) continue;
        // Alive but deaf for a minute or longer: only a new one helps; containers are not touched by it.
        process.kill(pid, 'SIGKILL');
      }
      silent = 0;
      words = await lastLine(logPath);
      logger.warn({ lastWords: words }, 'The Podman service ended; starting it again');
      const healthy = await launch().catch((error: unknown) => {
        logger.warn({ error }, 'Podman cannot be started');
        return false;
      });
      if (healthy) wait = 200;
      else await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      wait = Math.min(wait * 2, slowestRestartMs);
    }
  }

  return {
    start: async () => {
      if (supervision) return answers(socketPath);
      const running = (await adopt()) || (await launch());
      supervision = supervise();
      return running;
    },
    stop: async () => {
      stopping.abort();
      await supervision;
      if (pid === undefined || !(await isOurs(pid))) return;
      process.kill(pid, 'SIGTERM');
      for (let step = 0; step < 100 && (await isOurs(pid)); step++) await sleep(50);
      if (await isOurs(pid)) process.kill(pid, 'SIGKILL');
      // Another Catalyst may have started the next one by now, and written down which.
      if ((await readPid()) === pid) await rm(pidPath, { force: true });
    },
    lastWords: () => words,
  };
}

/** Only what Podman needs: no other variable of this process, as one may be a secret. */
function serviceEnvironment(configuration: string): NodeJS.ProcessEnv {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
  ];
  const kept = [...names, 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { HOME: '/root', ...Object.fromEntries(kept), CONTAINERS_CONF: configuration };
}

async function lastLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return (text.slice(-4_000).trim().split('\n').at(-1) ?? '').slice(0, 300);
}
