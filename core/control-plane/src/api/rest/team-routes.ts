import { PutTeam, TeamList, TeamView } from '@catalyst/model/api/teams.ts';
import { Type } from 'typebox';
import type { Team } from '../../services/access/teams.ts';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { organizationOf } from './lookups.ts';
import { type ApiApp, answers, noContent, params } from './routes.ts';

const tags = ['teams'];
const path = '/v1/organizations/:organization/teams';
const teamParams = Type.Object({
  ...params.organization.properties,
  team: Type.String({ maxLength: 100, description: 'Name of the team.' }),
});

/** Teams of an Organization: seen by members, changed by org-admins. */
export function teamRoutes(app: ApiApp, deps: ApiDeps): void {
  const { teams } = deps;

  app.get(
    path,
    {
      config: { access: { permission: 'members.read', scope: 'organization' } },
      schema: {
        operationId: 'listTeams',
        tags,
        params: params.organization,
        response: answers({ 200: TeamList }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return { items: (await teams.list(metadata.name)).map(toTeamView) };
    },
  );

  app.put(
    `${path}/:team`,
    {
      config: { access: { permission: 'members.write', scope: 'organization' } },
      schema: {
        operationId: 'putTeam',
        tags,
        description: 'Makes the team or replaces it.',
        params: teamParams,
        body: PutTeam,
        response: answers({ 200: TeamView }),
      },
    },
    async (request) => {
      const { organization, team } = request.params;
      await organizationOf(deps, organization);
      return toTeamView(answerOf(await teams.put(actorOf(request), organization, team, request.body)));
    },
  );

  app.delete(
    `${path}/:team`,
    {
      config: { access: { permission: 'members.write', scope: 'organization' } },
      schema: {
        operationId: 'deleteTeam',
        tags,
        params: teamParams,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { organization, team } = request.params;
      await organizationOf(deps, organization);
      answerOf(await teams.remove(actorOf(request), organization, team));
      return reply.code(204).send();
    },
  );
}

function toTeamView(team: Team): TeamView {
  return { ...team, members: team.members.map((member) => ({ ...member })) };
}
