import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { CatalystError } from '@catalyst/model/problem.ts';
import { type ProxyConfiguration, proxyEnvironment, proxyNodeFlags } from '../proxy/configuration.ts';
import { writeFileDurably } from './data-folder.ts';
import { describeListener, isFree } from './port.ts';
import { endProcess, isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';

/** Where the entry proxy of one Sovereign lives. */
export interface EntryProxyOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly controlPlaneSocket: string;
  readonly routesFile: string;
  readonly runDirectory: string;
  readonly logDirectory: string;
}

const proxyFolder = join(import.meta.dirname, '../proxy');
const startTimeoutMs = 5000;

interface ProxyRecord extends ProcessIdentity {
  readonly version: string;
  readonly listen: ProxyConfiguration['listen'];
}

/** Changes whenever the proxy's code does, so that an upgrade replaces a running proxy and a plain restart keeps it. */
function versionOfCode(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(proxyFolder).sort())
    if (file.endsWith('.ts') && !file.endsWith('.test.ts'))
      hash.update(readFileSync(join(proxyFolder, file)));
  return hash.digest('hex').slice(0, 16);
}

function readRecord(runDirectory: string): ProxyRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(runDirectory, 'proxy.json'), 'utf8')) as ProxyRecord;
    if (isAlive(record)) return record;
  } catch {
    // None yet, or a crash cut it short.
  }
  return findUnrecorded(runDirectory);
}

/** The proxy of a start that was killed before it could write its record: known by its own pid file and its command line. */
function findUnrecorded(runDirectory: string): ProxyRecord | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(runDirectory, 'proxy.pid'), 'utf8'), 10);
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (!words.includes(configurationFileOf(runDirectory))) return undefined;
    return { ...processIdentity(pid), version: 'unknown', listen: { host: '', port: 0 } };
  } catch {
    return undefined;
  }
}

function configurationFileOf(runDirectory: string): string {
  return join(runDirectory, 'proxy-configuration.json');
}

/** True while an entry proxy of this Sovereign runs, so that its own port does not count as taken. */
export function isEntryProxyRunning(runDirectory: string): boolean {
  return readRecord(runDirectory) !== undefined;
}

/**
 * Makes sure that the entry proxy runs: adopts the one that does if its code is the same, else replaces it. It is detached and
 * outlives this process. Throws `PortTaken` with who has the port.
 */
export async function ensureEntryProxy(options: EntryProxyOptions): Promise<void> {
  const version = versionOfCode();
  const present = readRecord(options.runDirectory);
  if (
    present &&
    present.version === version &&
    present.listen.port === options.listen.port &&
    present.listen.host === options.listen.host &&
    (await answersSoon(present))
  )
    return;
  if (present) await endProcess(present, 3000);
  const { host, port } = options.listen;
  if (!(await isFree(host, port))) throw portTaken(port);
  const configuration: ProxyConfiguration = {
    listen: options.listen,
    controlPlaneSocket: options.controlPlaneSocket,
    routesFile: options.routesFile,
    pidFile: join(options.runDirectory, 'proxy.pid'),
    version,
  };
  const configurationFile = configurationFileOf(options.runDirectory);
  writeFileDurably(configurationFile, JSON.stringify(configuration));
  mkdirSync(options.logDirectory, { recursive: true, mode: 0o700 });
  const log = openSync(join(options.logDirectory, 'proxy.log'), 'a', 0o600);
  const child = spawn(
    process.execPath,
    [...proxyNodeFlags, join(proxyFolder, 'main.ts'), configurationFile],
    {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      env: {
        ...proxyEnvironment,
        PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      },
    },
  );
  closeSync(log);
  // Before it listens: a start that is killed from here on finds it again, and its port does not count as taken.
  const record: ProxyRecord = { ...processIdentity(child.pid ?? 0), version, listen: options.listen };
  writeFileDurably(join(options.runDirectory, 'proxy.json'), JSON.stringify(record));
  let exitCode: number | null | undefined;
  child.once('exit', (code) => {
    exitCode = code;
  });
  child.once('error', () => {
    exitCode = -1;
  });
  const until = Date.now() + startTimeoutMs;
  while (Date.now() < until && exitCode === undefined) {
    if (await answers(host, port)) {
      child.unref();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  if (exitCode === 3) throw portTaken(port);
  throw new CatalystError(
    'ProxyFailed',
    `The entry proxy did not start; see ${join(options.logDirectory, 'proxy.log')}.`,
  );
}

/** Whether a proxy that lives serves: a start may have been killed while it was on its way. */
async function answersSoon(record: ProxyRecord): Promise<boolean> {
  const until = Date.now() + startTimeoutMs;
  while (Date.now() < until && isAlive(record)) {
    if (await answers(record.listen.host, record.listen.port)) return true;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return false;
}

/** `fetch` cannot name another host than the address it connects to. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host, port, path: '/-/proxy', headers: { host: `localhost:${port}` }, timeout: 500, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

function portTaken(port: number): CatalystError {
  return new CatalystError(
    'PortTaken',
    `Port ${port} is taken by ${describeListener(port)}. The port of a Sovereign is kept for good, because it is part of saved addresses: stop what has it, and run ./catalyst up again.`,
  );
}

/** Stops the entry proxy of this Sovereign, if it runs. */
export async function stopEntryProxy(runDirectory: string): Promise<void> {
  const record = readRecord(runDirectory);
  if (record) await endProcess(record, 3000);
}
