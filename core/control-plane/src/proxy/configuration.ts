import { isAbsolute } from 'node:path';

/** How one entry proxy runs; written by the control plane, read once at start. */
export interface ProxyConfiguration {
  readonly listen: { readonly host: string; readonly port: number };
  /** Unix socket of the control plane's HTTP server. */
  readonly controlPlaneSocket: string;
  /** The table that a file `EntryRoutes` writes. It may not exist yet. */
  readonly routesFile: string;
  readonly pidFile: string;
  /** Told at `GET /-/proxy`, so that a newer control plane can tell an older proxy. */
  readonly version: string;
}

/**
 * How to start Node for the proxy: small young generation and one allocation arena, which together save a third of its
 * memory under load, and room for 4,000 connections.
 */
export const proxyNodeFlags: readonly string[] = ['--max-semi-space-size=1', '--max-old-space-size=256'];

/** Goes with `proxyNodeFlags`, beside `NODE_COMPILE_CACHE`, which spares the proxy the TypeScript compiler (26 MB). */
export const proxyEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  UV_THREADPOOL_SIZE: '2',
};

/** Checks the configuration file's text; throws with the field's name, as a wrong file is a defect of the caller. */
export function parseProxyConfiguration(text: string): ProxyConfiguration {
  const raw = asObject(JSON.parse(text), 'configuration');
  const listen = asObject(raw['listen'], 'listen');
  const port = listen['port'];
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError('listen.port must be a port number');
  }
  return {
    listen: { host: asText(listen['host'], 'listen.host'), port },
    controlPlaneSocket: asPath(raw['controlPlaneSocket'], 'controlPlaneSocket'),
    routesFile: asPath(raw['routesFile'], 'routesFile'),
    pidFile: asPath(raw['pidFile'], 'pidFile'),
    version: asText(raw['version'], 'version'),
  };
}

function asObject(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${field} must be an object`);
  }
  return Object.fromEntries(Object.entries(value));
}

function asText(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${field} must be a text`);
  return value;
}

function asPath(value: unknown, field: string): string {
  const path = asText(value, field);
  if (!isAbsolute(path)) throw new TypeError(`${field} must be an absolute path`);
  return path;
}
