import { servicePool } from './filter-rules.ts';
import { rangeOf } from './networks.ts';
import { runTool } from './run-tool.ts';

/**
 * Makes sure that this host finds any way at all to Service addresses: without one (an offline machine has no default route) a
 * connection fails before the packet filter can send it to an endpoint. The route that we add goes again when another one covers it.
 */
export async function ensurePoolRoute(): Promise<void> {
  const change = poolRouteChange(await runTool('ip', ['-4', 'route', 'show']));
  if (change) await runTool('ip', ['-4', 'route', change, servicePool, 'dev', 'lo']);
}

/** What to do to the routes that `ip route show` printed. Pure. */
export function poolRouteChange(routes: string): 'replace' | 'del' | undefined {
  const pool = rangeOf(servicePool);
  const lines = routes.split('\n').map((line) => line.trim());
  const own = lines.some((line) => line.startsWith(`${servicePool} dev lo`));
  const covered = lines.some((line) => {
    if (line.startsWith('default ')) return true;
    const range = rangeOf(line.split(' ')[0] ?? '');
    return !line.includes(' dev lo') && pool && range && range.from <= pool.from && range.to >= pool.to;
  });
  if (covered) return own ? 'del' : undefined;
  return own ? undefined : 'replace';
}
