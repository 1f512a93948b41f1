import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentBranches } from './hostile-names.ts';

/** Environment of a process: nothing is inherited but what stands here. */
export type ProcessEnvironment = Readonly<Record<string, string>>;

/** What every Git process of ours runs with. */
export interface GitEnvironment {
  readonly git: string;
  readonly variables: ProcessEnvironment;
  /** Whether it knows `proc-receive` (Git 2.29 and later). */
  readonly hasProcReceive: boolean;
}

/** Makes the one configuration file and the one hook that Git reads, below `<root>/.git-home`. */
export function prepareGitEnvironment(root: string, git: string, maxInputBytes: number): GitEnvironment {
  const home = join(root, '.git-home');
  const hooks = join(home, 'hooks');
  mkdirSync(hooks, { recursive: true, mode: 0o700 });
  const config = join(home, 'config');
  const version = versionOf(git);
  writeFileSync(config, configuration(hooks, maxInputBytes, fsyncSetting(version)), { mode: 0o600 });
  for (const [name, script] of Object.entries({
    'pre-receive': preReceiveHook,
    'proc-receive': procReceiveHook,
  })) {
    writeFileSync(join(hooks, name), script, { mode: 0o700 });
    chmodSync(join(hooks, name), 0o700);
  }
  return {
    git,
    hasProcReceive: version >= 2.029,
    variables: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      HOME: home,
      XDG_CONFIG_HOME: home,
      LANG: 'C',
      LC_ALL: 'C',
      TZ: 'UTC',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: config,
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
    },
  };
}

/** 2.036 for Git 2.36.1; taken for new where it does not say. */
function versionOf(git: string): number {
  const { stdout } = spawnSync(git, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const [, major = '2', minor = '999'] = /git version (\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major) + Number(minor) / 1000;
}

/** Git before 2.36 knows one setting for durable objects; each later one warns of it, on the terminal of whoever pushes. */
function fsyncSetting(version: number): string {
  return version < 2.036 ? 'fsyncObjectFiles = true' : 'fsync = all\n\tfsyncMethod = fsync';
}

/**
 * Garbage collection never starts by itself: it would compete with pushes at a moment of its own choice. What is pushed stays a
 * pack: to flush one is a matter of two files, to flush loose objects one of as many as there are.
 */
function configuration(hooks: string, maxInputBytes: number, fsync: string): string {
  return `[safe]
\tdirectory = *
[core]
\thooksPath = ${JSON.stringify(hooks)}
\t${fsync}
\tlogAllRefUpdates = false
\tprotectHFS = true
\tprotectNTFS = true
[gc]
\tauto = 0
[maintenance]
\tauto = false
[transfer]
\tfsckObjects = true
\thideRefs = refs/catalyst
[receive]
\tautogc = false
\tunpackLimit = 1
${[...environmentBranches].map((ref) => `\tprocReceiveRefs = am:${ref}`).join('\n')}
\tfsckObjects = true
\tmaxInputSize = ${maxInputBytes}
\tadvertisePushOptions = true
\tdenyDeletes = false
\tdenyNonFastForwards = false
[uploadpack]
\tallowFilter = true
[pack]
\tthreads = 1
\twindowMemory = 64m
[protocol]
\tversion = 2
`;
}

/**
 * Passes what is about to move to us (descriptor 3) and waits for the verdict (descriptor 4). Options come last, so that a line
 * break in one cannot pass for a ref. When we are gone, the read ends and the push is refused.
 */
const preReceiveHook = `#!/bin/sh
break='
'
{
  printf 'quarantine %s\\n' "$GIT_QUARANTINE_PATH"
  printf 'objects %s\\n' "$GIT_OBJECT_DIRECTORY"
  printf 'alternates %s\\n' "$GIT_ALTERNATE_OBJECT_DIRECTORIES"
  while read -r old new ref; do printf 'ref %s %s %s\\n' "$old" "$new" "$ref"; done
  printf 'options %s\\n' "\${GIT_PUSH_OPTION_COUNT:-0}"
  at=0
  while [ "$at" -lt "\${GIT_PUSH_OPTION_COUNT:-0}" ] && [ "$at" -lt 16 ]; do
    eval "option=\\$GIT_PUSH_OPTION_$at"
    case "$option" in *"$break"*) option='with a line break' ;; esac
    printf '%s\\n' "$option"
    at=$((at + 1))
  done
  printf 'end\\n'
} >&3
while IFS= read -r line <&4; do
  case "$line" in
    accept) exit 0 ;;
    refuse) exit 1 ;;
    *) printf '%s\\n' "\${line#?}" >&2 ;;
  esac
done
printf 'The server was stopped before it could decide. Push again.\\n' >&2
exit 1
`;

/**
 * Says that new objects have left quarantine, and passes our answer on. What Git asks is what `pre-receive` was told; it is read
 * to its end only so that Git can write it.
 */
const procReceiveHook = `#!/bin/sh
printf 'proc-receive\\n' >&3
printf '000eversion=1\\n0000'
while IFS= read -r line <&4; do
  case "$line" in
    =*) printf '%s\\n' "\${line#?}" ;;
    done)
      printf '0000'
      while read -r _; do :; done
      exit 0 ;;
    *) printf '%s\\n' "\${line#?}" >&2 ;;
  esac
done
printf 'The server was stopped before it could answer. Push again.\\n' >&2
exit 1
`;
