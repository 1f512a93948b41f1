import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CustomFetch } from 'openid-client';
import type { Identity } from '../../ports/identity.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Access } from '../../services/access/access.ts';
import { sessionCookieName } from '../http/guard.ts';
import { createOrigins } from '../http/origins.ts';
import { createRelyingParty, type SignInState } from './relying-party.ts';

/** Client id of the console at the Sovereign's issuer. */
export const consoleClientId = 'catalyst-console';

/** Where the issuer sends the browser back to. */
export function consoleRedirectUri(origin: string): string {
  return `${origin}/auth/callback`;
}

const rememberCookieName = 'catalyst_sign_in';
const rememberSeconds = 900;

interface Remembered extends SignInState {
  readonly returnTo: string;
}

/** Signing in and out with the browser: `/auth/login`, `/auth/callback`, `/auth/logout`, and the issuer below its path. */
export function authRoutes(
  app: FastifyInstance,
  deps: { access: Access; identity: Identity; logger: Logger; origin: string },
): void {
  const { access, identity, origin } = deps;
  const logger = deps.logger.child({ part: 'auth' });
  const origins = createOrigins(origin);
  const secure = origin.startsWith('https:');
  const rememberCookie = { path: '/auth', httpOnly: true, sameSite: 'lax', secure } as const;
  const sessionCookie = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  const party = createRelyingParty({
    issuer: identity.issuer,
    clientId: consoleClientId,
    redirectUri: consoleRedirectUri(origin),
    fetch: createInternalFetch(app, origin),
  });
  issuerRoutes(app, identity);

  app.get<{ Querystring: { returnTo?: string } }>(
    '/auth/login',
    { config: { access: 'public', rateLimit: { max: 120, timeWindow: 60_000 } }, schema: { hide: true } },
    async (request, reply) => {
      const returnTo = toLocalPath(request.query.returnTo);
      // Cookies are per host: signing in at 127.0.0.1 would not hold at localhost.
      if (!origins.isCanonical(request.headers))
        return reply.redirect(`${origins.canonical}/auth/login?${new URLSearchParams({ returnTo })}`, 303);
      const { url, remember } = await party.begin();
      const remembered: Remembered = { ...remember, returnTo };
      const value = Buffer.from(JSON.stringify(remembered)).toString('base64url');
      reply.setCookie(rememberCookieName, value, { ...rememberCookie, maxAge: rememberSeconds });
      return reply.header('cache-control', 'no-store').redirect(url, 303);
    },
  );

  app.get(
    '/auth/callback',
    { config: { access: 'public', rateLimit: { max: 120, timeWindow: 60_000 } }, schema: { hide: true } },
    async (request, reply) => {
      reply.clearCookie(rememberCookieName, rememberCookie).header('cache-control', 'no-store');
      const remembered = parseRemembered(request.cookies[rememberCookieName]);
      if (!remembered) return sendFailure(reply, 'This sign-in has expired or was begun in another browser.');
      let subject: string;
      try {
        subject = await party.finish(new URL(request.url, origins.canonical), remembered);
      } catch (error) {
        // Only the name: messages of the protocol library may quote what was sent.
        logger.warn(
          { requestId: request.id, error: error instanceof Error ? error.name : 'unknown' },
          'sign-in refused',
        );
        return sendFailure(reply, 'This sign-in was not completed, or it was used already.');
      }
      const before = request.cookies[sessionCookieName];
      if (before !== undefined) await access.signOut(before);
      const { cookie, expiresAt } = await access.signIn(subject);
      reply.setCookie(sessionCookieName, cookie, { ...sessionCookie, expires: new Date(expiresAt) });
      return reply.redirect(remembered.returnTo, 303);
    },
  );

  app.post(
    '/auth/logout',
    { config: { access: 'public' }, schema: { hide: true } },
    async (request, reply) => {
      origins.checkSameOrigin(request.headers, true);
      const cookie = request.cookies[sessionCookieName];
      if (cookie !== undefined) await access.signOut(cookie);
      await identity.endSession(request.raw, reply.raw);
      reply.clearCookie(sessionCookieName, sessionCookie);
      return reply.code(204).send();
    },
  );
}

/** The issuer reads and answers its requests itself. */
function issuerRoutes(app: FastifyInstance, identity: Identity): void {
  const path = new URL(identity.issuer).pathname;
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.route({
      method: ['GET', 'POST'],
      url: `${path}/*`,
      config: { access: 'public', rateLimit: { max: 600, timeWindow: 60_000 } },
      schema: { hide: true },
      handler: (request: FastifyRequest, reply: FastifyReply) => {
        reply.hijack();
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value);
        request.raw.headers['x-forwarded-for'] = request.ip;
        identity.handle(request.raw, reply.raw);
      },
    });
  });
}

/** Reaches the issuer inside this process: its own address may lead through a proxy that is not up yet. */
function createInternalFetch(app: FastifyInstance, origin: string): CustomFetch {
  const { host } = new URL(origin);
  return async (url, init) => {
    const { pathname, search } = new URL(url);
    const answer = await app.inject({
      method: init.method === 'POST' ? 'POST' : 'GET',
      url: pathname + search,
      headers: { ...init.headers, host },
      ...(init.body === undefined || init.body === null ? {} : { payload: String(init.body) }),
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(answer.headers))
      if (value !== undefined) headers.set(name, String(value));
    return new Response(answer.statusCode === 204 ? null : answer.body, {
      status: answer.statusCode,
      headers,
    });
  };
}

/** Only a path of this very origin; everything else leads to the start page. */
export function toLocalPath(text: unknown): string {
  if (typeof text !== 'string' || text.length > 2_000 || !/^\/(?![/\\])[^\\\p{C}]*$/u.test(text)) return '/';
  const base = 'http://origin.invalid';
  const url = URL.parse(text, base);
  // `/..//evil.example` becomes `//evil.example` only now, and that is another host.
  return url?.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : '/';
}

function parseRemembered(cookie: string | undefined): Remembered | undefined {
  if (cookie === undefined) return undefined;
  try {
    const value = JSON.parse(Buffer.from(cookie, 'base64url').toString('utf8')) as Partial<Remembered> | null;
    const { state, nonce, verifier } = value ?? {};
    if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string')
      return undefined;
    return { state, nonce, verifier, returnTo: toLocalPath(value?.returnTo) };
  } catch {
    return undefined;
  }
}

function sendFailure(reply: FastifyReply, message: string): FastifyReply {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>Sign-in did not work · Catalyst</title><main><h1>Sign-in did not work</h1><p role="alert">${message}</p><p><a href="/auth/login">Sign in again</a></p></main></html>`;
  return reply.code(400).type('text/html; charset=utf-8').send(html);
}
