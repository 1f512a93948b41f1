import {
  AskAutoMerge,
  CommentView,
  DecidePromotion,
  EditPullRequest,
  GiveReview,
  MergePullRequest,
  OpenPullRequest,
  PostCheck,
  ProposedPlan,
  ProposePlan,
  PullRequestDetail,
  PullRequestList,
  PullRequestSummary,
  WriteComment,
} from '@catalyst/model/api/reviews.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import { demand } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { environmentOf, organizationOf } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

const tags = ['pull-requests'];
const reading = { permission: 'organization.read', scope: 'organization' } as const;
const writing = { permission: 'pull-request.write', scope: 'organization' } as const;
const all = '/v1/organizations/:organization/pull-requests';
const one = `${all}/:application/:number`;

const oneParams = Type.Object({
  ...params.organization.properties,
  application: Type.String({ maxLength: 100, description: 'The repository.' }),
  number: Type.Integer({ minimum: 1, maximum: 99_999_999 }),
});
const query = Type.Object({
  state: Type.Optional(
    Type.Union([Type.Literal('open'), Type.Literal('merged'), Type.Literal('closed')], {
      description: 'All of them unless told.',
    }),
  ),
  environment: Type.Optional(Type.String({ maxLength: 100 })),
  application: Type.Optional(Type.String({ maxLength: 100 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
});

/** Pull requests: opened, discussed, reviewed, merged. */
export function pullRequestRoutes(app: ApiApp, deps: ApiDeps): void {
  const { pullRequests } = deps;

  app.get(
    all,
    {
      config: { access: reading },
      schema: {
        operationId: 'listPullRequests',
        tags,
        description: 'Newest first.',
        params: params.organization,
        querystring: query,
        response: answers({ 200: PullRequestList }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return { items: await pullRequests.list(metadata.name, request.query) };
    },
  );

  app.post(
    all,
    {
      config: { access: writing },
      schema: {
        operationId: 'openPullRequest',
        tags,
        description: 'For a branch that was pushed.',
        params: params.organization,
        body: OpenPullRequest,
        response: answers({ 201: PullRequestSummary }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const opened = await pullRequests.open(actorOf(request), metadata.name, request.body);
      return reply.code(201).send(answerOf(opened));
    },
  );

  app.get(
    one,
    {
      config: { access: reading },
      schema: {
        operationId: 'getPullRequest',
        tags,
        description: 'With what merging it now would do, what it waits for, and what the caller can do.',
        params: oneParams,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => answerOf(await pullRequests.detail(actorOf(request), request.params)),
  );

  app.patch(
    one,
    {
      config: { access: writing },
      schema: {
        operationId: 'editPullRequest',
        tags,
        description: 'By its opener, and by those who may change the Environment.',
        params: oneParams,
        body: EditPullRequest,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => answerOf(await pullRequests.edit(actorOf(request), request.params, request.body)),
  );

  app.post(
    '/v1/environments/:environment/plans/:plan/propose',
    {
      config: { access: { permission: 'application.write', scope: 'environment' } },
      schema: {
        operationId: 'proposePlan',
        tags,
        description: 'Opens a pull request per repository that the plan touches.',
        params: Type.Object({ ...params.environment.properties, plan: Type.String({ maxLength: 64 }) }),
        body: ProposePlan,
        response: answers({ 201: ProposedPlan }),
      },
    },
    async (request, reply) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const { plan } = request.params;
      const proposed = await pullRequests.propose(actorOf(request), metadata.name, plan, request.body);
      return reply.code(201).send({ planId: plan, pullRequests: answerOf(proposed) });
    },
  );

  actRoutes(app, deps);
  autoMergeRoutes(app, deps);
}

function autoMergeRoutes(app: ApiApp, { pullRequests }: ApiDeps): void {
  const path = `${one}/auto-merge`;

  app.put(
    path,
    {
      config: { access: writing },
      schema: {
        operationId: 'askAutoMerge',
        tags,
        description:
          'Has exactly this content merged as soon as all gates are open, in the caller’s name and with his rights at that moment. Another one ends it. A promotion must be named by its content too.',
        params: oneParams,
        body: AskAutoMerge,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => {
      const { environment } = answerOf(await pullRequests.find(request.params));
      const actor = actorOf(request);
      demand({ permission: 'application.write', scope: 'environment' }, actor, { environment });
      return answerOf(await pullRequests.askAutoMerge(actor, request.params, request.body));
    },
  );

  app.delete(
    path,
    {
      config: { access: writing },
      schema: {
        operationId: 'stopAutoMerge',
        tags,
        description: 'By who asked for it, and by those who may change the Environment.',
        params: oneParams,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => answerOf(await pullRequests.stopAutoMerge(actorOf(request), request.params)),
  );
}

function actRoutes(app: ApiApp, { pullRequests }: ApiDeps): void {
  app.post(
    `${one}/reviews`,
    {
      config: { access: writing },
      schema: {
        operationId: 'reviewPullRequest',
        tags,
        description:
          'A verdict on exactly the content that was read; a later one replaces it. A promotion must be named by its content too.',
        params: oneParams,
        body: GiveReview,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => answerOf(await pullRequests.review(actorOf(request), request.params, request.body)),
  );

  app.post(
    `${one}/decisions`,
    {
      config: { access: writing },
      schema: {
        operationId: 'decidePromotion',
        tags,
        description:
          'Which side the paths of a promotion follow that the destination changed for itself. Approvals of what it was before fall.',
        params: oneParams,
        body: DecidePromotion,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => answerOf(await pullRequests.decide(actorOf(request), request.params, request.body)),
  );

  app.post(
    `${one}/comments`,
    {
      config: { access: writing },
      schema: {
        operationId: 'commentPullRequest',
        tags,
        params: oneParams,
        body: WriteComment,
        response: answers({ 201: CommentView }),
      },
    },
    async (request, reply) => {
      const said = answerOf(await pullRequests.comment(actorOf(request), request.params, request.body));
      return reply.code(201).send({ ...said, by: { id: said.by.id, name: said.by.name } });
    },
  );

  app.post(
    `${one}/merge`,
    {
      config: { access: writing },
      schema: {
        operationId: 'mergePullRequest',
        tags,
        description:
          'Merges one after another per repository. Refused where head or content is not the expected one. A promotion must be named by its content too.',
        params: oneParams,
        body: MergePullRequest,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => {
      const { environment } = answerOf(await pullRequests.find(request.params));
      const actor = actorOf(request);
      demand({ permission: 'application.write', scope: 'environment' }, actor, { environment });
      return answerOf(await pullRequests.merge(actor, request.params, request.body));
    },
  );

  app.put(
    `${one}/checks/:check`,
    {
      config: { access: { permission: 'check.post', scope: 'organization' } },
      schema: {
        operationId: 'postPullRequestCheck',
        tags,
        description:
          'A named result of an outside system for one exact revision. Only with a personal access token that was given the right to this very name; no role has it.',
        params: Type.Object({ ...oneParams.properties, check: Type.String({ maxLength: 100 }) }),
        body: PostCheck,
        response: answers({ 200: PullRequestDetail }),
      },
    },
    async (request) => {
      const { check, ...ref } = request.params;
      return answerOf(await pullRequests.postCheck(actorOf(request), ref, check, request.body));
    },
  );
}
