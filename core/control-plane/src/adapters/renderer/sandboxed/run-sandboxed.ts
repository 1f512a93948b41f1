import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { CatalystError, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { limits } from './limits.ts';

/** One run of a tool: its only view of the machine is the binary and the input folder, at `/input`. */
export interface SandboxedRun {
  readonly bwrap: string;
  readonly prlimit: string;
  readonly tool: string;
  readonly input: string;
  readonly args: readonly string[];
}

function commandOf(run: SandboxedRun): string[] {
  return [
    `--as=${limits.addressSpaceBytes}`,
    `--cpu=${limits.cpuSeconds}`,
    `--nproc=${limits.processes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.temporaryBytes}`,
    '--core=0',
    '--',
    run.bwrap,
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    '--clearenv',
    '--cap-drop',
    'ALL',
    '--uid',
    '65534',
    '--gid',
    '65534',
    '--hostname',
    'sandbox',
    '--ro-bind',
    run.tool,
    '/tool',
    '--ro-bind',
    run.input,
    '/input',
    '--size',
    String(limits.temporaryBytes),
    '--tmpfs',
    '/tmp',
    '--remount-ro',
    '/',
    '--chdir',
    '/tmp',
    '--setenv',
    'HOME',
    '/tmp',
    '--setenv',
    'GOMAXPROCS',
    '1',
    '--setenv',
    'GOMEMLIMIT',
    '512MiB',
    '--json-status-fd',
    '3',
    '--',
    '/tool',
    ...run.args,
  ];
}

interface Collected {
  readonly chunks: Buffer[];
  bytes: number;
}

function collect(stream: Readable, limit: number, overflow: () => void): Collected {
  const collected: Collected = { chunks: [], bytes: 0 };
  stream.on('data', (chunk: Buffer) => {
    collected.bytes += chunk.length;
    if (collected.bytes <= limit) collected.chunks.push(chunk);
    else overflow();
  });
  stream.on('error', () => undefined);
  return collected;
}

const textOf = (collected: Collected) => Buffer.concat(collected.chunks).toString('utf8');

/**
 * Runs a tool in its sandbox and answers what it printed. `RenderTimeout`, `RenderLimit` and `RenderFailed` are values; throws
 * `Unavailable` when the sandbox itself cannot be made. Nothing of the run outlives it: the whole process group is killed at 10 s.
 */
export function runSandboxed(run: SandboxedRun): Promise<Result<string>> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.prlimit, commandOf(run), {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: {},
      detached: true,
      cwd: '/',
    });
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    let ended: Problem | undefined;
    const end = (problem: Problem) => {
      ended ??= problem;
      kill();
    };
    const timer = setTimeout(() => end(timeout), limits.timeMs);
    // Given as `stdio` above: the types know pipes only up to the third.
    const [, stdoutStream, stderrStream, statusStream] = child.stdio as unknown as [
      null,
      Readable,
      Readable,
      Readable,
    ];
    const stdout = collect(stdoutStream, limits.outputBytes, () => end(tooMuchOutput));
    const stderr = collect(stderrStream, limits.stderrBytes, () => undefined);
    const status = collect(statusStream, 64 * 1024, kill);
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(unavailable(`${run.prlimit} could not be started.`, cause));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (ended !== undefined) resolve(refused(ended));
      else if (!textOf(status).includes('"child-pid"')) reject(unavailable(textOf(stderr).slice(0, 300)));
      else if (code === 0) resolve(ok(textOf(stdout)));
      else resolve(refused(problemOf(code, signal, textOf(stderr))));
    });
  });
}

const timeout: Problem = {
  code: 'RenderTimeout',
  message: `The render took more than ${limits.timeMs / 1000} seconds and was ended.`,
};
const tooMuchOutput: Problem = {
  code: 'RenderLimit',
  message: `The render printed more than ${limits.outputBytes} bytes.`,
};
const tooMuchMemory: Problem = {
  code: 'RenderLimit',
  message: 'The render needed more memory than it may use.',
};

function unavailable(reason: string, cause?: unknown): CatalystError {
  return new CatalystError(
    'Unavailable',
    `Charts cannot be rendered: the sandbox does not start (${reason.trim()}). Install bubblewrap and util-linux (Debian: apt-get install bubblewrap util-linux), and allow user namespaces.`,
    { retry: 'later', ...(cause === undefined ? {} : { cause }) },
  );
}

function problemOf(code: number | null, signal: NodeJS.Signals | null, stderr: string): Problem {
  if (
    /runtime: out of memory|cannot allocate memory|failed to (?:reserve|create new OS thread)|pthread_create failed/.test(
      stderr,
    )
  )
    return tooMuchMemory;
  // 128 + SIGXCPU, 128 + SIGKILL: the kernel's own limits.
  if (signal !== null || code === 152 || code === 137) return timeout;
  return {
    code: 'RenderFailed',
    message: shorten(stderr) || `The tool ended with code ${code ?? 'unknown'}.`,
  };
}

/** The tool's own words, bounded, with our paths removed. */
function shorten(stderr: string): string {
  const text = stderr
    .replace(/\/input\/(?:chart\/|files\/)?/g, '')
    // Control characters could forge lines of a terminal or a log.
    .replace(/(?![\n\t])\p{Cc}/gu, ' ')
    .trim();
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
