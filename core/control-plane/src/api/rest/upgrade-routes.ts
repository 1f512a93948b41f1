import { BlastRadius, ProposedUpgrades, ProposeUpgrades } from '@catalyst/model/api/upgrades.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { type ApiApp, answers } from './routes.ts';

const tags = ['blueprints'];
const blueprint = Type.Object({ name: Type.String({ maxLength: 100 }) });

/** What a version of a Blueprint would do to whoever uses another one, and the pull requests for it. */
export function upgradeRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/blueprints/:name/blast-radius',
    {
      config: { access: 'user', rateLimit: { max: 120, timeWindow: 60_000 } },
      schema: {
        operationId: 'getBlastRadius',
        tags,
        description:
          'What the version would change for every Application that the caller may see and that uses another one; `unchanged` counts those of this page.',
        params: blueprint,
        querystring: Type.Object({
          version: Type.String({ minLength: 1, maxLength: 64 }),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 20 })),
          continue: Type.Optional(Type.String({ maxLength: 400 })),
        }),
        response: answers({ 200: BlastRadius }),
      },
    },
    async (request) => {
      const { version, limit, continue: from } = request.query;
      return answerOf(
        await deps.upgrades.blastRadius(actorOf(request), {
          blueprint: request.params.name,
          version,
          ...(limit === undefined ? {} : { limit }),
          ...(from === undefined ? {} : { continue: from }),
        }),
      );
    },
  );

  app.post(
    '/v1/blueprints/:name/upgrades',
    {
      config: { access: 'user', rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: {
        operationId: 'proposeUpgrades',
        tags,
        description: 'Opens a pull request for each of the given Applications, and says why where it cannot.',
        params: blueprint,
        body: ProposeUpgrades,
        response: answers({ 200: ProposedUpgrades }),
      },
    },
    async (request) => {
      const actor = actorOf(request);
      if (actor.readOnly) throw new CatalystError('Denied', 'This token only reads. Use one that may write.');
      return answerOf(await deps.upgrades.propose(actor, request.params.name, request.body));
    },
  );
}
