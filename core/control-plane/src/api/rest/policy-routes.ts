import { PolicyView, PutPolicy } from '@catalyst/model/api/policies.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { toPolicyView } from '../../services/review/policies.ts';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { environmentOf } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

const tags = ['policies'];
const path = '/v1/environments/:environment/policy';

/** What protects an Environment: seen by members; org-admins put the first policy, every later one is proposed. */
export function policyRoutes(app: ApiApp, deps: ApiDeps): void {
  const { policies } = deps;

  app.get(
    path,
    {
      config: { access: { permission: 'environment.read', scope: 'environment' } },
      schema: {
        operationId: 'getPolicy',
        tags,
        params: params.environment,
        response: answers({ 200: PolicyView }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      return toPolicyView(metadata.name, await policies.of(metadata.name));
    },
  );

  app.put(
    path,
    {
      config: { access: { permission: 'policy.write', scope: 'environment' } },
      schema: {
        operationId: 'putPolicy',
        tags,
        description:
          'Commits the first policy of an Environment to system/catalyst-config with its reason. It only tightens, so it holds at once; a policy that is there is changed or removed by a proposal that somebody else approves (`ReviewNeeded`).',
        params: params.environment,
        body: PutPolicy,
        response: answers({ 200: PolicyView }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const { spec, reason } = request.body;
      // A JSON body is JSON.
      const wanted = spec as JsonObject | null;
      answerOf(await policies.put(actorOf(request), metadata.name, wanted, reason));
      return {
        ...toPolicyView(metadata.name, await policies.of(metadata.name)),
        note: `This is the first policy of ${metadata.name}. It only tightens, so it holds at once and nobody else was asked; from now on it is changed by a proposal that somebody else approves.`,
      };
    },
  );
}
