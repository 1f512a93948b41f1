import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (field 22 of /proc/<pid>/stat), with the boot id. */
  readonly started: string;
}

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets itself; fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Identity of a living process. */
export function processIdentity(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) ?? '' };
}

/** True while exactly that process lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.started !== '' && startOf(identity.pid) === identity.started;
}

/** Sends SIGTERM, waits, then SIGKILL. True when the process is gone. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<boolean> {
  const waitUntilGone = async (ms: number): Promise<boolean> => {
    const until = Date.now() + ms;
    while (isAlive(identity) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 25));
    return !isAlive(identity);
  };
  for (const [signal, ms] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 2000],
  ] as const) {
    if (!isAlive(identity)) return true;
    try {
      process.kill(identity.pid, signal);
    } catch {
      return !isAlive(identity);
    }
    if (await waitUntilGone(ms)) return true;
  }
  return false;
}
