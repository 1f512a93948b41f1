import type { ServerResponse } from 'node:http';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { Identity } from '../../../ports/identity.ts';
import type { Logger } from '../../../ports/logger.ts';
import { createArtifacts } from './artifacts.ts';
import { createAttempts } from './attempts.ts';
import { type IssuerKeys, loadIssuerKeys } from './keys.ts';
import { messagePage, pageHeaders, sendPage, signOutPage } from './pages.ts';
import { createPasswords } from './passwords.ts';
import { createSignIn } from './sign-in.ts';
import { createUsers, type Users } from './users.ts';

/** A relying party that belongs to the Sovereign itself: a public client with PKCE that people are not asked to trust. */
export interface OidcClient {
  readonly clientId: string;
  readonly name: string;
  /** Matched exactly. */
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
}

/** What the embedded issuer needs. */
export interface OidcIdentityOptions {
  /** `http://localhost:8080/oidc`; never changes for a Sovereign. */
  readonly issuer: string;
  /** Folder for `issuer-keys.json` (0600). */
  readonly dataDirectory: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** True when the issuer is served over https. */
  readonly secureCookies: boolean;
  readonly clients: readonly OidcClient[];
}

/** Makes the `Identity` port with an OpenID Connect issuer in this process (`oidc-provider`). Reads or makes its keys first. */
export async function createOidcIdentity(options: OidcIdentityOptions): Promise<Identity> {
  const { issuer, database, clock } = options;
  const logger = options.logger.child({ part: 'identity' });
  const users = createUsers({ database, clock, passwords: createPasswords() });
  const keys = await loadIssuerKeys(options.dataDirectory);
  const provider = new Provider(issuer, configure(options, keys, users));
  // `handle` sets the forwarded headers itself, from what the issuer is and what the caller has proven.
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => logger.error({ error: error.message }, 'issuer failed'));
  const serve = provider.callback();
  const signIn = createSignIn({ provider, users, attempts: createAttempts({ clock }), clock });
  const { pathname, host, protocol } = new URL(issuer);

  return {
    issuer,
    handle(request, response) {
      const url = request.url ?? '';
      if (!url.startsWith(`${pathname}/`))
        return sendPage(response, 404, messagePage('Not found', 'There is no such page.'));
      const address = request.headers['x-forwarded-for'];
      request.headers.host = host;
      request.headers['x-forwarded-host'] = host;
      request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
      Object.assign(request, { originalUrl: url });
      request.url = url.slice(pathname.length);
      const isSignIn = /^\/interaction\/[\w-]{1,64}$/.test(request.url);
      const done = isSignIn
        ? signIn(request, response, typeof address === 'string' ? address : 'unknown')
        : serve(request, response);
      Promise.resolve(done).catch((error: unknown) => fail(logger, response, error));
    },
    async endSession(request, response) {
      const session = await provider.Session.get(
        // Koa's part of the context is made by the provider; its types say plain Koa.
        provider.createContext(request, response) as unknown as KoaContextWithOIDC,
      );
      if (session.accountId) await session.destroy();
    },
    findUser: users.findUser,
    findUserByEmail: users.findUserByEmail,
    sovereignAdmins: users.sovereignAdmins,
    createUser: users.createUser,
    accept: users.accept,
    setupLink: users.setupLink,
    setupNeeded: users.setupNeeded,
  };
}

function fail(logger: Logger, response: ServerResponse, error: unknown): void {
  logger.error({ error: error instanceof Error ? error.message : 'unknown' }, 'sign-in failed');
  if (response.headersSent) response.destroy();
  else
    sendPage(
      response,
      500,
      messagePage('Something went wrong', 'Signing in did not work. Try again in a minute.', {
        href: '/',
        text: 'To the start page',
      }),
    );
}

function configure(options: OidcIdentityOptions, keys: IssuerKeys, users: Users): Configuration {
  const cookie = { httpOnly: true, sameSite: 'lax', secure: options.secureCookies, signed: true } as const;
  const own = new Set(options.clients.map((client) => client.clientId));
  return {
    adapter: createArtifacts(options),
    jwks: keys.jwks,
    clients: options.clients.map((client) => ({
      client_id: client.clientId,
      client_name: client.name,
      redirect_uris: [...client.redirectUris],
      post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
    })),
    cookies: {
      keys: keys.cookieKeys,
      names: {
        session: 'catalyst_issuer_session',
        interaction: 'catalyst_interaction',
        resume: 'catalyst_resume',
      },
      long: cookie,
      short: cookie,
    },
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          writePage(ctx, signOutPage(form));
        },
        postLogoutSuccessSource: (ctx) => {
          writePage(
            ctx,
            messagePage('Signed out', 'You have signed out.', { href: '/', text: 'To the start page' }),
          );
        },
      },
    },
    interactions: {
      url: (_ctx, interaction) => `${new URL(options.issuer).pathname}/interaction/${interaction.uid}`,
    },
    ttl: { Interaction: 900, Session: 43_200, Grant: 43_200, AccessToken: 900, IdToken: 900 },
    findAccount: async (_ctx, id) => {
      const user = await users.findUser(id);
      if (!user?.active) return undefined;
      return { accountId: id, claims: () => ({ sub: id, name: user.name, email: user.email }) };
    },
    // The Sovereign's own relying parties need no consent; there are no others.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      if (!client || !session?.accountId || !own.has(client.clientId)) return undefined;
      const known = session.grantIdFor(client.clientId);
      const existing = known ? await ctx.oidc.provider.Grant.find(known) : undefined;
      if (existing) return existing;
      const grant = new ctx.oidc.provider.Grant({
        clientId: client.clientId,
        accountId: session.accountId,
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    renderError: (ctx, out) => {
      writePage(
        ctx,
        messagePage('Sign-in did not work', out.error_description ?? out.error, {
          href: '/',
          text: 'To the start page',
        }),
      );
    },
  };
}

function writePage(ctx: KoaContextWithOIDC, html: string): void {
  for (const [name, value] of Object.entries(pageHeaders)) ctx.set(name, value);
  ctx.body = html;
}
