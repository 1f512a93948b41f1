import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, Readable, type Transform, type Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { GitExchange } from '../../../ports/repositories.ts';
import type { GitEnvironment } from './git-environment.ts';
import { collectText, killGroup, toSpawnError } from './git-process.ts';

/** What is read of a request that was refused before its end. */
const maximumDropped = 4 * 1024 ** 3;

/** A Git process that serves one request. */
export interface Session {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  /** Stops it, unless what it does may no longer be interrupted. */
  abort(): void;
  /** From now on only its own end, or the time limit, ends it. */
  protect(): void;
}

/** Bounds and surroundings of a session. */
export interface SessionOptions {
  readonly git: GitEnvironment;
  readonly logger: Logger;
  readonly directory: string;
  readonly args: readonly string[];
  readonly protocol?: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Starts one. Descriptors 3 and 4 are pipes for its hook. */
export function startSession(options: SessionOptions): Session {
  const { git, protocol, signal, timeoutMs, directory } = options;
  const child = spawn(git.git, [...options.args, directory], {
    cwd: directory,
    env: { ...git.variables, ...(protocol === undefined ? {} : { GIT_PROTOCOL: protocol }) },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const stderr = collectText(child);
  let isProtected = false;
  const kill = () => {
    // SIGTERM lets Git remove its quarantine.
    killGroup(child, 'SIGTERM');
    setTimeout(() => killGroup(child, 'SIGKILL'), 2000).unref();
  };
  const abort = () => {
    if (!isProtected) kill();
  };
  const timer = setTimeout(kill, timeoutMs);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve();
    };
    child.once('exit', (status, by) => {
      if (status !== 0)
        options.logger.debug({ status, by, stderr: stderr() }, `${options.args[0]} ended early`);
      end();
    });
    child.once('error', end);
  });
  for (const stream of child.stdio) stream?.on('error', () => undefined);
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw toSpawnError(undefined);
  return {
    child,
    stdin,
    stdout,
    ended,
    abort,
    protect() {
      isProtected = true;
    },
  };
}

/** What a request body must bring, and may. */
export interface BodyLimits {
  /** More ends the process. Counted as Git gets it. */
  readonly maxBytes: number;
  /** A client that we wait for so long without getting `leastBytes` is told that it is too slow. */
  readonly slowMs: number;
  readonly leastBytes: number;
}

/**
 * Passes a request body on, unpacked where it is packed. A body that is too large, too slow or breaks off ends the process; why it
 * was refused is answered. What comes after the process has ended is read and dropped as it is: a client that is still sending does not
 * hear the answer.
 */
export async function feed(
  session: Session,
  exchange: GitExchange,
  limits: BodyLimits,
): Promise<CatalystError | undefined> {
  const packed = exchange.contentEncoding === 'gzip' || exchange.contentEncoding === 'x-gzip';
  const intake: Transform = packed ? createGunzip() : new PassThrough();
  intake.on('error', () => undefined);
  let hasEnded = false;
  void session.ended.then(() => {
    hasEnded = true;
    intake.destroy();
  });
  const passed = pass(session, intake, limits.maxBytes);
  passed.catch(() => session.abort());
  let dropped = 0;
  try {
    for await (const chunk of inTime(exchange.body, limits))
      if (!intake.destroyed) await writeTo(intake, chunk);
      else {
        dropped += chunk.length;
        if (dropped > maximumDropped) throw new CatalystError(codes.TooLarge, 'The request is too large.');
      }
    intake.end();
    await passed;
    session.stdin.end();
    return undefined;
  } catch (error) {
    session.abort();
    session.stdin.destroy();
    intake.destroy();
    // The answer is out: nobody needs to hear why.
    if (hasEnded && exchange.body instanceof Readable) exchange.body.destroy();
    return error instanceof CatalystError ? error : undefined;
  }
}

/** Gives Git what came; rejects for what is no gzip, and for too much of it. Once Git has ended, that is all. */
async function pass(session: Session, intake: Transform, maxBytes: number): Promise<void> {
  const { stdin } = session;
  let size = 0;
  try {
    for await (const chunk of intake as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > maxBytes) return session.abort();
      if (stdin.writable && !stdin.write(chunk)) await Promise.race([roomIn(stdin), session.ended]);
    }
  } catch (error) {
    if (intake.errored) throw error;
  }
}

/** A body as it comes. Only the time that the client lets us wait counts, not that for which Git does. */
async function* inTime(
  body: AsyncIterable<Uint8Array>,
  { slowMs, leastBytes }: BodyLimits,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  let leftMs = slowMs;
  for (let got = 0; ; ) {
    const since = performance.now();
    const next = await within(chunks.next(), leftMs);
    if (next === undefined)
      throw new CatalystError(
        codes.TooSlow,
        `Less than ${leastBytes} bytes came in ${slowMs / 1000} s. Try again over a better line.`,
      );
    if (next.done) return;
    leftMs -= performance.now() - since;
    got += next.value.length;
    if (got >= leastBytes) {
      got = 0;
      leftMs = slowMs;
    }
    yield next.value;
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function writeTo(intake: Transform, chunk: Uint8Array): Promise<void> {
  if (!intake.write(chunk)) await roomIn(intake);
}

function roomIn(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** A pipe of the hook. */
export function hookPipe(session: Session, descriptor: 3 | 4): Readable & Writable {
  const pipe = session.child.stdio[descriptor];
  // The types say one direction; Node makes every such pipe a socket.
  return pipe as unknown as Readable & Writable;
}

/** True for encodings that we unpack. */
export function isAcceptedEncoding(encoding: string | undefined): boolean {
  return encoding === undefined || ['gzip', 'x-gzip', 'identity', ''].includes(encoding);
}
