import type { Actor } from '@catalyst/model/authorization.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../../services/access/access.ts';
import type { Origins } from './origins.ts';
import { demand, type RouteAccess } from './route-access.ts';

/** Name of the session cookie. */
export const sessionCookieName = 'catalyst_session';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route; a route without it is refused at registration. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Who asks, on every route but `public` ones. */
    actor: Actor | undefined;
  }
}

/** Denies by default: every route must say who may use it, and every request is judged before its body is read. */
export function installGuard(app: FastifyInstance, deps: { access: Access; origins: Origins }): void {
  const { access, origins } = deps;
  app.decorateRequest('actor', undefined);

  app.addHook('onRoute', (route) => {
    if (!route.config?.access)
      throw new Error(`The route ${String(route.method)} ${route.url} does not say who may use it.`);
  });

  app.addHook('onRequest', async (request) => {
    origins.checkHost(request.headers);
    const rule = request.routeOptions.config.access;
    // Only the handler of unknown routes has no rule, and it answers 404.
    if (rule === undefined || rule === 'public') {
      if (isWrite(request)) origins.checkSameOrigin(request.headers, false);
      return;
    }
    const bearer = request.headers.authorization;
    const cookie = request.cookies[sessionCookieName];
    if (bearer !== undefined) request.actor = await actorOfToken(access, bearer);
    else if (cookie !== undefined) {
      if (isWrite(request)) origins.checkSameOrigin(request.headers, true);
      request.actor = await access.authenticateSession(cookie);
    }
    if (rule === 'optional') return;
    demand(rule, request.actor, request.params as Record<string, unknown>);
  });
}

async function actorOfToken(access: Access, header: string): Promise<Actor> {
  const token = /^Bearer +([^\s]+) *$/i.exec(header)?.[1];
  const actor = token === undefined ? undefined : await access.authenticateToken(token);
  if (!actor)
    throw new CatalystError(
      'Unauthenticated',
      'This token is not valid: it may have expired or been revoked. Make another in the console.',
    );
  return actor;
}

function isWrite(request: FastifyRequest): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS';
}

/** Who asks, on a route that requires somebody. */
export function actorOf(request: FastifyRequest): Actor {
  if (!request.actor) throw new CatalystError('Unauthenticated', 'Sign in first.');
  return request.actor;
}
