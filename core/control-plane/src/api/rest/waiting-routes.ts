import { WaitingChanges, WhyNotDeployed } from '@catalyst/model/api/people.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { environmentOf, findApplicationView } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

const tags = ['applications'];
const config = { access: { permission: 'application.read', scope: 'environment' } } as const;

/** What is on its way to an Environment, and why it is not there yet. */
export function waitingRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/environments/:environment/waiting',
    {
      config,
      schema: {
        operationId: 'listWaitingChanges',
        tags,
        description: 'The newest open pull request of each Application, with its first closed gate.',
        params: params.environment,
        response: answers({ 200: WaitingChanges }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      return deps.waiting.list(metadata.name);
    },
  );

  app.get(
    '/v1/environments/:environment/applications/:application/why',
    {
      config,
      schema: {
        operationId: 'whyNotDeployed',
        tags,
        description:
          'Why the newest change does not run here yet, over Git, gates, dependency, render and runtime, and who can act.',
        params: params.application,
        response: answers({ 200: WhyNotDeployed }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const { application } = request.params;
      const view = findApplicationView(deps, metadata.name, application);
      const answer = await deps.waiting.why(metadata.name, application, view);
      if (!answer)
        throw notFound(
          `There is no Application "${application}" in ${metadata.name}, and no pull request that would bring it.`,
        );
      return answer;
    },
  );
}
