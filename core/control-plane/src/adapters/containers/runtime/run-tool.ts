import { spawn } from 'node:child_process';
import { CatalystError, codes } from '@catalyst/model/problem.ts';

const outputLimit = 1024 * 1024;

/**
 * Runs a tool of the host without a shell and gives its standard output. Input goes through stdin, so that nothing shows in the
 * process list. Throws `Unavailable` where the tool is missing, fails or takes longer than `timeoutMs` (10 s).
 */
export function runTool(
  tool: string,
  args: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 10_000,
      killSignal: 'SIGKILL',
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' },
    });
    const output: Buffer[] = [];
    let size = 0;
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= outputLimit) output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 2000) errors += chunk.toString('utf8');
    });
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => reject(toolError(tool, cause.message, cause)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(toolError(tool, errors.trim().slice(0, 500) || `it ended with ${code ?? signal}`));
    });
    child.stdin.end(options.input ?? '');
  });
}

function toolError(tool: string, reason: string, cause?: unknown): CatalystError {
  return new CatalystError(codes.Unavailable, `${tool} failed: ${reason}.`, { cause, retry: 'later' });
}
