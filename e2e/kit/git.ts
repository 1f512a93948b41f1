import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sovereign } from './sovereign.ts';

/** What a git command said. */
export interface GitResult {
  readonly status: number | null;
  readonly output: string;
}

/** Runs real git as a person with a token would, without any configuration of this machine. */
export function git(directory: string, ...args: readonly string[]): GitResult {
  const result = spawnSync('git', ['-c', 'user.name=Omar', '-c', 'user.email=omar@example.net', ...args], {
    cwd: directory,
    encoding: 'utf8',
    timeout: 60_000,
    env: environmentOf(directory),
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

function environmentOf(directory: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

/** As `git`, while other things go on. */
export function gitMeanwhile(directory: string, ...args: readonly string[]): Promise<GitResult> {
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      ['-c', 'user.name=Omar', '-c', 'user.email=omar@example.net', ...args],
      { cwd: directory, timeout: 60_000, env: environmentOf(directory), maxBuffer: 16 * 1024 ** 2 },
      (_error, stdout, stderr) => resolve({ status: child.exitCode, output: `${stdout}${stderr}` }),
    );
  });
}

/** Clones an Application's repository; returns the work tree. */
export function clone(sovereign: Sovereign, token: string, repository: string, branch: string): string {
  const parent = mkdtempSync(join(tmpdir(), 'catalyst-clone-'));
  const result = git(
    parent,
    'clone',
    '--quiet',
    '--branch',
    branch,
    `http://me:${token}@localhost:${sovereign.port}/git/${repository}.git`,
    'work',
  );
  if (result.status !== 0) throw new Error(`clone: ${result.output}`);
  return join(parent, 'work');
}

/** Commits everything and pushes; gives what the terminal showed. */
export function commitAndPush(directory: string, message: string): GitResult {
  git(directory, 'add', '-A');
  const committed = git(directory, 'commit', '--quiet', '-m', message);
  if (committed.status !== 0) throw new Error(`commit: ${committed.output}`);
  return git(directory, 'push', '--quiet');
}
