import { ok } from '@catalyst/model/problem.ts';
import type { ApiDeps } from '../rest/api-deps.ts';

/** A lane in memory, for tests of the transport alone. */
export function createLaneDoubles(): Pick<ApiDeps, 'lanes'> {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    lanes: {
      read: async (organization, application) =>
        application === 'shop'
          ? { organization, application, environments: [], steps: [], backflow: [] }
          : undefined,
      accept: async (_actor, { organization, application }, { from, to }) =>
        ok({
          organization,
          application,
          number: 2,
          title: `Bring the change of ${from} to ${to}`,
          state: 'open',
          environment: to,
          destination: 'develop',
          head: 'a'.repeat(40),
          content: 'a'.repeat(40),
          openedBy: { id: 'omar', name: 'Omar' },
          openedOn: 'api',
          openedAt: at,
          updatedAt: at,
        }),
      decline: async () => ok(undefined),
    },
  };
}
