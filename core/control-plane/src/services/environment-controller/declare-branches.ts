import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import { branchOf } from '@catalyst/model/names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ProposedUpdate, Repositories, RepositoryName } from '../../ports/repositories.ts';
import type { ApplicationController } from '../application-controller/application-controller.ts';
import { type EnvironmentRow, environmentsTable } from '../organization-controller/resource-tables.ts';
import type { ApplicationJudge } from '../receiving/application-judge.ts';

/** What declaring needs. */
export interface DeclareBranchesDeps {
  readonly repositories: Pick<Repositories, 'list' | 'head' | 'files' | 'read' | 'history'>;
  readonly database: Database;
  readonly applications: Pick<ApplicationController, 'takeUp'>;
  readonly examine: ApplicationJudge['examine'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Declares what the branches of an Environment hold that has come into the configuration: what Git says is installed runs, also where
 * the Environment was there before. Its row says that this is still to be done, so a crash is gone on from.
 */
export function createDeclareBranches(deps: DeclareBranchesDeps) {
  const { repositories, database, clock, logger } = deps;
  const rows = database.table(environmentsTable);
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();

  async function takeUp({ name: environment, resource, organization }: EnvironmentRow, application: string) {
    const branch = branchOf(resource.spec.envType);
    const repository = { organization, name: application };
    const revision = await repositories.head(repository, branch);
    if (revision === undefined || !(await repositories.read(repository, revision, basePaths.application)))
      return;
    const found = await deps.examine(toUpdate(repositories, repository, branch, revision));
    if (!found.ok) {
      const { problems } = found;
      logger.error({ environment, application, problems }, 'what a branch holds cannot be installed');
      return;
    }
    const { declaration } = found.value;
    const [last] = await repositories.history(repository, branch, { limit: 1 });
    if (!declaration || !last) return;
    await deps.applications.takeUp({
      organization,
      environment,
      application,
      branch,
      revision,
      declaration,
      lastChange: {
        by: last.pusher?.name ?? last.author.name,
        surface: last.pusher?.surface ?? 'git',
        at: last.time,
        message: last.message.split('\n', 1)[0] ?? '',
      },
    });
  }

  async function run(name: string): Promise<void> {
    for (let waitMs = 1_000; !stopping.signal.aborted; waitMs = Math.min(waitMs * 2, 30_000))
      try {
        const row = await rows.get(name);
        if (!row?.undeclared) return;
        for (const application of await repositories.list(row.organization)) await takeUp(row, application);
        await database.transaction(async (tables) => {
          const current = await tables.table(environmentsTable).get(name);
          if (!current) return;
          const { undeclared: _, ...declared } = current;
          await tables.table(environmentsTable).put(declared);
        });
        return;
      } catch (error) {
        logger.warn({ err: error, environment: name }, 'what its branches hold waits to be declared');
        await clock.sleep(waitMs, stopping.signal);
      }
  }

  return {
    /** Goes on by itself, with what a crash left as well. */
    begin(name: string): void {
      const work = (running.get(name) ?? Promise.resolve()).then(() => run(name));
      running.set(name, work);
      void work.finally(() => {
        if (running.get(name) === work) running.delete(name);
      });
    },
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

/** The head of a branch as if it were about to become what it is. */
function toUpdate(
  repositories: Pick<Repositories, 'files' | 'read'>,
  repository: RepositoryName,
  branch: string,
  revision: string,
): ProposedUpdate {
  return {
    repository,
    ref: `refs/heads/${branch}`,
    oldRevision: revision,
    newRevision: revision,
    forced: false,
    pusher: { id: 'system', name: 'Catalyst', surface: 'system' },
    pushOptions: [],
    files: () => repositories.files(repository, revision),
    read: (path) => repositories.read(repository, revision, path),
  };
}
