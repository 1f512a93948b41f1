import {
  CheckedPolicy,
  CheckPolicy,
  DecideProposal,
  PolicyProposalList,
  PolicyProposalView,
  ProposePolicy,
} from '@catalyst/model/api/policies.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { environmentOf } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

const tags = ['policies'];
const path = '/v1/environments/:environment/policy';
const one = `${path}/proposals/:proposal`;
const oneParams = Type.Object({
  ...params.environment.properties,
  proposal: Type.String({ maxLength: 64, description: 'Id of the proposal.' }),
});
const reading = { permission: 'environment.read', scope: 'environment' } as const;
const writing = { permission: 'policy.write', scope: 'environment' } as const;

/** Changes of a policy that is there: proposed by one person, approved by another, then committed. */
export function policyProposalRoutes(app: ApiApp, deps: ApiDeps): void {
  proposingRoutes(app, deps);
  decidingRoutes(app, deps);
}

function proposingRoutes(app: ApiApp, deps: ApiDeps): void {
  const { policyProposals } = deps;
  app.post(
    `${path}/check`,
    {
      config: { access: writing },
      schema: {
        operationId: 'checkPolicy',
        tags,
        description: 'What a policy would say, and what of it is wrong. Changes nothing.',
        params: params.environment,
        body: CheckPolicy,
        response: answers({ 200: CheckedPolicy }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      return policyProposals.check(metadata.name, toSpec(request.body.spec));
    },
  );

  app.get(
    `${path}/proposals`,
    {
      config: { access: reading },
      schema: {
        operationId: 'listPolicyProposals',
        tags,
        description: 'Open ones first, oldest first; then the newest of those that are decided. At most 50.',
        params: params.environment,
        querystring: Type.Object({ state: Type.Optional(Type.Literal('open')) }),
        response: answers({ 200: PolicyProposalList }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      return { items: await policyProposals.list(actorOf(request), metadata.name, request.query.state) };
    },
  );

  app.post(
    `${path}/proposals`,
    {
      config: { access: writing },
      schema: {
        operationId: 'proposePolicy',
        tags,
        description:
          'Proposes another `spec`, or with null to remove the policy. A policy that can never be met is refused here. Somebody else approves it before it is committed.',
        params: params.environment,
        body: ProposePolicy,
        response: answers({ 201: PolicyProposalView }),
      },
    },
    async (request, reply) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const { spec, reason } = request.body;
      const wanted = { spec: toSpec(spec), reason };
      const proposed = await policyProposals.propose(actorOf(request), metadata.name, wanted);
      return reply.code(201).send(answerOf(proposed));
    },
  );

  app.get(
    one,
    {
      config: { access: reading },
      schema: {
        operationId: 'getPolicyProposal',
        tags,
        params: oneParams,
        response: answers({ 200: PolicyProposalView }),
      },
    },
    async (request) => {
      await environmentOf(deps, request.params.environment);
      return answerOf(await policyProposals.get(actorOf(request), request.params));
    },
  );
}

function decidingRoutes(app: ApiApp, deps: ApiDeps): void {
  const { policyProposals } = deps;
  app.post(
    `${one}/approve`,
    {
      // Whom the policy names as approver may be a developer; the service asks who it is.
      config: { access: { permission: 'pull-request.write', scope: 'environment' } },
      schema: {
        operationId: 'approvePolicyProposal',
        tags,
        description:
          'Approves and commits. By another org-admin, a sovereign-admin or somebody whom the present policy names as approver, never by its proposer; an only sovereign-admin confirms their own with a reason that the commit keeps. `Stale`: the policy changed meanwhile.',
        params: oneParams,
        body: DecideProposal,
        response: answers({ 200: PolicyProposalView }),
      },
    },
    async (request) => {
      await environmentOf(deps, request.params.environment);
      const { reason } = request.body;
      return answerOf(await policyProposals.approve(actorOf(request), request.params, reason));
    },
  );

  app.post(
    `${one}/withdraw`,
    {
      config: { access: writing },
      schema: {
        operationId: 'withdrawPolicyProposal',
        tags,
        description: 'Takes a proposal back, or turns it down.',
        params: oneParams,
        body: DecideProposal,
        response: answers({ 200: PolicyProposalView }),
      },
    },
    async (request) => {
      await environmentOf(deps, request.params.environment);
      const { reason } = request.body;
      return answerOf(await policyProposals.withdraw(actorOf(request), request.params, reason));
    },
  );
}

// A JSON body is JSON.
const toSpec = (spec: Record<string, unknown> | null) => spec as JsonObject | null;
