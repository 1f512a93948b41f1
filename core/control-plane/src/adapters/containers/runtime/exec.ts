import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Engine } from './engine.ts';
import { demultiplex } from './frames.ts';

const outputLimit = 64 * 1024;

/** Exit code of a command that was killed because it took too long, as `timeout` gives it. */
export const timedOutCode = 124;

/**
 * Runs a command in a running container. Output is cut at 64 kB; after `timeoutMs` the command is killed and the exit code is 124.
 * Throws `NotFound` when the container is gone and `Conflict` when it does not run.
 */
export async function execIn(
  engine: Engine,
  containerId: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<{ exitCode: number; output: string }> {
  const exec = await engine.call('run a command', 15_000, (docker) =>
    docker
      .getContainer(containerId)
      .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: false }),
  );
  const stream = await engine.call('run a command', 15_000, () => exec.start({ hijack: true, stdin: false }));
  const read = await readBounded(stream, timeoutMs);
  const state = await engine.call('read the result of a command', 15_000, () => exec.inspect());
  if (!read.timedOut) return { exitCode: state.ExitCode ?? -1, output: read.output };
  await killProcess(state.Pid, containerId);
  return { exitCode: timedOutCode, output: `${read.output}\nThe command took longer than ${timeoutMs} ms.` };
}

async function readBounded(
  stream: Duplex,
  timeoutMs: number,
): Promise<{ output: string; timedOut: boolean }> {
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stream.destroy();
  }, timeoutMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const frame of demultiplex(stream)) {
      if (size < outputLimit) chunks.push(frame.data);
      size += frame.data.length;
    }
  } catch (cause) {
    if (!timedOut)
      throw new CatalystError(codes.Unavailable, 'Cannot run a command: the engine broke the connection.', {
        cause,
        retry: 'later',
      });
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
  return { output: Buffer.concat(chunks).subarray(0, outputLimit).toString('utf8'), timedOut };
}

/** The engine has no call to end a command; its process on this host is ours only while it is in that container. */
async function killProcess(pid: number | undefined, containerId: string): Promise<void> {
  if (!pid || pid < 2) return;
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  if (!groups.includes(containerId)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}
