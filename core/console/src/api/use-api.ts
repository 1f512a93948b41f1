import type { ApplicationDetail } from '@catalyst/model/api/applications.ts';
import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { statusOf } from './client.ts';

/** No event tells that a watch has begun or ended. */
function mayBeWatched(detail: ApplicationDetail | undefined): boolean {
  const state = detail?.watch?.state;
  const changedAt = Date.parse(detail?.lastChange?.at ?? '');
  return state === 'watching' || state === 'rolling-back' || Date.now() - changedAt < 60_000;
}

/** Each question with the key under which its answer is kept. */
export const queries = {
  sovereign: queryOptions({
    queryKey: ['sovereign'],
    queryFn: ({ signal }) => api.sovereign(signal),
    staleTime: 60_000,
  }),
  /** Null: nobody is signed in. */
  me: queryOptions({
    queryKey: ['me'],
    queryFn: async ({ signal }) => {
      try {
        return await api.me(signal);
      } catch (error) {
        if (statusOf(error) === 401) return null;
        throw error;
      }
    },
    staleTime: 15_000,
    refetchInterval: (query) => (query.state.data ? 30_000 : false),
  }),
  blueprints: queryOptions({
    queryKey: ['blueprints'],
    queryFn: ({ signal }) => api.blueprints(signal),
    staleTime: 30_000,
  }),
  blueprint: (name: string, version?: string) =>
    queryOptions({
      queryKey: ['blueprints', name, version ?? ''],
      queryFn: ({ signal }) => api.blueprint(name, version, signal),
      staleTime: 30_000,
    }),
  organizations: queryOptions({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => api.organizations(signal),
    // One that is being deleted goes once all that it had is gone.
    refetchInterval: 10_000,
  }),
  organization: (name: string) =>
    queryOptions({
      queryKey: ['organizations', name],
      queryFn: ({ signal }) => api.organization(name, signal),
    }),
  members: (organization: string) =>
    queryOptions({
      queryKey: ['organizations', organization, 'members'],
      queryFn: ({ signal }) => api.members(organization, signal),
    }),
  invitations: (organization: string) =>
    queryOptions({
      queryKey: ['organizations', organization, 'invitations'],
      queryFn: ({ signal }) => api.invitations(organization, signal),
    }),
  /** What a link offers; a link that does not work is not asked about again. */
  invitation: (token: string) =>
    queryOptions({
      queryKey: ['invitation', token],
      queryFn: ({ signal }) => api.readInvitation({ token }, signal),
      enabled: token !== '',
      retry: false,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  environments: (organization: string) =>
    queryOptions({
      queryKey: ['organizations', organization, 'environments'],
      queryFn: ({ signal }) => api.environments(organization, signal),
      refetchInterval: 15_000,
    }),
  deletion: (organization: string, environment?: string) =>
    queryOptions({
      queryKey: ['organizations', organization, 'deletion', environment ?? ''],
      queryFn: ({ signal }) =>
        environment === undefined
          ? api.organizationDeletion(organization, signal)
          : api.environmentDeletion(organization, environment, signal),
      staleTime: 0,
      gcTime: 0,
    }),
  application: (environment: string, name: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'applications', name],
      queryFn: ({ signal }) => api.application(environment, name, signal),
      refetchInterval: ({ state: { data } }) => (mayBeWatched(data) ? 5_000 : false),
    }),
  history: (environment: string, name: string) =>
    infiniteQueryOptions({
      queryKey: ['environments', environment, 'applications', name, 'history'],
      queryFn: ({ signal, pageParam }) => api.history(environment, name, pageParam, signal),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.continue,
    }),
  environmentHistory: (environment: string) =>
    infiniteQueryOptions({
      queryKey: ['environments', environment, 'history'],
      queryFn: ({ signal, pageParam }) => api.environmentHistory(environment, pageParam, signal),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.continue,
    }),
  /** What was planned then does not change any more. */
  planAtTheTime: (environment: string, name: string, revision: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'applications', name, 'plan', revision],
      queryFn: ({ signal }) => api.planAtTheTime(environment, name, revision, signal),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  comparison: (environment: string, name: string, from: string, to: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'applications', name, 'comparison', from, to],
      queryFn: ({ signal }) => api.comparison(environment, name, from, to, signal),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  blastRadius: (name: string, version: string) =>
    infiniteQueryOptions({
      queryKey: ['blueprints', name, 'blast-radius', version],
      queryFn: ({ signal, pageParam }) => api.blastRadius(name, version, pageParam, signal),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.continue,
    }),
  manifests: (environment: string, name: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'applications', name, 'manifests'],
      queryFn: ({ signal }) => api.manifests(environment, name, signal),
    }),
  unfinishedPlans: (environment: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'unfinished-plans'],
      queryFn: ({ signal }) => api.unfinishedPlans(environment, signal),
      refetchInterval: 30_000,
    }),
  volumes: (environment: string) =>
    queryOptions({
      queryKey: ['environments', environment, 'volumes'],
      queryFn: ({ signal }) => api.volumes(environment, signal),
      refetchInterval: 30_000,
    }),
  tokens: queryOptions({ queryKey: ['tokens'], queryFn: ({ signal }) => api.tokens(signal) }),
};

/** Who is signed in; `undefined` while that is not known, null when nobody is. */
export function useMe() {
  return useQuery(queries.me).data;
}
