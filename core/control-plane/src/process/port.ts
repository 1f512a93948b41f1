import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { CatalystError } from '@catalyst/model/problem.ts';

const firstPort = 7070;
const lastPort = 7170;

/** True when the port can be listened on now. */
export async function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first free port from 7070. Throws `PortTaken` when a hundred are taken. */
export async function findFreePort(host: string): Promise<number> {
  for (let port = firstPort; port <= lastPort; port += 1) if (await isFree(host, port)) return port;
  throw new CatalystError(
    'PortTaken',
    `No port from ${firstPort} to ${lastPort} is free. Choose one with --port.`,
  );
}

/** Who listens on a port, in words, as far as the system tells. */
export function describeListener(port: number): string {
  try {
    const lines = execFileSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8', timeout: 2000 });
    const match = /users:\(\("([^"]+)",pid=(\d+)/.exec(lines);
    return match ? `${programOf(match[2] ?? '') ?? match[1]} (process ${match[2]})` : 'another process';
  } catch {
    return 'another process';
  }
}

/** The program itself: what `ss` prints is the name of a thread, which Node calls `MainThread`. */
function programOf(pid: string): string | undefined {
  try {
    const [program = '', script = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return script.endsWith('/src/proxy/main.ts') ? 'another Catalyst' : basename(program) || undefined;
  } catch {
    return undefined;
  }
}
