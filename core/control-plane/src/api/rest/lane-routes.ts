import { AcceptBackflow, BlueprintMatrix, DeclineBackflow, Lane } from '@catalyst/model/api/lanes.ts';
import { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import { toBlueprintMatrix } from '@catalyst/model/projection/blueprint-matrix.ts';
import { inPromotionOrder } from '@catalyst/model/promotion/order.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import { demand, notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { applicationViews, organizationOf } from './lookups.ts';
import { type ApiApp, answers, noContent, params } from './routes.ts';

const reading = { permission: 'organization.read', scope: 'organization' } as const;
const proposing = { permission: 'pull-request.write', scope: 'organization' } as const;
const lane = '/v1/organizations/:organization/applications/:application/lane';
const laneParams = Type.Object({
  ...params.organization.properties,
  application: Type.String({ maxLength: 100 }),
});

/** The Environments of an Application side by side, what flows back, and where a Blueprint is used. */
export function laneRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    lane,
    {
      config: { access: reading },
      schema: {
        operationId: 'getLane',
        tags: ['applications'],
        description:
          'The Application in each Environment, in the order of promotion; what a promotion between neighbours would carry; and what a higher Environment changed first.',
        params: laneParams,
        response: answers({ 200: Lane }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const { application } = request.params;
      const found = await deps.lanes.read(metadata.name, application);
      if (!found) throw notFound(`There is no Application "${application}" in ${metadata.name}.`);
      return found;
    },
  );
  backflowRoutes(app, deps);
  matrixRoute(app, deps);
}

function backflowRoutes(app: ApiApp, deps: ApiDeps): void {
  app.post(
    `${lane}/backflow`,
    {
      config: { access: proposing },
      schema: {
        operationId: 'acceptBackflow',
        tags: ['pull-requests'],
        description:
          'Opens a pull request that brings the change of a higher Environment to a lower one, as one cherry-picked commit.',
        params: laneParams,
        body: AcceptBackflow,
        response: answers({ 201: PullRequestSummary }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const of = { organization: metadata.name, application: request.params.application };
      const opened = await deps.lanes.accept(actorOf(request), of, request.body);
      return reply.code(201).send(answerOf(opened));
    },
  );

  app.post(
    `${lane}/backflow/decline`,
    {
      config: { access: proposing },
      schema: {
        operationId: 'declineBackflow',
        tags: ['pull-requests'],
        description: 'Says why the change is not wanted there; this very change is not offered again.',
        params: laneParams,
        body: DeclineBackflow,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const actor = actorOf(request);
      // It decides for the lower Environment; proposing to it does not.
      demand({ permission: 'application.write', scope: 'organization' }, actor, {
        organization: metadata.name,
        environment: request.body.to,
      });
      const of = { organization: metadata.name, application: request.params.application };
      answerOf(await deps.lanes.decline(actor, of, request.body));
      return reply.code(204).send(null);
    },
  );
}

function matrixRoute(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/organizations/:organization/blueprints/:blueprint/applications',
    {
      config: { access: reading },
      schema: {
        operationId: 'listBlueprintApplications',
        tags: ['blueprints'],
        description:
          'Every Application of the Organization that a Blueprint installed, in each Environment, by name. `after` is the `continue` of the page before.',
        params: Type.Object({
          ...params.organization.properties,
          blueprint: Type.String({ maxLength: 100 }),
        }),
        querystring: Type.Object({ after: Type.Optional(Type.String({ maxLength: 100 })) }),
        response: answers({ 200: BlueprintMatrix }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const { blueprint } = request.params;
      const organization = metadata.name;
      const environments = await deps.organizations.environments(organization);
      const ordered = inPromotionOrder(environments.map(({ spec }) => spec.envType)).flatMap(
        (envType) => environments.find(({ spec }) => spec.envType === envType) ?? [],
      );
      const columns = ordered.map(({ metadata: { name } }) => ({
        name,
        views: applicationViews(deps, name),
      }));
      const newest = deps.catalog.find(blueprint, undefined, { organizations: [organization] })?.version;
      const of = { organization, blueprint, ...(newest === undefined ? {} : { newest }) };
      const matrix = toBlueprintMatrix(of, columns, request.query.after);
      if (newest === undefined && matrix.applications.length === 0) throw notFound();
      return matrix;
    },
  );
}
