import { isInstalled } from '@catalyst/model/application-repository/check-branch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Workloads } from '../../ports/workloads.ts';
import { readBranch } from './branch-files.ts';
import { type VolumeDeletionRow, volumeDeletionsTable } from './plan-store.ts';

const pauseMs = 1000;

/**
 * Deletes volumes that were asked for by name once the uninstalled Application has let go of them. What a crash leaves is
 * found in the table. An Application that was installed again under the name keeps its volume.
 */
export function createVolumeDeletions(deps: {
  readonly database: Database;
  readonly workloads: Workloads;
  readonly repositories: Repositories;
  readonly clock: Clock;
  readonly logger: Logger;
}): { start(): void; stop(): Promise<void> } {
  const table = deps.database.table(volumeDeletionsTable);
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  async function deleteIfLetGo(row: VolumeDeletionRow): Promise<void> {
    // Git and not the read side is asked: it already knows of an uninstall that the rest has yet to hear of.
    const branch = await readBranch(
      deps.repositories,
      { organization: row.organization, name: row.application },
      row.branch,
    );
    if (branch && isInstalled(branch.texts)) {
      await table.delete(row.id);
      return;
    }
    const deleted = await deps.workloads.deleteVolumes(row.environment, row.application, [row.claim]);
    const left = (await deps.workloads.volumes(row.environment, row.application)).some(
      (volume) => volume.claim === row.claim,
    );
    if (deleted.includes(row.claim) || !left) await table.delete(row.id);
  }

  async function pass(): Promise<void> {
    // One that cannot be deleted must not hold up the others.
    for (const row of await table.list())
      await deleteIfLetGo(row).catch((error: unknown) =>
        deps.logger.warn({ err: error, volume: row.id }, 'a volume could not be deleted yet; trying again'),
      );
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pass().catch((error: unknown) =>
        deps.logger.warn({ err: error }, 'volumes could not be deleted yet; trying again'),
      );
      await deps.clock.sleep(pauseMs, stopping.signal);
    }
  }

  return {
    start() {
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
