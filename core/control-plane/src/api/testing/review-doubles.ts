import type { PolicyProposalView } from '@catalyst/model/api/policies.ts';
import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { ok, refused } from '@catalyst/model/problem.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import type { Team } from '../../services/access/teams.ts';
import type { ApiDeps } from '../rest/api-deps.ts';

const at = '2026-01-01T00:00:00.000Z';
const head = 'a'.repeat(40);
const person = { id: 'omar', name: 'Omar', email: 'omar@example.org' };

function toPullRequest(organization: string): PullRequest {
  return {
    repository: { organization, name: 'shop' },
    number: 1,
    title: 'More replicas',
    description: '',
    state: 'open',
    source: 'more',
    destination: 'develop',
    environment: `${organization}-dev`,
    head,
    openedBy: person,
    openedOn: 'git',
    openedAt: at,
    updatedAt: at,
    pushers: [person.id],
    reviews: [],
    checks: [],
    version: 1,
  };
}

function toDetail(organization: string): PullRequestDetail {
  return {
    organization,
    application: 'shop',
    number: 1,
    title: 'More replicas',
    state: 'open',
    environment: `${organization}-dev`,
    destination: 'develop',
    head,
    content: head,
    openedBy: { id: person.id, name: person.name },
    openedOn: 'git',
    openedAt: at,
    updatedAt: at,
    description: '',
    commits: [],
    files: [],
    conflicts: [],
    gates: [],
    mergeable: true,
    why: 'Nothing is missing.',
    reviews: [],
    owners: [],
    checks: [],
    comments: [],
    may: { approve: true, merge: true, autoMerge: true, stopAutoMerge: true, close: true, comment: true },
  };
}

function toProposal(environment: string): PolicyProposalView {
  const { id, name } = person;
  return {
    id: 'pp_1',
    environment,
    state: 'open',
    removes: true,
    spec: null,
    difference: [],
    reason: 'No more.',
    proposedBy: { id, name },
    proposedAt: at,
    stale: false,
    approvers: [],
    why: 'Waits.',
    may: { approve: true, confirmAlone: false, withdraw: true },
  };
}

function proposalOf(environment: string, id: string) {
  return id === 'pp_1'
    ? ok(toProposal(environment))
    : refused({ code: 'NotFound', message: 'There is no such proposal.' });
}

/** Pull requests, teams and policies in memory, for tests of the transport alone. */
export function createReviewDoubles(): Pick<
  ApiDeps,
  'pullRequests' | 'teams' | 'policies' | 'policyProposals'
> {
  const missing = refused({ code: 'NotFound', message: 'There is no such pull request.' });
  const detail = async ({ organization, number }: { organization: string; number: number }) =>
    number === 1 ? ok(toDetail(organization)) : missing;
  const team: Team = { name: 'security', builtIn: false, members: [] };
  return {
    pullRequests: {
      list: async (organization) => [toDetail(organization)],
      find: async ({ organization, number }) => (number === 1 ? ok(toPullRequest(organization)) : missing),
      detail: (_actor, ref) => detail(ref),
      open: async (_actor, organization) => ok(toDetail(organization)),
      propose: async (_actor, environment) => ok([toDetail(environment.replace(/-dev$/, ''))]),
      review: (_actor, ref) => detail(ref),
      decide: (_actor, ref) => detail(ref),
      edit: (_actor, ref) => detail(ref),
      postCheck: (_actor, ref) => detail(ref),
      merge: (_actor, ref) => detail(ref),
      askAutoMerge: (_actor, ref) => detail(ref),
      stopAutoMerge: (_actor, ref) => detail(ref),
      comment: async () => ok({ id: '1', by: person, text: 'Why?', at }),
    },
    teams: {
      list: async () => [team],
      put: async (_actor, _organization, name) => ok({ ...team, name }),
      remove: async () => ok(undefined),
    },
    policies: { of: async () => undefined, put: async () => ok(undefined) },
    policyProposals: {
      check: async () => ({ sentences: [], difference: [], problems: [] }),
      propose: async (_actor, environment) => ok(toProposal(environment)),
      list: async (_actor, environment) => [toProposal(environment)],
      get: async (_actor, { environment, proposal }) => proposalOf(environment, proposal),
      approve: async (_actor, { environment, proposal }) => proposalOf(environment, proposal),
      withdraw: async (_actor, { environment, proposal }) => proposalOf(environment, proposal),
    },
  };
}
