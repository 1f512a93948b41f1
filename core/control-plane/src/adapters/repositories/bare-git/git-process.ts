import { type ChildProcess, spawn } from 'node:child_process';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { GitEnvironment, ProcessEnvironment } from './git-environment.ts';

/** What a finished Git command gave. */
export interface GitOutput {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Bounds of one command. */
export interface GitRunOptions {
  readonly environment?: ProcessEnvironment;
  /** 30 s unless told; then it is killed and `Unavailable` thrown. */
  readonly timeoutMs?: number;
  /** 16 MB unless told; more is `TooLarge`. */
  readonly maxOutputBytes?: number;
}

/** Runs one Git command in a repository to its end. Every argument that a stranger chose must follow `--end-of-options` or `--`. */
export function runGit(
  git: GitEnvironment,
  directory: string,
  args: readonly string[],
  options: GitRunOptions = {},
): Promise<GitOutput> {
  const { timeoutMs = 30_000, maxOutputBytes = 16 * 1024 * 1024 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(git.git, ['--git-dir', directory, ...args], {
      cwd: directory,
      env: { ...git.variables, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let failure: CatalystError | undefined;
    const stop = (error: CatalystError) => {
      failure ??= error;
      killGroup(child, 'SIGKILL');
    };
    const timer = setTimeout(
      () => stop(new CatalystError(codes.Unavailable, 'Git took too long.', { retry: 'later' })),
      timeoutMs,
    );
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) stop(new CatalystError(codes.TooLarge, 'Git found more than is allowed.'));
      else chunks.push(chunk);
    });
    const stderr = collectText(child);
    child.on('error', (error) => stop(toSpawnError(error)));
    child.on('close', (status) => {
      clearTimeout(timer);
      if (failure) reject(failure);
      else resolve({ status: status ?? -1, stdout: Buffer.concat(chunks), stderr: stderr() });
    });
  });
}

/** Keeps the first 4 kB of what a process says on stderr. */
export function collectText(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < 4096) text = (text + chunk).slice(0, 4096);
  });
  return () => text;
}

/** Ends a process that was started detached, with all that it started. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between.
  }
}

/** A Git that cannot be started is not the caller's fault. */
export function toSpawnError(error: unknown): CatalystError {
  return new CatalystError(codes.Unavailable, 'Git cannot be started.', { cause: error, retry: 'later' });
}
