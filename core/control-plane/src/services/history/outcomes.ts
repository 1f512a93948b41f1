import type { Outcome } from '@catalyst/model/api/history.ts';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { decideState } from '@catalyst/model/projection/application-state.ts';
import { reasons } from '@catalyst/model/workload/reasons.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import { changesTable, type OpenChange, openChangesTable } from './changes.ts';

/** What became of changes, from what the engine reports. */
export interface Outcomes {
  /** Takes a status; never waits and never throws. One that cannot be written is decided by the next report. */
  reported(status: ReleaseStatus): void;
  /** Resolves when everything that was reported is written. */
  settled(): Promise<void>;
}

/** What a status says of a change; undefined where it says nothing (yet). */
export function outcomeOf(
  status: ReleaseStatus,
  change: Pick<OpenChange, 'revision' | 'removing'>,
): Pick<Outcome, 'state' | 'reason'> | undefined {
  if (status.removed) return change.removing ? { state: 'removed' } : undefined;
  if (change.removing || status.revision !== change.revision) return undefined;
  const { state, why } = decideState({
    revision: change.revision,
    paused: status.declaration?.paused ?? false,
    removing: false,
    release: status,
    engine: { available: true, message: '' },
  });
  if (state === 'Running') return { state: 'running' };
  if (state === 'Paused')
    return {
      state: 'running',
      reason:
        why?.reason === reasons.ScaledToZero
          ? 'It is scaled to zero, as was asked for: nothing runs.'
          : 'It is paused, as was asked for.',
    };
  if (state === 'Failed') return { state: 'failed', reason: why?.message ?? 'It does not run.' };
  return undefined;
}

/** Settles the newest change of each Application. What failed may still come to run, as long as nothing newer replaces it. */
export function createOutcomes(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}): Outcomes {
  const { database, clock, logger } = deps;
  const writing = new Set<Promise<void>>();

  async function settle(status: ReleaseStatus): Promise<void> {
    const target = `${status.environment}/${status.application}`;
    const open = await database.table(openChangesTable).get(target);
    if (!open || !outcomeOf(status, open)) return;
    await database.transaction(async (tables) => {
      const current = await tables.table(openChangesTable).get(target);
      const outcome = current && outcomeOf(status, current);
      if (!current || !outcome) return;
      const change = await tables.table(changesTable).get(current.change);
      if (!change) return void (await tables.table(openChangesTable).delete(target));
      const same = change.outcome?.state === outcome.state && change.outcome.reason === outcome.reason;
      if (!same) {
        const settledAt = new Date(clock.now()).toISOString();
        await tables.table(changesTable).put({ ...change, outcome: { ...outcome, settledAt } });
      }
      if (outcome.state !== 'failed') await tables.table(openChangesTable).delete(target);
    });
  }

  return {
    reported(status) {
      const work = settle(status)
        .catch((error: unknown) => {
          logger.warn(
            { err: error, application: status.application },
            'the outcome of a change is not written yet',
          );
        })
        .finally(() => writing.delete(work));
      writing.add(work);
    },
    async settled() {
      await Promise.all(writing);
    },
  };
}
