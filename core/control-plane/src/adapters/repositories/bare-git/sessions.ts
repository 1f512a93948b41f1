import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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

/**
 * Passes a request body on, unpacked where it is packed. More than `maxBytes` ends the process; so does a body that breaks off.
 * What comes after Git has made up its mind is read and dropped: a client that is still sending does not hear the answer.
 */
export async function feed(session: Session, exchange: GitExchange, maxBytes: number): Promise<void> {
  const packed = exchange.contentEncoding === 'gzip' || exchange.contentEncoding === 'x-gzip';
  try {
    if (packed) await pipeline(exchange.body, createGunzip(), (chunks) => pass(session, chunks, maxBytes));
    else await pass(session, exchange.body, maxBytes);
    session.stdin.end();
  } catch {
    session.abort();
    session.stdin.destroy();
  }
}

async function pass(session: Session, chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<void> {
  const { stdin } = session;
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maximumDropped) throw new CatalystError(codes.TooLarge, 'The request is too large.');
    if (size > maxBytes) session.abort();
    else if (stdin.writable && !stdin.write(chunk)) await Promise.race([drained(stdin), session.ended]);
  }
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off('drain', done).off('close', done);
      resolve();
    };
    stdin.on('drain', done).on('close', done);
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
