import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor, OrganizationRole } from '@catalyst/model/authorization.ts';
import type { FastifyInstance } from 'fastify';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { createOidcIdentity } from '../../adapters/identity/oidc-provider/oidc-identity.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Access } from '../../services/access/access.ts';
import { createAccess } from '../../services/access/create-access.ts';
import { joinOrganization } from '../../services/access/testing/join-organization.ts';
import { consoleClientId, consoleRedirectUri } from '../auth/auth-routes.ts';
import { type ApiOptions, createApi } from '../create-api.ts';
import { registerStreamRoutes } from '../stream/stream-routes.ts';
import { createDoubles, createReadModel, makeOrganizations, makeView } from './doubles.ts';

/** The password of everybody in tests. */
export const password = 'correct horse battery';

/** Says nothing. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

/** The application with a real database, issuer and access service. */
export interface ApiKit {
  readonly app: FastifyInstance;
  readonly identity: Identity;
  readonly access: Access;
  readonly origin: string;
  readonly host: string;
  /** Id of the sovereign-admin. */
  readonly admin: string;
  /** The sovereign-admin, signed in. */
  readonly boss: Actor;
  /** How many logs are being followed. */
  readonly state: { readonly followed: number };
  /** Moves time on. */
  advance(ms: number): void;
  /** An active user, with a role where one is named. */
  addPerson(
    email: string,
    membership?: { organization: string; role: OrganizationRole; environments?: string[] },
  ): Promise<string>;
  /** Headers of a signed-in browser. */
  browser(user: string): Promise<Record<string, string>>;
}

/** What a test may put in place of the doubles; whole-system tests replace all of them. */
export interface ApiKitOptions {
  readonly replace?: Partial<ApiOptions>;
}

type After = (clean: () => Promise<void>) => void;

/** Two Organizations, `acme` (dev, prod) and `globex` (dev), each with an Application `shop` in dev. */
export async function makeApiKit(after: After, options: ApiKitOptions = {}): Promise<ApiKit> {
  const folder = await mkdtemp(join(tmpdir(), 'catalyst-api-'));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  let offset = 0;
  const clock = { now: () => Date.now() + offset, sleep: async () => {} };
  const database = createSqliteDatabase({ path: join(folder, 'database.sqlite') });
  const identity = await createOidcIdentity({
    issuer: `${origin}/oidc`,
    dataDirectory: folder,
    database,
    clock,
    logger: silentLogger,
    secureCookies: false,
    clients: [{ clientId: consoleClientId, name: 'Catalyst', redirectUris: [consoleRedirectUri(origin)] }],
  });
  const access = createAccess({ database, identity, clock });
  const views = [makeView('acme', 'acme-dev', 'shop'), makeView('globex', 'globex-dev', 'shop')];
  const { deps, state } = createDoubles(views);
  const organizations = makeOrganizations({ acme: ['dev', 'prod'], globex: ['dev'] });
  const readModel = createReadModel(views);
  const app = await createApi({
    ...deps,
    sovereign: { name: 'test', version: '0.1.0', domain: 'localhost', port, origin },
    access,
    identity,
    organizations,
    readiness: async () => [{ name: 'database', ready: true }],
    clock,
    logger: silentLogger,
    behindProxy: false,
    consoleDirectory: join(folder, 'no-console'),
    extensions: [
      (app) => registerStreamRoutes(app, { readModel, organizations, access, clock, logger: silentLogger }),
    ],
    ...options.replace,
  });
  after(async () => {
    await app.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const admin = await setUp(identity);
  const boss = await access.authenticateSession((await access.signIn(admin)).cookie);
  assert.ok(boss);
  return {
    app,
    identity,
    access,
    origin,
    host: `localhost:${port}`,
    admin,
    boss,
    state,
    advance: (ms) => {
      offset += ms;
    },
    async addPerson(email, membership) {
      if (membership) {
        const { organization, ...rest } = membership;
        return joinOrganization({ access, identity }, boss, organization, { ...rest, name: email, email });
      }
      const made = await identity.createUser({ name: email, email, password });
      assert.ok(made.ok);
      return made.value.id;
    },
    async browser(user) {
      const { cookie } = await access.signIn(user);
      return { host: `localhost:${port}`, origin, cookie: `catalyst_session=${cookie}` };
    },
  };
}

async function setUp(identity: Identity): Promise<string> {
  const link = await identity.setupLink();
  assert.ok(link);
  const user = await identity.accept(tokenOf(link.path), {
    name: 'Ada',
    email: 'ada@example.org',
    password,
  });
  assert.ok(user.ok);
  return user.value.id;
}

/** The token of a set-up or invitation link. */
export function tokenOf(link: string): string {
  return new URL(link, 'http://localhost').searchParams.get('token') ?? '';
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound ? bound.port : 0;
}
