import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repeat } from './table.ts';

/** What makes a commit of Git's own tools as durable as one of Catalyst's. */
export const durable = ['-c', 'core.fsync=all', '-c', 'core.fsyncMethod=fsync'];

/** Runs a program to its end; throws with what it said when it fails. */
export function run(command: string, args: readonly string[], cwd: string, input?: string): void {
  const result = spawnSync(command, [...args], {
    cwd,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
}

function toStream(index: number): string {
  const content = `replicas: ${index}\n`;
  const from = index > 0 ? 'from refs/heads/main^0\n' : '';
  return `commit refs/heads/main\ncommitter bench <bench@example.net> ${1_700_000_000 + index} +0000\ndata 5\nbench\n${from}M 100644 inline values.yaml\ndata ${content.length}\n${content}\n`;
}

/** Raw durable commits with `git fast-import`, a fresh process each: milliseconds per commit. */
export async function rawCommitMs(count: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-bench-'));
  try {
    run('git', ['init', '--quiet', '--bare', folder], tmpdir());
    return await repeat(count, (index) =>
      run('git', [...durable, 'fast-import', '--quiet'], folder, toStream(index)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Creating a bare repository and its first durable commit. */
export async function rawRepositoryMs(count: number): Promise<number[]> {
  const parent = mkdtempSync(join(tmpdir(), 'catalyst-bench-'));
  try {
    return await repeat(count, (index) => {
      const folder = join(parent, String(index));
      run('git', ['init', '--quiet', '--bare', '--template=', folder], tmpdir());
      run('git', [...durable, 'fast-import', '--quiet'], folder, toStream(0));
    });
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}
