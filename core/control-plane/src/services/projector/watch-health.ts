import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { reasons } from '@catalyst/model/workload/reasons.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import { type HealthChange, type HealthState, readHealth, writeHealth } from './health.ts';
import { gapMs, readSeenAt, writeSeenAt } from './watch-time.ts';

/** The open health intervals, and the moment up to which they are known. */
export interface HealthWatch {
  /** Ends what was Running when somebody last looked, before this life: nobody saw it run since. */
  start(): Promise<void>;
  /** Reads the open intervals anew. */
  load(): Promise<void>;
  /** `id` is `<environment>/<application>`. */
  of(id: string): HealthState | undefined;
  /** What a card changes; undefined when nothing. Without a view the Application is gone. */
  changeOf(
    of: { readonly environment: string; readonly application: string },
    view: Pick<ApplicationView, 'state' | 'revision' | 'why'> | undefined,
  ): HealthChange | undefined;
  /** Makes changes durable. */
  record(changes: readonly HealthChange[]): Promise<void>;
  /** Says that what runs is being followed. After time in which it was not, what is Running begins anew. */
  beat(): Promise<void>;
}

const running = 'Running';

/** Creates a watch; nothing is read before `start`. */
export function createHealthWatch(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}): HealthWatch {
  const { database, clock, logger } = deps;
  const open = new Map<string, HealthState>();
  let seenAt: number | undefined;
  const textOf = (at: number) => new Date(at).toISOString();

  /** Ends every interval of time Running when somebody last looked, and goes on as told from then or from now. */
  function interrupted(goOn: (before: HealthState, until: string) => HealthState): HealthChange[] {
    const now = clock.now();
    return [...open.values()].flatMap((before) => {
      if (before.state !== running) return [];
      const [environment = '', application = ''] = before.id.split('/');
      const until = textOf(Math.max(Date.parse(before.from), Math.min(seenAt ?? now, now)));
      return [{ environment, application, before, after: goOn(before, until), until }];
    });
  }

  async function load(): Promise<void> {
    open.clear();
    for (const [id, state] of await readHealth(database)) open.set(id, state);
  }

  async function record(changes: readonly HealthChange[]): Promise<void> {
    await writeHealth(database, changes, textOf(clock.now()));
    for (const { environment, application, after } of changes)
      if (after) open.set(after.id, after);
      else open.delete(`${environment}/${application}`);
  }

  return {
    load,
    record,
    async start() {
      seenAt = await readSeenAt(database);
      await load();
      await record(interrupted((before, until) => ({ ...before, state: 'Unknown', from: until })));
    },
    of: (id) => open.get(id),
    changeOf({ environment, application }, view) {
      const id = `${environment}/${application}`;
      const before = open.get(id);
      if (!view) return before && { environment, application, before, after: undefined };
      // Nothing was seen that could be written down.
      if (view.why?.reason === reasons.NotObserved) return undefined;
      const readyRevision = view.state === running ? view.revision : before?.readyRevision;
      const same = before?.state === view.state && before.revision === view.revision;
      if (same && before.readyRevision === readyRevision) return undefined;
      const after = {
        id,
        state: view.state,
        revision: view.revision,
        from: same ? before.from : textOf(clock.now()),
        ...(readyRevision && { readyRevision }),
      };
      return { environment, application, before, after };
    },
    async beat() {
      const now = clock.now();
      if (seenAt !== undefined && Math.abs(now - seenAt) > gapMs) {
        logger.warn(
          { seenAt: textOf(seenAt) },
          'nobody followed what runs, or the clock was set: time Running is counted anew',
        );
        await record(interrupted((before) => ({ ...before, from: textOf(now) })));
      }
      await writeSeenAt(database, now);
      seenAt = now;
    },
  };
}
