import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'core/control-plane/src/main.ts');

/** A real Sovereign, started as a user would, in a data folder of its own. */
export interface Sovereign {
  readonly dataDirectory: string;
  readonly port: number;
  readonly url: string;
  /** What it printed since it was last started. */
  output(): string;
  /** Starts it and waits until it serves. */
  up(): Promise<void>;
  /** SIGINT, as Ctrl-C; Applications go on. */
  interrupt(): Promise<void>;
  /** SIGKILL of the control plane, at once. */
  kill(): Promise<void>;
  /** Stops everything, Applications too. */
  down(): Promise<void>;
  /** `down`, then removes the data folder. */
  destroy(): Promise<void>;
  /** Process id of the control plane. */
  pid(): number;
  /** Process ids of the entry proxy and of nats-server. */
  children(): number[];
  /** The set-up link that it printed. */
  setupToken(): string;
}

/** A free port of this machine, as of now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Prepares a Sovereign without starting it. Mirrors map image names to local ones. */
export async function createSovereign(
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    /** A folder of its own in the system's temporary one unless told. */
    readonly dataDirectory?: string;
    /** Further arguments of `up`. */
    readonly arguments?: readonly string[];
  } = {},
): Promise<Sovereign> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'catalyst-e2e-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  let output = '';

  async function run(...args: readonly string[]): Promise<number | null> {
    const process_ = spawn(process.execPath, [main, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: environment(),
    });
    const [code] = (await once(process_, 'exit')) as [number | null];
    return code;
  }

  function environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      CATALYST_LOG_LEVEL: process.env['CATALYST_LOG_LEVEL'] ?? 'warn',
      ...options.environment,
    };
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  const sovereign: Sovereign = {
    dataDirectory,
    port,
    url: `http://localhost:${port}`,
    output: () => output,
    async up() {
      output = '';
      const words = ['up', '--data', dataDirectory, '--port', String(port), ...(options.arguments ?? [])];
      const started = spawn(process.execPath, [main, ...words], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: environment(),
      });
      child = started;
      const collect = (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-200_000);
        if (process.env['CATALYST_E2E_VERBOSE']) process.stderr.write(chunk);
      };
      started.stdout.on('data', collect);
      started.stderr.on('data', collect);
      const until = Date.now() + 30_000;
      while (Date.now() < until) {
        if (started.exitCode !== null || started.signalCode !== null)
          throw new Error(`up ended with ${started.exitCode ?? started.signalCode}:\n${output}`);
        // The set-up link is printed after it began to serve.
        const printed = output.includes('Ctrl-C stops Catalyst');
        if (
          printed &&
          (await fetchLocal(port, 'localhost', '/readyz').catch(() => undefined))?.status === 200
        )
          return;
        await wait(30);
      }
      throw new Error(`not ready after 30 s:\n${output}`);
    },
    interrupt: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    async down() {
      const code = await run('down', '--data', dataDirectory);
      if (code !== 0) throw new Error(`down ended with ${code}`);
    },
    async destroy() {
      if (existsSync(dataDirectory)) await sovereign.down().catch((error: unknown) => console.error(error));
      await end('SIGKILL');
      rmSync(dataDirectory, { recursive: true, force: true });
    },
    pid: () => child?.pid ?? 0,
    children() {
      const { sovereignId } = JSON.parse(readFileSync(join(dataDirectory, 'settings.json'), 'utf8')) as {
        sovereignId: string;
      };
      return ['proxy.pid', 'nats.pid'].map((file) =>
        Number.parseInt(readFileSync(`/run/catalyst-${sovereignId}/${file}`, 'utf8'), 10),
      );
    },
    setupToken() {
      const match = /\/setup[#?]token=([\w-]+)/.exec(output);
      if (!match?.[1]) throw new Error(`no set-up link in:\n${output}`);
      return match[1];
    },
  };
  return sovereign;
}

/** Runs the launcher's program to its end, as for an `up` that must not succeed; ends it after 20 s. */
export async function runCatalyst(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    env: { ...process.env, CATALYST_LOG_LEVEL: 'warn' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** Reads a file below the data folder. */
export function readData(sovereign: Sovereign, path: string): string {
  return readFileSync(join(sovereign.dataDirectory, path), 'utf8');
}

/** A response read whole. */
export interface LocalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** HTTP to 127.0.0.1 under any host name: `*.localhost` may not resolve outside browsers. */
export async function fetchLocal(
  port: number,
  host: string,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<LocalResponse> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: `${host}:${port}`, ...options.headers },
        timeout: options.timeoutMs ?? 10_000,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    call.once('timeout', () => call.destroy(new Error('timed out')));
    call.once('error', reject);
    call.end(options.body);
  });
}
