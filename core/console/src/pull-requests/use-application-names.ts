import { useQuery } from '@tanstack/react-query';
import { api } from '../api/api.ts';

/** Names of the Applications of an Organization, each once; empty while they are not known. */
export function useApplicationNames(organization: string): string[] {
  const { data } = useQuery({
    queryKey: ['organizations', organization, 'application-names'],
    queryFn: ({ signal }) => api.applications({ organization, limit: '200' }, signal),
    staleTime: 30_000,
  });
  return [...new Set((data?.items ?? []).map(({ name }) => name))].sort();
}
