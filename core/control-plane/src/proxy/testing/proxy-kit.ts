import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryRoute } from '../../ports/entry-routes.ts';
import type { ProxyTimeouts } from '../backend.ts';
import { createRouteTable } from '../route-table.ts';
import { createEntryProxy } from '../server.ts';

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A proxy in this process, in front of whatever servers a test starts. */
export interface ProxyKit {
  readonly port: number;
  readonly folder: string;
  readonly server: Server;
  setRoutes(routes: readonly EntryRoute[]): Promise<void>;
  /** Starts a backend on loopback; returns its port. */
  startBackend(listener: RequestListener, prepare?: (server: Server) => void): Promise<number>;
  /** Starts a control plane on the proxy's socket. */
  startControlPlane(listener: RequestListener): Promise<Server>;
  ask(
    host: string,
    path: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string | Buffer },
  ): Promise<Answer>;
  /** Sends bytes and collects what comes back until the proxy closes, or until `until` matches. */
  raw(text: string, until?: RegExp): Promise<string>;
  open(): Promise<Socket>;
  stop(): Promise<void>;
}

/** One route of the Application `shop` in `acme-dev`, host `shop.acme-dev.localhost`. */
export function shopRoute(port: number | undefined, state = 'Running', message = ''): EntryRoute {
  return {
    host: 'shop.acme-dev.localhost',
    application: 'shop',
    environment: 'acme-dev',
    backends: port === undefined ? [] : [{ path: '/', address: '127.0.0.1', port }],
    state,
    message,
  };
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Starts a proxy with short timeouts on a free port. */
export async function startProxyKit(timeouts: Partial<ProxyTimeouts> = {}): Promise<ProxyKit> {
  const folder = await mkdtemp(join(tmpdir(), 'proxy-test-'));
  const routesFile = join(folder, 'routes.json');
  const controlPlaneSocket = join(folder, 'cp.sock');
  const routes = await createRouteTable({ path: routesFile, log: () => undefined, pollMs: 50 });
  const proxy = createEntryProxy({
    routes,
    controlPlaneSocket,
    status: { version: '1.2.3', pid: process.pid },
    timeouts,
  });
  await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
  const port = portOf(proxy.server);
  const servers: Server[] = [];
  const listenOn = async (server: Server, where: number | string): Promise<Server> => {
    servers.push(server);
    await new Promise<void>((resolve) => {
      if (typeof where === 'string') server.listen(where, resolve);
      else server.listen(where, '127.0.0.1', resolve);
    });
    return server;
  };
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      socket.once('error', reject);
    });
  return {
    port,
    folder,
    server: proxy.server,
    async setRoutes(list) {
      await writeFile(routesFile, JSON.stringify({ version: 1, routes: list }));
      await routes.refresh();
    },
    async startBackend(listener, prepare) {
      const server = createServer(listener);
      prepare?.(server);
      return portOf(await listenOn(server, 0));
    },
    startControlPlane: (listener) => listenOn(createServer(listener), controlPlaneSocket),
    ask: (host, path, options = {}) => ask(port, host, path, options),
    async raw(text, until) {
      const socket = await open();
      return collect(socket, text, until);
    },
    open,
    async stop() {
      routes.close();
      await proxy.close(100);
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One request, not on a kept connection. */
export function ask(
  port: number,
  host: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host, ...options.headers },
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    outgoing.once('error', reject);
    outgoing.end(options.body);
  });
}

function collect(socket: Socket, text: string, until: RegExp | undefined): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const done = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.setTimeout(5000, done);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (until?.test(received) === true) done();
    });
    socket.once('error', done);
    socket.once('close', done);
    socket.write(text);
  });
}
