import type {
  CheckedPolicy,
  PolicyProposalList,
  PolicyProposalView,
  PolicyView,
  ProposePolicy,
  PutPolicy,
} from '@catalyst/model/api/policies.ts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { pathOf, request } from '../api/client.ts';

const ofPolicy = (environment: string, ...more: readonly string[]) =>
  pathOf('environments', environment, 'policy', ...more);

/** Commits the first policy of an Environment. */
export function putPolicy(environment: string, body: PutPolicy) {
  return request<PolicyView>('PUT', ofPolicy(environment), { body });
}

/** Proposes another policy, or that there be none. */
export function proposePolicy(environment: string, body: ProposePolicy) {
  return request<PolicyProposalView>('POST', ofPolicy(environment, 'proposals'), { body });
}

/** Approves a proposal, or takes it back; an empty reason is none. */
export function decideProposal(
  { environment, id }: Pick<PolicyProposalView, 'environment' | 'id'>,
  decision: 'approve' | 'withdraw',
  reason: string,
) {
  return request<PolicyProposalView>('POST', ofPolicy(environment, 'proposals', id, decision), {
    body: reason.trim() === '' ? {} : { reason: reason.trim() },
  });
}

/** What protects an Environment. */
export function policyQuery(environment: string) {
  return queryOptions({
    queryKey: ['environments', environment, 'policy'],
    queryFn: ({ signal }) => request<PolicyView>('GET', ofPolicy(environment), { signal }),
    staleTime: 30_000,
  });
}

/** Proposals that wait. */
export function openProposalsQuery(environment: string) {
  return queryOptions({
    queryKey: ['environments', environment, 'policy', 'proposals'],
    queryFn: ({ signal }) =>
      request<PolicyProposalList>('GET', `${ofPolicy(environment, 'proposals')}?state=open`, { signal }),
    // Somebody else decides them.
    refetchInterval: 20_000,
  });
}

/** What a policy would say, while it is edited. */
export function checkQuery(environment: string, spec: PutPolicy['spec'] | undefined) {
  return queryOptions({
    queryKey: ['environments', environment, 'policy', 'check', spec],
    queryFn: ({ signal }) =>
      request<CheckedPolicy>('POST', ofPolicy(environment, 'check'), { body: { spec }, signal }),
    enabled: spec !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 30_000,
  });
}
