import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest, controlPlaneDown, noAnswer, notReady, unknownHost } from './answers.ts';
import { type BackendAddress, createBackendAgent, defaultTimeouts, type ProxyTimeouts } from './backend.ts';
import { forward } from './forward.ts';
import { bodyFraming, countHeader, toBackendHeaders } from './headers.ts';
import { parseHost } from './hosts.ts';
import { type EntryAnswer, writeAnswer } from './pages.ts';
import { chooseBackend, type RouteTable } from './route-table.ts';
import { tunnel, writeRaw } from './tunnel.ts';

const maxHeaderBytes = 32 * 1024;
const maxHeaders = 150;
const maxConnections = 4000;

/** The running entry proxy. */
export interface EntryProxy {
  readonly server: Server;
  /** Stops listening, lets requests finish for `graceMs`, then cuts off what is left. */
  close(graceMs: number): Promise<void>;
}

/** Where a request goes and what to say when nobody is there; or the answer at once. */
type Decision =
  | {
      readonly backend: BackendAddress;
      readonly name: string;
      readonly absent: EntryAnswer;
      readonly url: string;
      readonly host: string;
    }
  | { readonly answer: EntryAnswer }
  | { readonly status: string };

/** Creates the entry proxy; the caller listens. `status` is what `GET /-/proxy` on `localhost` or a loopback address tells besides the routes. */
export function createEntryProxy(options: {
  routes: RouteTable;
  controlPlaneSocket: string;
  status: Readonly<Record<string, string | number>>;
  timeouts?: Partial<ProxyTimeouts>;
}): EntryProxy {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const agent = createBackendAgent();
  const tunnels = new Set<Duplex>();
  const decide = (request: IncomingMessage): Decision => decideRequest(request, options);

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const decision = decide(request);
    if ('status' in decision) {
      sendStatus(response, decision.status);
      return;
    }
    const answer = (said: EntryAnswer): void => sendAnswer(request, response, said);
    if ('answer' in decision) {
      answer(decision.answer);
      return;
    }
    const framing = bodyFraming(request.rawHeaders, request.method ?? 'GET');
    if (framing === undefined) {
      answer(badRequest('The length of its body is stated in an ambiguous way.'));
      return;
    }
    try {
      forward(request, response, {
        backend: decision.backend,
        url: decision.url,
        headers: [
          ...toBackendHeaders(request.rawHeaders, { address: clientAddress(request), host: decision.host }),
          ...framing,
        ],
        framing,
        agent,
        timeouts,
        onFailure: (reason) => answer(toFailure(decision, reason)),
      });
    } catch {
      answer(badRequest('Its headers hold characters that HTTP does not allow.'));
    }
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const decision = decide(request);
    const answer = (said: EntryAnswer): void => writeRaw(socket, writeAnswer(said, request.headers.accept));
    if (!('backend' in decision)) {
      answer('answer' in decision ? decision.answer : badRequest('There is no WebSocket here.'));
      return;
    }
    if (bodyFraming(request.rawHeaders, 'GET')?.length !== 0) {
      answer(badRequest('An upgrade cannot have a body.'));
      return;
    }
    tunnels.add(socket);
    socket.once('close', () => tunnels.delete(socket));
    try {
      tunnel(socket, head, {
        backend: decision.backend,
        url: decision.url,
        headers: toBackendHeaders(request.rawHeaders, {
          address: clientAddress(request),
          host: decision.host,
        }),
        timeouts,
        onFailure: (reason) => writeAnswer(toFailure(decision, reason), request.headers.accept),
      });
    } catch {
      answer(badRequest('Its headers hold characters that HTTP does not allow.'));
    }
  };

  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: 30_000,
      // An upload may take long; silence is what ends it (the socket's timeout).
      requestTimeout: 0,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 10_000,
      insecureHTTPParser: false,
      requireHostHeader: true,
      // Any other protocol, h2c above all, would take the connection out of this proxy's sight.
      shouldUpgradeCallback: (request) => isWebSocket(request),
    },
    onRequest,
  );
  server.maxHeadersCount = 0;
  server.maxConnections = maxConnections;
  server.timeout = timeouts.idleMs;
  server.on('upgrade', onUpgrade);
  server.on('clientError', onClientError);
  return { server, close: (graceMs) => closeServer(server, tunnels, () => agent.destroy(), graceMs) };
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

function decideRequest(
  request: IncomingMessage,
  options: { routes: RouteTable; controlPlaneSocket: string; status: object },
): Decision {
  const raw = request.rawHeaders;
  if (raw.length > maxHeaders * 2) return { answer: badRequest('It has too many headers.', 431) };
  if (countHeader(raw, 'host') > 1) return { answer: badRequest('It names more than one host.') };
  if (request.method === 'TRACE') return { answer: badRequest('TRACE is not allowed.', 405) };
  const host = request.headers.host ?? '';
  const target = parseHost(host);
  const url = toOriginForm(request.url ?? '', host);
  if (url === undefined) return { answer: badRequest('Its target names another host than its Host header.') };
  if (target.kind === 'unknown') return { answer: unknownHost };
  if (target.kind === 'console') {
    if (url === '/-/proxy' && request.method === 'GET' && target.host !== 'console.localhost') {
      return { status: JSON.stringify({ ...options.status, routes: options.routes.size() }) };
    }
    return {
      backend: { socketPath: options.controlPlaneSocket },
      name: 'Catalyst',
      absent: controlPlaneDown,
      url,
      host,
    };
  }
  const route = options.routes.find(target.host);
  if (route === undefined) return { answer: unknownHost };
  const absent = notReady(route);
  if (route.backends.length === 0) return { answer: absent };
  const backend = chooseBackend(route, url);
  if (backend === undefined) {
    return {
      answer: {
        status: 404,
        code: 'NoSuchPath',
        title: 'Nothing is served under this path',
        detail: 'The Application serves other paths of this host.',
        waits: false,
      },
    };
  }
  return { backend, name: route.application, absent, url, host };
}

/** `*` and absolute targets are legal HTTP; an absolute one must agree with the host by which the request was judged. */
function toOriginForm(url: string, host: string): string | undefined {
  if (url.startsWith('/') || url === '*') return url;
  const prefix = `http://${host}`.toLowerCase();
  if (!url.toLowerCase().startsWith(prefix)) return undefined;
  const rest = url.slice(prefix.length);
  if (rest === '') return '/';
  return rest.startsWith('/') ? rest : rest.startsWith('?') ? `/${rest}` : undefined;
}

function toFailure(
  decision: { name: string; absent: EntryAnswer },
  reason: 'unreachable' | 'broken' | 'timeout',
): EntryAnswer {
  if (reason === 'unreachable') return decision.absent;
  return noAnswer(decision.name, reason === 'timeout' ? 504 : 502);
}

function clientAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: EntryAnswer): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const written = writeAnswer(answer, request.headers.accept);
  // What is left of a body nobody reads is not worth receiving.
  const headers = request.complete ? written.headers : { ...written.headers, Connection: 'close' };
  response.writeHead(written.status, headers);
  response.end(request.method === 'HEAD' ? undefined : written.body);
}

function sendStatus(response: ServerResponse, status: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(status),
    'Cache-Control': 'no-store',
  });
  response.end(status);
}

function onClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (socket.destroyed || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  writeRaw(socket, writeAnswer(badRequest('It is not a request that HTTP/1.1 allows.', status), undefined));
}

async function closeServer(
  server: Server,
  tunnels: Set<Duplex>,
  closeBackends: () => void,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  for (const socket of tunnels) socket.destroy();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
  closeBackends();
}
