import { Scorecard } from '@catalyst/model/api/scorecard.ts';
import type { ApiDeps } from './api-deps.ts';
import { applicationView, environmentOf } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

/** How reliable an Application is made, and what would make it more so. */
export function scorecardRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/environments/:environment/applications/:application/scorecard',
    {
      config: {
        access: { permission: 'application.read', scope: 'environment' },
        rateLimit: { max: 600, timeWindow: 60_000 },
      },
      schema: {
        operationId: 'getScorecard',
        tags: ['applications'],
        description:
          'The RE score of the head of the branch, with how it runs now: each criterion with its points, what loses some, and the cheapest fix of each. What is not known is said and left out.',
        params: params.application,
        response: answers({ 200: Scorecard }),
      },
    },
    async (request) => {
      const { metadata, spec } = await environmentOf(deps, request.params.environment);
      const view = applicationView(deps, metadata.name, request.params.application);
      return deps.scorecards.of(
        { organization: spec.organization, environment: metadata.name, envType: spec.envType },
        view,
      );
    },
  );
}
