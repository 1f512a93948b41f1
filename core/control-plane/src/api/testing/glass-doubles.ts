import { ok, refused } from '@catalyst/model/problem.ts';
import type { BrokenGlass } from '../../services/break-glass/break-glass.ts';
import type { Verdict } from '../../services/verdict/verdicts.ts';
import type { ApiDeps } from '../rest/api-deps.ts';

const at = '2026-01-01T00:00:00.000Z';

function toVerdict(environment: string): Verdict {
  const change = { environment, way: 'pull-request' } as const;
  return {
    id: 'verdict-1',
    at,
    lastAt: at,
    times: 1,
    organization: environment.replace(/-dev$/, ''),
    environment,
    application: 'shop',
    branch: 'develop',
    number: 1,
    head: 'a'.repeat(40),
    base: 'b'.repeat(40),
    by: { id: 'omar', name: 'Omar', surface: 'console' },
    change,
    facts: { now: Date.parse(at) },
    outcome: { allowed: true, gates: [], blocked: [] },
    further: [],
    problems: [],
    allowed: true,
  };
}

function toGlass(environment: string): BrokenGlass {
  return {
    id: 'glass-1',
    organization: environment.replace(/-dev$/, ''),
    environment,
    by: { id: 'omar', name: 'Omar' },
    reason: 'The shop is down.',
    minutes: 30,
    openedAt: at,
    until: '2026-01-01T00:30:00.000Z',
  };
}

/** One verdict and one broken glass, for tests of the transport alone. */
export function createGlassDoubles(): Pick<ApiDeps, 'verdicts' | 'breakGlass'> {
  return {
    verdicts: {
      list: async (environment) => [toVerdict(environment)],
      find: async (environment, id) => (id === 'verdict-1' ? toVerdict(environment) : undefined),
    },
    breakGlass: {
      list: async (environment) => [toGlass(environment)],
      open: async (_actor, environment) => ok(toGlass(environment)),
      close: async (_actor, environment, id) =>
        id === 'glass-1'
          ? ok(toGlass(environment))
          : refused({ code: 'NotFound', message: 'Nobody broke the glass here under this id.' }),
    },
  };
}
