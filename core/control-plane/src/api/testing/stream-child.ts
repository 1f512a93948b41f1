import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Actor } from '@catalyst/model/authorization.ts';
import { filledKey } from '@catalyst/model/projection/keys.ts';
import cookie from '@fastify/cookie';
import Fastify from 'fastify';
import type { NatsAccess } from '../../events/nats-access.ts';
import { testClock, testLogger } from '../../events/testing/nats-kit.ts';
import { createReadModel } from '../../read-model/nats-read-model.ts';
import { installGuard } from '../http/guard.ts';
import { createOrigins } from '../http/origins.ts';
import { registerStreamRoutes } from '../stream/stream-routes.ts';

/**
 * Run as a process of its own by `bench/stream.ts`: the event stream of the API over a real read model, or (`bare`) a server that writes
 * what it is told to whoever listens. It says its port first.
 */
type Told =
  | { readonly access: NatsAccess }
  | { readonly bare: true }
  | { readonly path: string; readonly data: string };

process.on('message', (told: Told) => {
  if ('access' in told) void serveApi(told.access);
  else if ('bare' in told) serveBare();
  else for (const response of bareReaders.get(told.path) ?? []) response.write(told.data);
});
process.once('disconnect', () => process.exit(0));

const bareReaders = new Map<string, Set<ServerResponse>>();

function serveBare(): void {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const readers = bareReaders.get(path) ?? new Set();
    bareReaders.set(path, readers);
    readers.add(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: snapshot\ndata: {}\n\n');
  });
  server.listen(0, '127.0.0.1', 4096, () => process.send?.((server.address() as AddressInfo).port));
}

async function serveApi(access: NatsAccess): Promise<void> {
  const readModel = await createReadModel({ access, logger: testLogger, clock: testClock });
  await readModel.put(filledKey, { epoch: readModel.epoch() }, 0);
  // One person may hold 30 streams, so the token names the Organization and a number.
  const actorOf = async (token: string): Promise<Actor> => ({
    id: token,
    name: token,
    email: '',
    sovereignAdmin: false,
    memberships: [{ organization: token.split('-')[0] ?? '', role: 'org-viewer' }],
    surface: 'api',
  });
  const who = { authenticateToken: actorOf, authenticateSession: actorOf };
  const app = Fastify();
  await app.register(cookie);
  installGuard(app, { access: who as never, origins: createOrigins('http://localhost:1') });
  registerStreamRoutes(app, {
    readModel,
    organizations: { environment: async () => ({}) as never },
    access: who,
    clock: testClock,
    logger: testLogger,
  });
  await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  process.send?.((app.server.address() as AddressInfo).port);
}
