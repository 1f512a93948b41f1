import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Collects the OpenAPI 3.1 document from the schemas of routes that are registered afterwards. */
export async function installOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Catalyst',
        version,
        description:
          'The API of a Sovereign. Errors are RFC 9457 problem documents. What a caller may not see answers like what does not exist.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        'sovereign',
        'blueprints',
        'organizations',
        'members',
        'environments',
        'applications',
        'tokens',
      ].map((name) => ({
        name,
      })),
      security: [{ session: [] }, { token: [] }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'catalyst_session' },
          token: { type: 'http', scheme: 'bearer', description: 'Personal access token, `cat_…`.' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access;
      const isOpen = access === 'public' || access === 'optional';
      return { schema: isOpen ? { ...schema, security: [] } : schema, url };
    },
  });

  app.get(
    '/v1/openapi.json',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getOpenApi',
        tags: ['sovereign'],
        response: { 200: { type: 'object', additionalProperties: true, description: 'This document.' } },
      },
    },
    async () => app.swagger(),
  );
}
