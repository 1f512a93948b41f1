import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type DockerClient from 'dockerode';
import type { Logger } from '../../../ports/logger.ts';
import { Docker } from './dockerode.ts';

/** What is known of the engine behind the socket. */
export interface EngineInfo {
  readonly kind: 'podman' | 'docker';
  readonly version: string;
}

/** The Docker API of the engine, with bounded times and errors translated once. */
export interface Engine {
  /** The client for the present socket. */
  docker(): DockerClient;
  socketPath(): string;
  /** Asks once and remembers until `forget`. Throws `Unavailable`. */
  info(): Promise<EngineInfo>;
  forget(): void;
  /**
   * Runs one call with a time limit. Throws `Unavailable` when the engine does not answer, `NotFound` (404), `Conflict`
   * (409), `AlreadyDone` (304) and `EngineFailed` with the engine's words for everything else. A call that takes more than 5 s
   * longer than `expectedMs` (0 unless told) is logged.
   */
  call<T>(
    what: string,
    timeoutMs: number,
    run: (docker: DockerClient, signal: AbortSignal) => Promise<T>,
    expectedMs?: number,
  ): Promise<T>;
}

const slowMs = 5_000;

/** Makes the engine client. `socketPath` may change while Catalyst runs (an engine that appears later). */
export function createEngine(options: {
  socketPath: () => string;
  logger?: Pick<Logger, 'warn'>;
  /** Milliseconds above what is expected from which a call is slow; 5,000 unless told. */
  slowMs?: number;
}): Engine {
  let client: { path: string; docker: DockerClient } | undefined;
  let known: Promise<EngineInfo> | undefined;

  function docker(): DockerClient {
    const path = options.socketPath();
    if (client?.path !== path) {
      client = { path, docker: new Docker({ socketPath: path, version: 'v1.41' }) };
      known = undefined;
    }
    return client.docker;
  }

  async function call<T>(
    what: string,
    timeoutMs: number,
    run: (docker: DockerClient, signal: AbortSignal) => Promise<T>,
    expectedMs = 0,
  ): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    const started = performance.now();
    try {
      return await withSignal(run(docker(), signal), signal, timeoutMs);
    } catch (error) {
      throw engineError(what, error, options.socketPath());
    } finally {
      const tookMs = Math.round(performance.now() - started);
      if (tookMs >= expectedMs + (options.slowMs ?? slowMs))
        options.logger?.warn({ call: what, tookMs, timeoutMs }, 'The container engine is slow');
    }
  }

  return {
    docker,
    socketPath: options.socketPath,
    call,
    forget: () => {
      known = undefined;
    },
    info: () => {
      docker();
      known ??= call('ask the engine for its version', 5_000, async (client) =>
        engineInfo(await client.version()),
      ).catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    },
  };
}

function engineInfo(version: { Version: string; Components?: { Name: string }[] | undefined }): EngineInfo {
  const podman = version.Components?.some((component) => component.Name.startsWith('Podman')) ?? false;
  return { kind: podman ? 'podman' : 'docker', version: version.Version };
}

function withSignal<T>(promise: Promise<T>, signal: AbortSignal, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new TimedOut(timeoutMs));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Tells an engine that is slow from one that is away. */
class TimedOut extends Error {
  readonly seconds: number;
  constructor(timeoutMs: number) {
    super('timed out');
    this.seconds = Math.ceil(timeoutMs / 1000);
  }
}

const connectionErrors = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES', 'ENOTSOCK']);

const alreadyDoneCode = 'AlreadyDone';

/** A `catch` that takes "it is so already" as success and passes everything else on. */
export function alreadyDone<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof CatalystError && error.code === alreadyDoneCode) return value;
    throw error;
  };
}

/** Translates what the client throws; exported for tests. */
export function engineError(what: string, error: unknown, socketPath: string): CatalystError {
  if (error instanceof CatalystError) return error;
  const fields = (typeof error === 'object' && error !== null ? error : {}) as {
    statusCode?: unknown;
    code?: unknown;
    name?: unknown;
    json?: unknown;
    message?: unknown;
  };
  if (error instanceof TimedOut)
    return new CatalystError(
      codes.Unavailable,
      `Cannot ${what}: the container engine at ${socketPath} does not answer within ${error.seconds} s.`,
      { cause: error, retry: 'later' },
    );
  const status = typeof fields.statusCode === 'number' ? fields.statusCode : undefined;
  if (status === undefined && isConnectionError(fields))
    return new CatalystError(
      codes.Unavailable,
      `Cannot ${what}: the container engine at ${socketPath} does not answer.`,
      { cause: error, retry: 'later' },
    );
  const message = `Cannot ${what}: ${engineWords(fields)}`;
  if (status === 304) return new CatalystError(alreadyDoneCode, message, { cause: error });
  if (status === 404) return new CatalystError(codes.NotFound, message, { cause: error });
  // Podman answers 500 where the name is taken.
  if (status === 409 || message.includes('is already in use'))
    return new CatalystError(codes.Conflict, message, { cause: error, retry: 'later' });
  return new CatalystError('EngineFailed', message, { cause: error, retry: 'later' });
}

function isConnectionError(fields: {
  code?: unknown;
  name?: unknown;
  cause?: unknown;
  message?: unknown;
}): boolean {
  return (
    (typeof fields.code === 'string' && connectionErrors.has(fields.code)) ||
    fields.name === 'AbortError' ||
    fields.message === 'socket hang up'
  );
}

/** The engine's own words: one line, at most 400 characters. */
function engineWords(fields: { json?: unknown; message?: unknown }): string {
  const json = fields.json as { message?: unknown } | null | undefined;
  const words = typeof json?.message === 'string' ? json.message : fields.message;
  const line = (typeof words === 'string' ? words : 'unknown error').replaceAll(/\s+/g, ' ').trim();
  return `${line.slice(0, 400)}${line.endsWith('.') ? '' : '.'}`;
}
