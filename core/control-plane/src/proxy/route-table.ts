import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { basename, dirname } from 'node:path';
import type { EntryRoute } from '../ports/entry-routes.ts';
import { parseHost } from './hosts.ts';

const maxFileBytes = 32 * 1024 * 1024;
const maxText = 2000;

/** What a routes file says: the routes that can be served, and how many could not be read. */
export interface ParsedRoutes {
  readonly routes: ReadonlyMap<string, EntryRoute>;
  readonly refused: number;
}

/** Reads `{ version: 1, routes: [...] }`; `undefined` when the text is not such a table. One bad route does not hide the others. */
export function parseRoutes(text: string): ParsedRoutes | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(raw) || raw['version'] !== 1 || !Array.isArray(raw['routes'])) return undefined;
  const routes = new Map<string, EntryRoute>();
  let refused = 0;
  for (const entry of raw['routes']) {
    const route = parseRoute(entry);
    if (route === undefined) refused += 1;
    else routes.set(route.host, route);
  }
  return { routes, refused };
}

function parseRoute(raw: unknown): EntryRoute | undefined {
  if (!isRecord(raw) || !Array.isArray(raw['backends'])) return undefined;
  const target = parseHost(toText(raw['host']));
  if (target.kind !== 'application') return undefined;
  const backends: EntryRoute['backends'][number][] = [];
  for (const backend of raw['backends']) {
    if (!isRecord(backend)) return undefined;
    const { path, address, port } = backend;
    if (
      typeof path !== 'string' ||
      !path.startsWith('/') ||
      typeof address !== 'string' ||
      isIP(address) === 0
    )
      return undefined;
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
    backends.push({ path, address, port });
  }
  backends.sort((a, b) => b.path.length - a.path.length);
  return {
    host: target.host,
    application: toText(raw['application']),
    environment: toText(raw['environment']),
    backends,
    state: toText(raw['state']),
    message: toText(raw['message']),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, maxText) : '';
}

/** The backend with the longest path prefix, whole segments only: `/api` serves `/api/x` and not `/apix`. */
export function chooseBackend(route: EntryRoute, url: string): EntryRoute['backends'][number] | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? '/';
  return route.backends.find(
    ({ path: prefix }) => path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`),
  );
}

/** The routes of a file, kept up to date. */
export interface RouteTable {
  find(host: string): EntryRoute | undefined;
  size(): number;
  /** Looks at the file now. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Serves the routes of a file and follows its changes. A file that is bad or gone leaves the last good table in place:
 * Applications stay reachable while Catalyst is down or half installed.
 */
export async function createRouteTable(options: {
  path: string;
  /** How often the file is looked at even if no change was announced. */
  pollMs?: number;
  log: (message: string) => void;
}): Promise<RouteTable> {
  let routes: ReadonlyMap<string, EntryRoute> = new Map();
  let seen = '';
  let running: Promise<void> | undefined;
  let watcher: FSWatcher | undefined;

  const load = async (): Promise<void> => {
    const found = await stat(options.path, { bigint: true }).catch(() => undefined);
    const mark = found === undefined ? 'absent' : `${found.ino} ${found.mtimeNs} ${found.size}`;
    if (mark === seen) return;
    seen = mark;
    if (found === undefined) return options.log('the routes file is absent; the last table is kept');
    if (found.size > maxFileBytes) return options.log('the routes file is too large; the last table is kept');
    const parsed = parseRoutes(await readFile(options.path, 'utf8'));
    if (parsed === undefined) return options.log('the routes file cannot be read; the last table is kept');
    routes = parsed.routes;
    if (parsed.refused > 0) options.log(`${parsed.refused} routes cannot be served`);
  };
  const refresh = async (): Promise<void> => {
    while (running !== undefined) await running;
    running = load()
      .catch((error: unknown) => options.log(`the routes file cannot be read: ${String(error)}`))
      .finally(() => {
        running = undefined;
      });
    await running;
  };
  const startWatching = (): void => {
    try {
      // The folder, because the file is replaced and not written.
      watcher = watch(dirname(options.path), { persistent: false }, (_, name) => {
        if (name === null || name === basename(options.path)) void refresh();
      });
      watcher.on('error', () => {
        watcher?.close();
        watcher = undefined;
      });
    } catch {
      watcher = undefined;
    }
  };
  const timer = setInterval(() => {
    if (watcher === undefined) startWatching();
    void refresh();
  }, options.pollMs ?? 2000);
  timer.unref();
  startWatching();
  await refresh();
  return {
    find: (host) => routes.get(host),
    size: () => routes.size,
    refresh,
    close() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}
