import { MemberChange, MemberList, MemberView } from '@catalyst/model/api/organizations.ts';
import { Type } from 'typebox';
import type { Member } from '../../services/access/access.ts';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { organizationOf } from './lookups.ts';
import { type ApiApp, answers, noContent, params } from './routes.ts';

const tags = ['members'];
/** Names one member. */
export const memberParams = Type.Object({
  ...params.organization.properties,
  user: Type.String({ maxLength: 64, description: 'Id of the user.' }),
});

/** Members of an Organization: seen by members, changed by org-admins. */
export function memberRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access } = deps;
  const path = '/v1/organizations/:organization/members';

  app.get(
    path,
    {
      config: { access: { permission: 'members.read', scope: 'organization' } },
      schema: {
        operationId: 'listMembers',
        tags,
        params: params.organization,
        response: answers({ 200: MemberList }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return { items: (await access.members(metadata.name)).map(toMemberView) };
    },
  );

  app.patch(
    `${path}/:user`,
    {
      config: { access: { permission: 'members.write', scope: 'organization' } },
      schema: {
        operationId: 'changeMember',
        tags,
        params: memberParams,
        body: MemberChange,
        response: answers({ 200: MemberView }),
      },
    },
    async (request) => {
      const { organization, user } = request.params;
      await organizationOf(deps, organization);
      const changed = await access.changeMember(actorOf(request), organization, user, request.body);
      return toMemberView(answerOf(changed));
    },
  );

  app.delete(
    `${path}/:user`,
    {
      config: { access: { permission: 'members.write', scope: 'organization' } },
      schema: {
        operationId: 'removeMember',
        tags,
        params: memberParams,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { organization, user } = request.params;
      await organizationOf(deps, organization);
      answerOf(await access.removeMember(actorOf(request), organization, user));
      return reply.code(204).send();
    },
  );
}

/** A member as the API shows them. */
export function toMemberView({ user, role, environments, since, breakGlass }: Member): MemberView {
  return {
    user: { ...user },
    role,
    ...(environments ? { environments: [...environments] } : {}),
    ...(since === undefined ? {} : { since }),
    ...(breakGlass ? { breakGlass: { by: { ...breakGlass.by }, at: breakGlass.at } } : {}),
  };
}
