import { randomUUID } from 'node:crypto';
import { CatalystError } from '@catalyst/model/problem.ts';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from '../../ports/logger.ts';
import type { Access } from '../../services/access/access.ts';
import { installGuard } from './guard.ts';
import { createOrigins } from './origins.ts';
import { toProblemDocument } from './problem-response.ts';
import { notFound } from './route-access.ts';
import { createValidatorCompiler } from './validation.ts';

/** What the HTTP layer needs to know. */
export interface HttpServerOptions {
  /** Canonical origin of the Sovereign, as `http://localhost:8080`. */
  readonly origin: string;
  readonly access: Access;
  readonly logger: Logger;
  /** True behind the entry proxy, whose `X-Forwarded-For` then is the address of the caller. */
  readonly behindProxy: boolean;
}

const bodyLimitBytes = 1024 * 1024;

/** Headers of every answer that is not a page. Pages set their own. */
const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
};

/** Largest refused body that is read to its end, so that its sender hears why. */
const drainedBodyBytes = 64 * 1024 * 1024;

/**
 * A Fastify application that denies by default (see `installGuard`), answers every error as RFC 9457, bounds sizes and times and
 * sets security headers. Routes are registered on it; whoever made it starts and closes it.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const logger = options.logger.child({ part: 'http' });
  const app = Fastify({
    logger: false,
    // The proxy appends the address that it has seen, so the last hop is the one to believe.
    trustProxy: options.behindProxy ? (_address, hop) => hop === 0 : false,
    genReqId: () => randomUUID(),
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    // A large push takes its time; an idle sender does not get more than this.
    requestTimeout: 15 * 60_000,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 253, ignoreTrailingSlash: true },
    http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
    frameworkErrors: (error, _request, reply) => sendProblem(reply as FastifyReply, error),
  });
  app.setValidatorCompiler(createValidatorCompiler());
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).headers(securityHeaders);
  });
  app.addHook('onSend', async (request, reply) => {
    // Closing while a body is still on its way resets the connection, and the refusal is lost on it. A body of bounded size is
    // read to its end and dropped instead.
    if (Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= drainedBodyBytes)
      reply.removeHeader('connection');
  });
  await app.register(cookie);
  installGuard(app, { access: options.access, origins: createOrigins(options.origin) });
  await app.register(rateLimit, {
    global: false,
    hook: 'preParsing',
    cache: 20_000,
    keyGenerator: (request) => request.actor?.id ?? request.ip,
    errorResponseBuilder: (_request, context) =>
      new CatalystError('TooMany', `Too many requests. Try again in ${Math.ceil(context.ttl / 1000)} s.`),
  });

  app.setNotFoundHandler(() => {
    throw notFound();
  });
  app.setErrorHandler(async (error, request, reply) => {
    const problem = toProblemDocument(error);
    if (problem.status >= 500)
      logger.error(
        { requestId: request.id, route: request.routeOptions.url, error: describe(error) },
        'request failed',
      );
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="catalyst"');
    if (problem.status === 503) reply.header('retry-after', '5');
    // Fastify prefers the error's own status; a type set by the handler does not hold for a problem.
    return reply
      .code(problem.status)
      .header('cache-control', 'no-store')
      .type('application/problem+json')
      .send(problem);
  });
  return app;
}

function sendProblem(reply: FastifyReply, error: unknown): void {
  const problem = toProblemDocument(error);
  void reply.code(problem.status).headers(securityHeaders).type('application/problem+json').send(problem);
}

/** For the log only: code, message and where, without headers or bodies. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { name: error.name, message: error.message, stack: error.stack, ...cause };
}
