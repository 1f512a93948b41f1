import { branchOf, parseEnvironmentName } from '@catalyst/model/names.ts';
import type { SoakFact } from '@catalyst/model/policy/facts.ts';
import type { Policy } from '@catalyst/model/policy/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Repositories, RepositoryName } from '../../ports/repositories.ts';
import type { Organizations } from '../organization-controller/organizations.ts';
import { healthIntervalsTable, healthStatesTable } from '../projector/health.ts';
import { countsUntil, readSeenAt } from '../projector/watch-time.ts';

/** How long what a revision carries has been Running in each Environment that the policy's `soak` rules name. */
export type ReadSoaks = (
  policy: Policy | undefined,
  repository: RepositoryName,
  revision: string,
) => Promise<readonly SoakFact[]>;

interface SoakDeps {
  readonly repositories: Pick<Repositories, 'head' | 'treeOf'>;
  readonly organizations: Pick<Organizations, 'environment'>;
  readonly database: Database;
  readonly clock: Clock;
}

const running = 'Running';

/**
 * Reads them from the rows of health intervals, which nothing else could give back: the time Running at any revision whose `base/` has
 * the same tree. The clock stands still while the Application is in another state and while nobody looks (Catalyst is stopped, the
 * machine sleeps, the time is set), and goes on when the same content returns.
 */
export function createReadSoaks(deps: SoakDeps): ReadSoaks {
  async function read(
    environment: string,
    repository: RepositoryName,
    tree: string | undefined,
  ): Promise<SoakFact> {
    const parsed = parseEnvironmentName(environment);
    const unknown = { environment, exists: false, arrived: false, healthyMs: 0, running: false };
    if (!parsed || parsed.organization !== repository.organization) return unknown;
    if (!(await deps.organizations.environment(environment))) return unknown;
    const trees = new Map<string, Promise<string | undefined>>();
    const isSame = async (revision: string) => {
      const known = trees.get(revision) ?? deps.repositories.treeOf(repository, revision, 'base');
      trees.set(revision, known);
      return tree !== undefined && (await known) === tree;
    };
    const target = `${environment}/${repository.name}`;
    const present = await deps.database.table(healthStatesTable).get(target);
    const past = await deps.database
      .table(healthIntervalsTable)
      .list({ where: { target }, orderBy: 'from', limit: 1_000 });
    let healthyMs = 0;
    for (const { state, revision, from, to } of past)
      if (state === running && (await isSame(revision)))
        healthyMs += Math.max(0, Date.parse(to) - Date.parse(from));
    const runs = present?.state === running && (await isSame(present.revision));
    const until = countsUntil(await readSeenAt(deps.database), deps.clock.now());
    if (present && runs) healthyMs += Math.max(0, until - Date.parse(present.from));
    const head = await deps.repositories.head(repository, branchOf(parsed.envType));
    const arrived = healthyMs > 0 || (head !== undefined && (await isSame(head)));
    return { environment, exists: true, arrived, healthyMs, running: runs };
  }

  return async (policy, repository, revision) => {
    const sources = new Set(
      (policy?.rules ?? []).flatMap((rule) => (rule.kind === 'soak' ? [rule.sourceEnvironment] : [])),
    );
    if (sources.size === 0) return [];
    const tree = await deps.repositories.treeOf(repository, revision, 'base');
    return Promise.all([...sources].map((environment) => read(environment, repository, tree)));
  };
}
