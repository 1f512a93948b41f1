import { Agent, type ClientRequest, type RequestOptions } from 'node:http';

/** Where a request goes: a Service address, or the control plane's socket. */
export type BackendAddress =
  | { readonly address: string; readonly port: number }
  | { readonly socketPath: string };

/** Bounds on waiting, in milliseconds. */
export interface ProxyTimeouts {
  readonly connectMs: number;
  /** Until the first byte of an answer. */
  readonly answerMs: number;
  /** Silence inside a request or an answer. */
  readonly idleMs: number;
}

/** Generous: an Application may compute long, and a stream may be silent. */
export const defaultTimeouts: ProxyTimeouts = { connectMs: 4000, answerMs: 300_000, idleMs: 3_600_000 };

/** Connections to backends that are kept for reuse. */
export function createBackendAgent(): Agent {
  return new Agent({
    keepAlive: true,
    keepAliveMsecs: 30_000,
    maxFreeSockets: 8,
    timeout: 30_000,
    scheduling: 'lifo',
  });
}

/** Node's options for a backend. */
export function toRequestOptions(backend: BackendAddress): RequestOptions {
  return 'socketPath' in backend
    ? { socketPath: backend.socketPath }
    : { host: backend.address, port: backend.port };
}

/** Destroys the request when no connection comes about in time; `onConnect` runs once it has. */
export function watchConnecting(request: ClientRequest, timeoutMs: number, onConnect: () => void): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return onConnect();
    const timer = setTimeout(() => request.destroy(new ConnectTimeout()), timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      onConnect();
    });
    socket.once('close', () => clearTimeout(timer));
  });
}

/** No connection came about in time. */
export class ConnectTimeout extends Error {
  readonly code = 'ECONNECTTIMEOUT';
}

/** No answer came in time. */
export class AnswerTimeout extends Error {
  readonly code = 'EANSWERTIMEOUT';
}

const unreachable = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOENT',
  'EACCES',
  'EADDRNOTAVAIL',
  'ECONNECTTIMEOUT',
  'ETIMEDOUT',
  'EPERM',
]);

/** The code of a failed request. */
export function failureCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True when nothing listens there, so that the request was certainly not processed. */
export function isUnreachable(error: unknown): boolean {
  return unreachable.has(failureCode(error));
}
