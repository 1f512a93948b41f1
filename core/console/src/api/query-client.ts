import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { statusOf } from './client.ts';

/** Makes the cache of answers. A 401 anywhere means that the session ended: everything that it showed is forgotten. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (statusOf(error) === 401 && client.getQueryData(['me']) !== null) client.setQueryData(['me'], null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => (statusOf(error) === 0 || statusOf(error) >= 502) && failures < 3,
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5000),
      },
    },
  });
  return client;
}
