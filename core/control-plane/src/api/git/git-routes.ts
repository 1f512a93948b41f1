import { Readable } from 'node:stream';
import type { Actor } from '@catalyst/model/authorization.ts';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../../ports/logger.ts';
import type { GitExchange, Repositories, RepositoryName } from '../../ports/repositories.ts';

/** What Git over HTTP asks. */
export interface GitRouteDeps {
  readonly repositories: Pick<Repositories, 'exists' | 'advertise' | 'exchange'>;
  /** The actor behind a personal access token; undefined for forged, unknown, revoked and expired ones. */
  readonly authenticate: (token: string) => Promise<Actor | undefined>;
  /** `hidden`: the actor may not learn that the repository exists. */
  readonly authorizeRepository: (
    actor: Actor,
    repository: RepositoryName,
    access: 'read' | 'write',
  ) => Verdict | Promise<Verdict>;
  readonly logger: Logger;
}

type Verdict = 'allowed' | 'denied' | 'hidden';

interface Params {
  readonly organization: string;
  readonly repository: string;
}

type Service = GitExchange['service'];

const noCache = {
  'cache-control': 'no-cache, max-age=0, must-revalidate',
  expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  pragma: 'no-cache',
} as const;
const services: ReadonlySet<string> = new Set<Service>(['git-upload-pack', 'git-receive-pack']);

function isService(text: unknown): text is Service {
  return typeof text === 'string' && services.has(text);
}

/** The token is the password; the user name is whatever the person typed. */
function tokenOf(request: FastifyRequest): string | undefined {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? undefined : text.slice(at + 1);
}

/** A Git client shows the first line of a plain text answer. */
function refuse(reply: FastifyReply, status: number, text: string): FastifyReply {
  if (status === 401)
    reply.header(
      'www-authenticate',
      'Basic realm="Catalyst: the password is a personal access token", charset="UTF-8"',
    );
  return reply.code(status).headers(noCache).type('text/plain; charset=utf-8').send(`${text}\n`);
}

const statuses: Readonly<Record<string, number>> = {
  [codes.NotFound]: 404,
  [codes.Invalid]: 400,
  [codes.TooLarge]: 413,
  [codes.TooSlow]: 408,
  [codes.TooMany]: 429,
  [codes.Unavailable]: 503,
};

function toAnswer(error: unknown): { status: number; text: string } {
  if (error instanceof CatalystError)
    return { status: statuses[error.code] ?? 500, text: statuses[error.code] ? error.message : serverError };
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500
    ? { status, text: 'The request is not one that Git makes.' }
    : { status: 500, text: serverError };
}

const serverError = 'Catalyst could not do this. Its log says why.';

/** Smart Git over HTTP below `/git/<organization>/<repository>.git`. Credentials are asked for before anything is told. */
export function registerGitRoutes(app: FastifyInstance, deps: GitRouteDeps): void {
  const config = { access: 'public' as const };

  /** Proves the caller's right; answers the request itself where there is none. */
  async function admit(
    request: FastifyRequest<{ Params: Params }>,
    reply: FastifyReply,
    service: Service,
  ): Promise<{ actor: Actor; repository: RepositoryName } | undefined> {
    const token = tokenOf(request);
    const actor = token === undefined ? undefined : await deps.authenticate(token);
    if (!actor) {
      refuse(
        reply,
        401,
        'Sign in with a personal access token as the password. The console makes one under Tokens.',
      );
      return undefined;
    }
    const repository = { organization: request.params.organization, name: request.params.repository };
    const verdict = await deps.authorizeRepository(
      actor,
      repository,
      service === 'git-receive-pack' ? 'write' : 'read',
    );
    if (verdict === 'hidden' || !(await deps.repositories.exists(repository))) {
      refuse(reply, 404, 'There is no such repository, or you may not see it.');
      return undefined;
    }
    if (verdict === 'denied') {
      refuse(
        reply,
        403,
        actor.readOnly
          ? 'This token only reads.'
          : 'You may read this repository and not push to it. That needs the role org-developer.',
      );
      return undefined;
    }
    return { actor, repository };
  }

  function exchangeOf(
    request: FastifyRequest,
    reply: FastifyReply,
    service: Service,
    admitted: { actor: Actor; repository: RepositoryName },
  ) {
    const aborted = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) aborted.abort();
    });
    const protocol = request.headers['git-protocol'];
    return {
      repository: admitted.repository,
      service,
      ...(protocol === 'version=2' || protocol === 'version=1' ? { protocol } : {}),
      pusher: { id: admitted.actor.id, name: admitted.actor.name, surface: 'git' as const },
      signal: aborted.signal,
    };
  }

  function answer(reply: FastifyReply, type: string, chunks: AsyncIterable<Uint8Array>): FastifyReply {
    return reply
      .headers(noCache)
      .type(type)
      .send(chunks instanceof Readable ? chunks : Readable.from(chunks));
  }

  void app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const { status, text } = toAnswer(error);
      if (status >= 500) {
        const reason = error instanceof Error ? error.message : String(error);
        deps.logger.warn({ route: request.routeOptions.url, reason }, 'a Git request failed');
      }
      // The rest of what came too slowly is not waited for.
      if (status === 408) reply.header('connection', 'close');
      return refuse(reply, status, text);
    });
    // Packs stream to git as they come; nothing is collected in memory.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { bodyLimit: Number.MAX_SAFE_INTEGER }, (_request, payload, done) =>
      done(null, payload),
    );

    scope.get<{ Params: Params; Querystring: { service?: unknown } }>(
      '/git/:organization/:repository.git/info/refs',
      { config, schema: { hide: true } },
      async (request, reply) => {
        const { service } = request.query;
        if (!isService(service))
          return refuse(reply, 403, 'Only the smart protocol is served: use git 1.6.6 or later.');
        const admitted = await admit(request, reply, service);
        if (!admitted) return reply;
        const chunks = await deps.repositories.advertise(exchangeOf(request, reply, service, admitted));
        return answer(reply, `application/x-${service}-advertisement`, chunks);
      },
    );

    for (const service of ['git-upload-pack', 'git-receive-pack'] as const)
      scope.post<{ Params: Params }>(
        `/git/:organization/:repository.git/${service}`,
        { config, schema: { hide: true } },
        async (request, reply) => {
          const admitted = await admit(request, reply, service);
          if (!admitted) return reply;
          const type = `application/x-${service}-request`;
          if (request.headers['content-type'] !== type)
            return refuse(reply, 415, `The content type must be ${type}.`);
          const { 'content-encoding': contentEncoding } = request.headers;
          const chunks = await deps.repositories.exchange({
            ...exchangeOf(request, reply, service, admitted),
            ...(contentEncoding === undefined ? {} : { contentEncoding }),
            body: request.body as AsyncIterable<Uint8Array>,
          });
          return answer(reply, `application/x-${service}-result`, chunks);
        },
      );
  });
}
