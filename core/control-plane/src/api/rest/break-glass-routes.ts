import { BreakGlassList, BreakGlassView, OpenBreakGlass } from '@catalyst/model/api/break-glass.ts';
import { MemberView } from '@catalyst/model/api/organizations.ts';
import { Type } from 'typebox';
import { toBreakGlassView } from '../../services/break-glass/rows.ts';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { environmentOf, organizationOf } from './lookups.ts';
import { memberParams, toMemberView } from './member-routes.ts';
import { type ApiApp, answers, params } from './routes.ts';

const tags = ['break-glass'];
const path = '/v1/environments/:environment/break-glass';
const query = Type.Object({
  open: Type.Optional(Type.Boolean({ description: 'Only what is open now, or only what has ended.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
});

/** The way past closed gates: opened by those who have that right by name, seen by every member. */
export function breakGlassRoutes(app: ApiApp, deps: ApiDeps): void {
  const { breakGlass } = deps;

  app.get(
    path,
    {
      config: { access: { permission: 'environment.read', scope: 'environment' } },
      schema: {
        operationId: 'listBreakGlass',
        tags,
        description: 'Who broke the glass of the Environment, why, and until when. Newest first.',
        params: params.environment,
        querystring: query,
        response: answers({ 200: BreakGlassList }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const { open, limit = 50 } = request.query;
      const listed = await breakGlass.list(metadata.name, { limit, ...(open === undefined ? {} : { open }) });
      return { items: listed.map(toBreakGlassView) };
    },
  );

  app.post(
    path,
    {
      config: { access: { permission: 'break-glass.open', scope: 'environment' } },
      schema: {
        operationId: 'openBreakGlass',
        tags,
        description:
          'For some minutes the gates of the policy do not hold for merges by the caller. The reason is seen by everybody.',
        params: params.environment,
        body: OpenBreakGlass,
        response: answers({ 201: BreakGlassView }),
      },
    },
    async (request, reply) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const opened = await breakGlass.open(actorOf(request), metadata.name, request.body);
      return reply.code(201).send(toBreakGlassView(answerOf(opened)));
    },
  );

  app.post(
    `${path}/:id/close`,
    {
      config: { access: { permission: 'application.write', scope: 'environment' } },
      schema: {
        operationId: 'closeBreakGlass',
        tags,
        description: 'By the one who opened it and by org-admins, before its time.',
        params: Type.Object({ ...params.environment.properties, id: Type.String({ maxLength: 64 }) }),
        response: answers({ 200: BreakGlassView }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const closed = await breakGlass.close(actorOf(request), metadata.name, request.params.id);
      return toBreakGlassView(answerOf(closed));
    },
  );

  grantRoutes(app, deps);
}

function grantRoutes(app: ApiApp, deps: ApiDeps): void {
  const grantPath = '/v1/organizations/:organization/members/:user/break-glass';
  for (const granted of [true, false])
    app.route({
      method: granted ? 'PUT' : 'DELETE',
      url: grantPath,
      config: { access: { permission: 'members.write', scope: 'organization' } },
      schema: {
        operationId: granted ? 'grantBreakGlass' : 'revokeBreakGlass',
        tags,
        description: granted
          ? 'By an org-admin to somebody else; to oneself only as the one active org-admin.'
          : 'What the member has open ends at once.',
        params: memberParams,
        response: answers({ 200: MemberView }),
      },
      handler: async (request) => {
        const { organization, user } = request.params;
        await organizationOf(deps, organization);
        const changed = await deps.access.grantBreakGlass(actorOf(request), organization, user, granted);
        return toMemberView(answerOf(changed));
      },
    });
}
