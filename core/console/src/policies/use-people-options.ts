import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/use-api.ts';
import { teamsQuery } from '../teams/teams-api.ts';

/** Whom a rule can name, in groups; what it names already and nobody knows stays to be seen. */
export function usePeopleOptions(organization: string, named: readonly string[], withOwners: boolean) {
  const teams = useQuery(teamsQuery(organization)).data?.items ?? [];
  const members = useQuery(queries.members(organization)).data?.items ?? [];
  const teamOptions = teams.map(({ name, members: people }) => ({
    value: `@${organization}/${name}`,
    label: `@${organization}/${name} (${people.length})`,
  }));
  const personOptions = members.map(({ user }) => ({
    value: user.email,
    label: `${user.name} (${user.email})`,
  }));
  const owners = withOwners ? [{ value: 'codeowners', label: 'Owners of what changes (CODEOWNERS)' }] : [];
  const known = new Set([...owners, ...teamOptions, ...personOptions].map(({ value }) => value));
  const others = named.filter((name) => !known.has(name));
  return [
    { group: 'Teams', items: teamOptions },
    { group: 'People', items: personOptions },
    { group: 'By file', items: owners },
    { group: 'Not known here', items: others.map((value) => ({ value, label: value })) },
  ].filter(({ items }) => items.length > 0);
}
