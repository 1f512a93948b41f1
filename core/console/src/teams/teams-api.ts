import type { PutTeam, TeamView } from '@catalyst/model/api/teams.ts';
import { queryOptions } from '@tanstack/react-query';
import { pathOf, request } from '../api/client.ts';

/** Every call about the teams of an Organization. */
export const teamsApi = {
  put: (organization: string, team: string, body: PutTeam) =>
    request<TeamView>('PUT', pathOf('organizations', organization, 'teams', team), { body }),
  remove: (organization: string, team: string) =>
    request<void>('DELETE', pathOf('organizations', organization, 'teams', team)),
};

/** The teams of an Organization, built-in ones first. */
export function teamsQuery(organization: string) {
  return queryOptions({
    queryKey: ['organizations', organization, 'teams'],
    queryFn: ({ signal }) =>
      request<{ items: TeamView[] }>('GET', pathOf('organizations', organization, 'teams'), { signal }),
  });
}
