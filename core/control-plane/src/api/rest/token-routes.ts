import { CreatedToken, TokenList, TokenRequest } from '@catalyst/model/api/identity.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import { demand, notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { organizationOf } from './lookups.ts';
import { type ApiApp, answers, noContent } from './routes.ts';

const tags = ['tokens'];

/** Everybody's own personal access tokens. */
export function tokenRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access } = deps;
  app.get(
    '/v1/tokens',
    {
      config: { access: 'user' },
      schema: { operationId: 'listTokens', tags, response: answers({ 200: TokenList }) },
    },
    async (request) => ({ items: await access.tokens(actorOf(request)) }),
  );

  app.post(
    '/v1/tokens',
    {
      config: { access: 'user', rateLimit: { max: 30, timeWindow: 60_000 } },
      schema: {
        operationId: 'createToken',
        tags,
        description:
          'Only in a signed-in session. The token is in this answer and never again. With `checks` only by an org-admin of the Organization or a sovereign-admin.',
        body: TokenRequest,
        response: answers({ 201: CreatedToken }),
      },
    },
    async (request, reply) => {
      const { checks } = request.body;
      if (checks) {
        const { organization } = checks;
        demand({ permission: 'check.give', scope: 'organization' }, actorOf(request), { organization });
        await organizationOf(deps, organization);
      }
      const created = answerOf(await access.createToken(actorOf(request), request.body));
      return reply.code(201).header('cache-control', 'no-store').send(created);
    },
  );

  app.delete(
    '/v1/tokens/:id',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'deleteToken',
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      if (actor.readOnly) throw new CatalystError('Denied', 'This token only reads. Use one that may write.');
      if (!(await access.deleteToken(actor, request.params.id))) throw notFound();
      return reply.code(204).send();
    },
  );
}
