import type { Identity } from '../../ports/identity.ts';
import type { Access } from '../../services/access/access.ts';
import { createApi } from '../create-api.ts';
import { registerStreamRoutes } from '../stream/stream-routes.ts';
import { silentLogger } from './api-kit.ts';
import { createDoubles, createReadModel, makeOrganizations } from './doubles.ts';

/** The OpenAPI document of the routes, as text. Nothing is started: registering routes asks none of the services. */
export async function buildOpenApi(): Promise<string> {
  const unused = (what: string) =>
    new Proxy({ issuer: 'http://localhost:8080/oidc' } as Record<string, unknown>, {
      get: (target, name) => {
        if (typeof name === 'string' && name in target) return target[name];
        throw new Error(`${what}.${String(name)} is asked while routes are registered`);
      },
    });
  const app = await createApi({
    ...createDoubles([]).deps,
    sovereign: {
      name: 'openapi',
      version: '0.1.0',
      domain: 'localhost',
      port: 8080,
      origin: 'http://localhost:8080',
    },
    access: unused('access') as unknown as Access,
    identity: unused('identity') as unknown as Identity,
    organizations: makeOrganizations({}),
    readiness: async () => [],
    clock: { now: () => 0, sleep: async () => {} },
    logger: silentLogger,
    behindProxy: false,
    consoleDirectory: '/nonexistent',
    extensions: [
      (app) =>
        registerStreamRoutes(app, {
          readModel: createReadModel([]),
          organizations: makeOrganizations({}),
          access: unused('access') as unknown as Access,
          clock: { now: () => 0, sleep: async () => {} },
          logger: silentLogger,
        }),
    ],
  });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
