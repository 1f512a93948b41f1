import type { FastifyReply } from 'fastify';
import type { ApiDeps } from './api-deps.ts';
import type { ApiApp } from './routes.ts';

/** Read-only OCI distribution of the public catalog, as `helm pull oci://` and Flux read it. */
export function ociRoutes(app: ApiApp, { blueprints }: ApiDeps): void {
  const config = { access: 'public' } as const;
  const schema = { hide: true };
  app.get('/v2', { config, schema }, async (_request, reply) => head(reply).send({}));

  app.get<{ Params: { '*': string } }>('/v2/*', { config, schema }, async (request, reply) => {
    head(reply);
    const path = request.params['*'];
    if (path === '') return reply.send({});
    const found = isPublic(path) ? await blueprints.oci(path) : undefined;
    if (!found)
      return reply.code(404).send({
        errors: [
          { code: path.includes('/blobs/') ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN', message: 'not found' },
        ],
      });
    const etag = `"${found.digest}"`;
    reply.header('docker-content-digest', found.digest).header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type(found.mediaType).send(Buffer.from(found.body));
  });
}

function head(reply: FastifyReply): FastifyReply {
  return reply.header('docker-distribution-api-version', 'registry/2.0');
}

/** Only the public catalog; nothing that a path could climb out of. */
function isPublic(path: string): boolean {
  return /^catalog\/[a-z0-9/._:+-]+$/i.test(path) && !path.split('/').includes('..');
}
