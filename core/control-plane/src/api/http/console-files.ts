import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { notFound } from './route-access.ts';

/** The console brings no inline script; its component library sets style attributes. */
const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-cache',
};

const notConsole = /^\/(?:v1|v2|auth|oidc|git|healthz|readyz)(?:\/|\?|$)/;

/** Serves the built console: hashed assets for a year, `index.html` for every page that somebody opens. */
export async function installConsoleFiles(app: FastifyInstance, directory: string): Promise<void> {
  const isBuilt = existsSync(join(directory, 'index.html'));
  if (isBuilt)
    await app.register(fastifyStatic, {
      root: directory,
      serve: false,
      dotfiles: 'deny',
      cacheControl: false,
    });

  app.get<{ Params: { '*': string } }>(
    '/*',
    { config: { access: 'public' }, schema: { hide: true } },
    async (request, reply) => {
      const path = request.params['*'];
      if (notConsole.test(request.url) || path.split('/').some((part) => part.startsWith('.')))
        throw notFound();
      const isPage = request.headers.accept?.includes('text/html') ?? false;
      if (!isBuilt) {
        if (!isPage) throw notFound();
        return reply
          .code(503)
          .type('text/plain; charset=utf-8')
          .send(
            'The console is not built. Run `./catalyst up`, which builds it, or `npm run build -w @catalyst/console`.\n',
          );
      }
      if (path.startsWith('assets/'))
        return reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(path);
      // A file has an ending; names of the domain have none.
      if (/\.[a-z0-9]{1,8}$/i.test(path) && path !== 'index.html')
        return reply.header('cache-control', 'no-cache').sendFile(path);
      if (!isPage && path !== '') throw notFound();
      return reply.headers(pageHeaders).sendFile('index.html');
    },
  );
}
