import { ChangeList, Comparison, PlanAtTheTime } from '@catalyst/model/api/history.ts';
import type { Environment } from '@catalyst/model/resources/organization.ts';
import { Type } from 'typebox';
import type { HistoryScope } from '../../services/history/history.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { environmentOf } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

const tags = ['applications'];
const reading = { permission: 'application.read', scope: 'environment' } as const;
const revision = Type.String({ pattern: '^[0-9a-f]{40}$' });
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 }));

function toScope({ metadata, spec }: Environment): HistoryScope {
  return { organization: spec.organization, environment: metadata.name, envType: spec.envType };
}

/** Who changed what and why, and what became of it. */
export function historyRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/environments/:environment/history',
    {
      config: { access: reading },
      schema: {
        operationId: 'getEnvironmentHistory',
        tags,
        description: 'Changes of every Application of the Environment, newest first.',
        params: params.environment,
        querystring: Type.Object({ limit, continue: Type.Optional(Type.String({ maxLength: 200 })) }),
        response: answers({ 200: ChangeList }),
      },
    },
    async (request) => {
      const scope = toScope(await environmentOf(deps, request.params.environment));
      const { limit: size = 50, continue: from } = request.query;
      return deps.history.ofEnvironment(scope, {
        limit: size,
        ...(from === undefined ? {} : { continue: from }),
      });
    },
  );

  app.get(
    '/v1/environments/:environment/applications/:application/history',
    {
      config: { access: reading },
      schema: {
        operationId: 'getApplicationHistory',
        tags,
        description:
          'Commits of the branch with who pushed them and what became of them, newest first; also after an uninstall. `before` is the `continue` of the page before.',
        params: params.application,
        querystring: Type.Object({ limit, before: Type.Optional(revision) }),
        response: answers({ 200: ChangeList }),
      },
    },
    async (request) => {
      const scope = toScope(await environmentOf(deps, request.params.environment));
      const { limit: size = 50, before } = request.query;
      const list = await deps.history.ofApplication(scope, request.params.application, {
        limit: size,
        ...(before === undefined ? {} : { before }),
      });
      if (!list)
        throw notFound(`There is no Application "${request.params.application}" in ${scope.environment}.`);
      return list;
    },
  );

  app.get(
    '/v1/environments/:environment/applications/:application/history/:revision/plan',
    {
      config: { access: reading },
      schema: {
        operationId: 'getPlanAtTheTime',
        tags,
        description:
          'What the plan said that was carried out by this change. A change by `git push` has none.',
        params: Type.Object({ ...params.application.properties, revision }),
        response: answers({ 200: PlanAtTheTime }),
      },
    },
    async (request) => {
      const scope = toScope(await environmentOf(deps, request.params.environment));
      const { application, revision: of } = request.params;
      const plan = await deps.history.plan(scope, application, of);
      if (!plan)
        throw notFound(
          `No plan is kept for ${of.slice(0, 7)} of "${application}": it was pushed, or is too old. Compare it with the revision before.`,
        );
      return plan;
    },
  );

  app.get(
    '/v1/environments/:environment/applications/:application/compare',
    {
      config: { access: reading, rateLimit: { max: 600, timeWindow: 60_000 } },
      schema: {
        operationId: 'compareRevisions',
        tags,
        description: 'Two revisions of the branch as files and as rendered objects.',
        params: params.application,
        querystring: Type.Object({ from: revision, to: revision }),
        response: answers({ 200: Comparison }),
      },
    },
    async (request) => {
      const scope = toScope(await environmentOf(deps, request.params.environment));
      const { application } = request.params;
      const comparison = await deps.history.compare(scope, application, request.query);
      if (!comparison)
        throw notFound(
          `These are not two revisions of "${application}" in ${scope.environment}. Choose them from its history.`,
        );
      return comparison;
    },
  );
}
