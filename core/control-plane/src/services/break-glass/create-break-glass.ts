import { breakGlassMinutes } from '@catalyst/model/api/break-glass.ts';
import { authorize } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { codes, ok, type Problem, refused } from '@catalyst/model/problem.ts';
import type { Logger } from '../../ports/logger.ts';
import type { BreakGlass, BrokenGlass } from './break-glass.ts';
import { checkRequest, isOpen, mostADay, noRight, noSuch, often } from './refusals.ts';
import { breakGlassTable, pruneBreakGlass, toBreakGlassChanged } from './rows.ts';
import { createSettling } from './settle.ts';
import { createWatch } from './watch.ts';

const dayMs = 24 * 3_600_000;

/** What breaking the glass needs. */
export type BreakGlassDeps = Parameters<typeof createSettling>[0] & {
  readonly logger: Logger;
  /** Ids must sort in the order in which they are made. */
  readonly createId: () => string;
};

/** Creates it, over rows of the database. */
export function createBreakGlass(deps: BreakGlassDeps): BreakGlass {
  const { database, clock, logger } = deps;
  const table = database.table(breakGlassTable);
  const { end, settle, openOf } = createSettling(deps);
  const watch = createWatch({ ...deps, settle });
  const listeners: Parameters<BreakGlass['onBroken']>[0][] = [];

  async function tooMany(person: string): Promise<boolean> {
    const rows = await table.list({ where: { person }, orderBy: 'id', descending: true, limit: mostADay });
    const oldest = rows.length < mostADay ? undefined : rows.at(-1);
    return oldest !== undefined && Date.parse(oldest.glass.openedAt) > clock.now() - dayMs;
  }

  async function write(glass: BrokenGlass, person: string): Promise<Problem | undefined> {
    const { id, organization, environment, openedAt } = glass;
    return database.transaction(async (tables) => {
      const rows = tables.table(breakGlassTable);
      const [other] = await rows.list({ where: { person, open: true }, limit: 1 });
      if (other) return isOpen(other.glass);
      const time = { seenMs: Date.parse(openedAt), waitedMs: 0 };
      await rows.put({ id, organization, environment, person, open: true, ...time, glass });
      await deps.record(toBreakGlassChanged(glass), tables);
      await pruneBreakGlass(rows, organization);
      return undefined;
    });
  }

  async function tell(glass: BrokenGlass): Promise<void> {
    for (const listener of listeners)
      try {
        await listener(glass);
      } catch (error) {
        logger.warn({ err: error, id: glass.id }, 'a listener was not told that the glass was broken');
      }
  }

  return {
    async start() {
      watch.start();
    },
    stop: watch.stop,

    async open(actor, environment, request) {
      const organization = parseEnvironmentName(environment)?.organization ?? '';
      if (authorize(actor, 'break-glass.open', { organization, environment }) !== 'allowed')
        return refused(noRight(actor));
      const { minutes = breakGlassMinutes.usual } = request;
      const reason = request.reason.trim();
      const problem = checkRequest(reason, minutes);
      if (problem) return refused(problem);
      const person = `${environment}/${actor.id}`;
      const [already] = await openOf({ person });
      if (already) return refused(isOpen(already));
      if (await tooMany(person)) return refused(often(environment));
      const now = clock.now();
      const glass: BrokenGlass = {
        id: deps.createId(),
        organization,
        environment,
        by: { id: actor.id, name: actor.name },
        reason,
        minutes,
        openedAt: new Date(now).toISOString(),
        until: new Date(now + minutes * 60_000).toISOString(),
      };
      const refusal = await write(glass, person);
      if (refusal) return refused(refusal);
      logger.warn({ environment, by: actor.id, id: glass.id, minutes }, 'the glass was broken');
      await tell(glass);
      return ok(glass);
    },

    async close(actor, environment, id) {
      const row = await table.get(id);
      if (row?.environment !== environment) return refused(noSuch);
      const { organization, by } = row.glass;
      if (by.id !== actor.id && authorize(actor, 'members.write', { organization }) !== 'allowed')
        return refused({
          code: codes.Denied,
          message: 'Only the person who broke the glass, and an org-admin, end it early.',
        });
      const settled = await settle(row);
      if (settled.ended) return ok(settled);
      const closed = await end(id, { how: 'hand', by: { id: actor.id, name: actor.name } });
      return closed ? ok(closed) : refused(noSuch);
    },

    async list(environment, { open, limit }) {
      const where = { environment, ...(open === undefined ? {} : { open }) };
      const most = Math.min(Math.max(Math.trunc(limit), 1), 200);
      const rows = await table.list({ where, orderBy: 'id', descending: true, limit: most });
      const settled = await Promise.all(rows.map(settle));
      return open === true ? settled.filter(({ ended }) => !ended) : settled;
    },

    async factOf(environment, user) {
      const [glass] = await openOf({ person: `${environment}/${user}` });
      return glass && { by: glass.by, reason: glass.reason, until: glass.until };
    },

    onBroken(listener) {
      listeners.push(listener);
    },

    async forget(organization) {
      for (;;) {
        const some = await table.list({ where: { organization }, limit: 200 });
        if (some.length === 0) return;
        for (const { id } of some) await table.delete(id);
      }
    },
  };
}
