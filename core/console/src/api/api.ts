import type {
  ApplicationDetail,
  ApplicationPage,
  AppliedPlan,
  Manifests,
  UnfinishedPlan,
  VolumeView,
} from '@catalyst/model/api/applications.ts';
import type { BlueprintDetail, BlueprintList } from '@catalyst/model/api/blueprints.ts';
import type { ChangeList, Comparison, PlanAtTheTime } from '@catalyst/model/api/history.ts';
import type {
  AcceptedMembership,
  AcceptedUser,
  AcceptRequest,
  CreatedToken,
  InvitationToken,
  Me,
  OfferedMembership,
  SetupRequest,
  SovereignView,
  TokenRequest,
  TokenView,
} from '@catalyst/model/api/identity.ts';
import type {
  DeletionView,
  EnvironmentRequest,
  InvitationView,
  InvitationWithLink,
  MemberChange,
  MemberRequest,
  MemberView,
  OrganizationRequest,
} from '@catalyst/model/api/organizations.ts';
import type { ProposedPlan, ProposePlan } from '@catalyst/model/api/reviews.ts';
import type { BlastRadius, ProposedUpgrades, ProposeUpgrades } from '@catalyst/model/api/upgrades.ts';
import type { EnvironmentView, OrganizationView } from '@catalyst/model/views/application-view.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import type { Static } from 'typebox';
import { pathOf, queryOf, request } from './client.ts';

type Signal = AbortSignal | undefined;
interface Items<T> {
  items: T[];
}

/** Every call of the console to the API, typed by the model's schemas. */
export const api = {
  sovereign: (signal: Signal) => request<SovereignView>('GET', '/v1/sovereign', { signal }),
  me: (signal: Signal) => request<Me>('GET', '/v1/me', { signal }),
  setUp: (body: SetupRequest) => request<AcceptedUser>('POST', '/v1/setup', { body }),
  acceptInvitation: (body: AcceptRequest) =>
    request<AcceptedUser>('POST', '/v1/invitations/accept', { body }),
  readInvitation: (body: InvitationToken, signal: Signal) =>
    request<OfferedMembership>('POST', '/v1/invitations/read', { body, signal }),
  acceptMembership: (body: InvitationToken) =>
    request<AcceptedMembership>('POST', '/v1/me/memberships', { body }),

  blueprints: (signal: Signal) => request<BlueprintList>('GET', '/v1/blueprints', { signal }),
  blueprint: (name: string, version: string | undefined, signal: Signal) =>
    request<BlueprintDetail>(
      'GET',
      `${pathOf('blueprints', name)}${version ? `?version=${encodeURIComponent(version)}` : ''}`,
      { signal },
    ),

  blastRadius: (name: string, version: string, page: string | undefined, signal: Signal) =>
    request<BlastRadius>(
      'GET',
      `${pathOf('blueprints', name, 'blast-radius')}${queryOf({ version, continue: page })}`,
      { signal },
    ),
  proposeUpgrades: (name: string, body: ProposeUpgrades) =>
    request<ProposedUpgrades>('POST', pathOf('blueprints', name, 'upgrades'), { body }),

  organizations: (signal: Signal) => request<Items<OrganizationView>>('GET', '/v1/organizations', { signal }),
  organization: (name: string, signal: Signal) =>
    request<OrganizationView>('GET', pathOf('organizations', name), { signal }),
  createOrganization: (body: OrganizationRequest) =>
    request<OrganizationView>('POST', '/v1/organizations', { body }),
  organizationDeletion: (name: string, signal: Signal) =>
    request<DeletionView>('GET', pathOf('organizations', name, 'deletion'), { signal }),
  deleteOrganization: (name: string) =>
    request<void>('DELETE', `${pathOf('organizations', name)}?confirm=${encodeURIComponent(name)}`),

  members: (organization: string, signal: Signal) =>
    request<Items<MemberView>>('GET', pathOf('organizations', organization, 'members'), { signal }),
  addMember: (organization: string, body: MemberRequest) =>
    request<InvitationWithLink>('POST', pathOf('organizations', organization, 'members'), { body }),
  invitations: (organization: string, signal: Signal) =>
    request<Items<InvitationView>>('GET', pathOf('organizations', organization, 'invitations'), { signal }),
  renewInvitation: (organization: string, id: string) =>
    request<InvitationWithLink>('POST', pathOf('organizations', organization, 'invitations', id, 'link')),
  withdrawInvitation: (organization: string, id: string) =>
    request<void>('DELETE', pathOf('organizations', organization, 'invitations', id)),
  changeMember: (organization: string, user: string, body: MemberChange) =>
    request<MemberView>('PATCH', pathOf('organizations', organization, 'members', user), { body }),
  removeMember: (organization: string, user: string) =>
    request<void>('DELETE', pathOf('organizations', organization, 'members', user)),

  environments: (organization: string, signal: Signal) =>
    request<Items<EnvironmentView>>('GET', pathOf('organizations', organization, 'environments'), { signal }),
  createEnvironment: (organization: string, body: EnvironmentRequest) =>
    request<EnvironmentView>('POST', pathOf('organizations', organization, 'environments'), { body }),
  environmentDeletion: (organization: string, environment: string, signal: Signal) =>
    request<DeletionView>(
      'GET',
      pathOf('organizations', organization, 'environments', environment, 'deletion'),
      { signal },
    ),
  deleteEnvironment: (organization: string, environment: string) =>
    request<void>(
      'DELETE',
      `${pathOf('organizations', organization, 'environments', environment)}?confirm=${encodeURIComponent(environment)}`,
    ),

  plan: (environment: string, body: PlanRequest, signal?: Signal) =>
    request<Plan>('POST', pathOf('environments', environment, 'plans'), { body, signal }),
  applyPlan: (environment: string, plan: string) =>
    request<AppliedPlan>('POST', pathOf('environments', environment, 'plans', plan, 'apply')),

  proposePlan: (environment: string, plan: string, body: ProposePlan) =>
    request<Static<typeof ProposedPlan>>(
      'POST',
      pathOf('environments', environment, 'plans', plan, 'propose'),
      { body },
    ),

  application: (environment: string, name: string, signal: Signal) =>
    request<ApplicationDetail>('GET', pathOf('environments', environment, 'applications', name), { signal }),
  history: (environment: string, name: string, page: string | undefined, signal: Signal) =>
    request<ChangeList>(
      'GET',
      `${pathOf('environments', environment, 'applications', name, 'history')}${queryOf({ continue: page })}`,
      { signal },
    ),
  environmentHistory: (environment: string, page: string | undefined, signal: Signal) =>
    request<ChangeList>(
      'GET',
      `${pathOf('environments', environment, 'history')}${queryOf({ continue: page })}`,
      { signal },
    ),
  planAtTheTime: (environment: string, name: string, revision: string, signal: Signal) =>
    request<PlanAtTheTime>(
      'GET',
      pathOf('environments', environment, 'applications', name, 'history', revision, 'plan'),
      { signal },
    ),
  comparison: (environment: string, name: string, from: string, to: string, signal: Signal) =>
    request<Comparison>(
      'GET',
      `${pathOf('environments', environment, 'applications', name, 'compare')}${queryOf({ from, to })}`,
      { signal },
    ),
  manifests: (environment: string, name: string, signal: Signal) =>
    request<Manifests>('GET', pathOf('environments', environment, 'applications', name, 'manifests'), {
      signal,
    }),
  applications: (query: Readonly<Record<string, string>>, signal: Signal) =>
    request<ApplicationPage>('GET', `/v1/applications?${new URLSearchParams(query).toString()}`, { signal }),

  unfinishedPlans: (environment: string, signal: Signal) =>
    request<Items<UnfinishedPlan>>('GET', pathOf('environments', environment, 'unfinished-plans'), {
      signal,
    }),
  volumes: (environment: string, signal: Signal) =>
    request<Items<VolumeView>>('GET', pathOf('environments', environment, 'volumes'), { signal }),
  deleteVolume: (environment: string, application: string, claim: string) =>
    request<void>('DELETE', pathOf('environments', environment, 'volumes', application, claim)),

  tokens: (signal: Signal) => request<Items<TokenView>>('GET', '/v1/tokens', { signal }),
  createToken: (body: TokenRequest) => request<CreatedToken>('POST', '/v1/tokens', { body }),
  deleteToken: (id: string) => request<void>('DELETE', pathOf('tokens', id)),
};
