import { VerdictDetail, VerdictList } from '@catalyst/model/api/verdicts.ts';
import { Type } from 'typebox';
import { toVerdictDetail, toVerdictSummary } from '../../services/verdict/views.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { environmentOf } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

const tags = ['verdicts'];
const access = { permission: 'environment.read', scope: 'environment' } as const;
const path = '/v1/environments/:environment/verdicts';
const query = Type.Object({
  application: Type.Optional(Type.String({ maxLength: 100, description: 'The repository.' })),
  number: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 99_999_999, description: 'Of the pull request.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
});

/** What was decided of merges, pushes and rollbacks, and from which facts. */
export function verdictRoutes(app: ApiApp, deps: ApiDeps): void {
  const { verdicts } = deps;

  app.get(
    path,
    {
      config: { access },
      schema: {
        operationId: 'listVerdicts',
        tags,
        description: 'Newest first.',
        params: params.environment,
        querystring: query,
        response: answers({ 200: VerdictList }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const { application, number, limit = 50 } = request.query;
      const found = await verdicts.list(metadata.name, {
        limit,
        ...(application === undefined ? {} : { application }),
        ...(number === undefined ? {} : { number }),
      });
      return { items: found.map(toVerdictSummary) };
    },
  );

  app.get(
    `${path}/:id`,
    {
      config: { access },
      schema: {
        operationId: 'getVerdict',
        tags,
        description:
          'With its policy and facts as they were, and what they give when they are evaluated now.',
        params: Type.Object({ ...params.environment.properties, id: Type.String({ maxLength: 64 }) }),
        response: answers({ 200: VerdictDetail }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const found = await verdicts.find(metadata.name, request.params.id);
      if (!found) throw notFound('There is no such verdict here.');
      return toVerdictDetail(found);
    },
  );
}
