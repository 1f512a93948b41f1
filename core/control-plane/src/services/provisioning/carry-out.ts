import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import { keepPlan } from '../history/keep-plan.ts';
import { type ApplyDeps, applyStep, findDone, rollBack, toStale } from './apply-plan.ts';
import { type PlanRow, plansTable, volumeDeletionsTable } from './plan-store.ts';
import {
  isTransient,
  type LastTry,
  toProblem,
  toSetAside,
  toUnfinished,
  tryingMs,
  whyOf,
} from './plan-trouble.ts';
import type { Applied } from './provisioning.ts';
import { findMoved, type StaleDeps } from './stale.ts';
import { listUnfinished } from './unfinished-plans.ts';

/** What carrying plans out needs. */
export interface CarryOutDeps extends ApplyDeps, Omit<StaleDeps, 'repositories'> {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

const firstPauseMs = 1_000;
const longestPauseMs = 5 * 60_000;

/**
 * Carries plans out. The first commit is where a plan is begun: before it a failure or a crash leaves nothing that would be done later;
 * after it the plan is finished or taken back, by this process or the next one. What is done is asked of Git, never of the row alone.
 */
export function createCarryOut(deps: CarryOutDeps) {
  const { database, clock, logger } = deps;
  const plans = database.table(plansTable);
  const turns = new Map<string, Promise<void>>();
  const trying = new Map<string, Promise<void>>();
  /** What came of the last try of those that are tried again. */
  const tried = new Map<string, LastTry>();
  const stopping = new AbortController();

  /** One thing at a time of each plan. */
  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const next = (turns.get(id) ?? Promise.resolve()).then(work);
    const settled = next.then(
      () => undefined,
      () => undefined,
    );
    turns.set(id, settled);
    void settled.then(() => turns.get(id) === settled && turns.delete(id));
    return next;
  }

  async function takeBack(row: PlanRow, problems: readonly Problem[]): Promise<Result<Applied>> {
    const staying = await rollBack(deps, row, row.commits);
    await plans.put({ ...row, status: 'refused', commits: [] });
    const stays = staying.map(
      (application): Problem => ({
        code: codes.Conflict,
        field: application,
        message: `"${application}" stays as this plan made it, because it was changed or bound meanwhile. Uninstall it if you do not need it.`,
      }),
    );
    const back = row.commits.map(({ application }) => application).filter((name) => !staying.includes(name));
    const taken: Problem = {
      code: 'TakenBack',
      message: `What this plan had done before was taken back: ${back.join(', ')}.`,
    };
    return refused(...problems, ...(back.length > 0 ? [taken] : []), ...stays);
  }

  async function giveUp(row: PlanRow, problems: readonly Problem[]): Promise<Result<Applied>> {
    const refusing = { ...row, refusedBy: problems };
    // A crash while it is taken back must not try the refused step again.
    await plans.put(refusing);
    return takeBack(refusing, problems);
  }

  async function finish(row: PlanRow, commits: Applied['commits']): Promise<Result<Applied>> {
    const application = 'application' in row.request ? row.request.application : '';
    const { environment, organization, branch } = row;
    // Together: data is deleted only of a plan that is carried out.
    await database.transaction(async (tables) => {
      for (const claim of row.deleteVolumes)
        await tables.table(volumeDeletionsTable).put({
          id: `${environment}/${application}/${claim}`,
          ...{ organization, environment, branch, application, claim },
        });
      const { setAside: _over, ...rest } = row;
      await tables.table(plansTable).put({ ...rest, status: 'applied', commits });
      await keepPlan(tables, {
        organization,
        plan: row.plan,
        by: row.actor.name,
        commits: commits.map(({ application: of, revision }, at) => ({
          application: of,
          revision,
          before: row.steps[at]?.expectedHead ?? null,
        })),
        deletedVolumes: row.deleteVolumes,
      });
    });
    return ok({ planId: row.id, commits });
  }

  /** Throws where something does not answer. */
  async function carryOut(row: PlanRow): Promise<Result<Applied>> {
    const commits = [...row.commits];
    for (const step of row.steps.slice(commits.length)) {
      const result = await applyStep(deps, row, step);
      if (!result.ok) return giveUp({ ...row, commits }, toStale(result.problems));
      commits.push(result.value);
      await plans.put({ ...row, commits });
    }
    return finish(row, commits);
  }

  /** Nothing of it is begun, and nothing will be unless it is asked for again. */
  async function drop(row: PlanRow): Promise<undefined> {
    const { begunAt: _never, setAside: _aside, ...rest } = row;
    await plans.put({ ...rest, status: 'planned', commits: [] });
    return undefined;
  }

  /** What a begun plan comes to that failed: it waits, or it is taken back. */
  async function goBackAfter(row: PlanRow, error: unknown): Promise<Result<Applied>> {
    const overdue = clock.now() > (row.begunAt ?? row.createdAt) + tryingMs;
    if (isTransient(error) && !overdue) throw error;
    const commits = await findDone(deps, row);
    // What is done completely is only to be noted.
    if (commits.length === row.steps.length) throw error;
    return giveUp({ ...row, commits }, [toProblem(error)]);
  }

  /** Goes on with a plan from what Git says is done; undefined where nothing was begun. Throws where it can go neither on nor back now. */
  async function settle(row: PlanRow): Promise<Result<Applied> | undefined> {
    if (row.refusedBy) return takeBack(row, row.refusedBy);
    const commits = await findDone(deps, row);
    if (commits.length === 0) return drop(row);
    const begun: PlanRow = { ...row, status: 'applying', commits };
    try {
      const moved = commits.length < row.steps.length ? await findMoved(deps, row, commits.length) : [];
      if (moved.length > 0) return await giveUp(begun, [overtaken(moved), ...moved]);
      return await carryOut(begun);
    } catch (error) {
      return goBackAfter(begun, error);
    }
  }

  /** Sees to a plan that failed, and says what to tell of it. */
  async function keep(row: PlanRow, error: unknown): Promise<Error> {
    logger.warn({ err: error, plan: row.id }, 'a plan that was begun is neither finished nor taken back yet');
    const now = (await plans.get(row.id).catch(() => undefined)) ?? row;
    const done = await findDone(deps, now).catch(() => undefined);
    const last = { why: whyOf(error), done };
    if (isTransient(error)) {
      keepTrying(row.id, last);
      return toUnfinished(now, last);
    }
    const commits = done ?? now.commits;
    const aside: PlanRow = {
      ...now,
      status: 'set-aside',
      commits,
      setAside: toSetAside(now, commits, error),
    };
    await plans.put(aside).catch(() => keepTrying(row.id, last));
    return toUnfinished(aside, last);
  }

  /** True when it is at an end, or waits for a person. */
  function tryToSettle(id: string): Promise<boolean> {
    return inTurn(id, async () => {
      let row: PlanRow | undefined;
      try {
        row = await plans.get(id);
        if (row?.status !== 'applying') return true;
        const result = await settle(row);
        if (!result) logger.info({ plan: id }, 'a plan was not begun, and is not carried out');
        else if (!result.ok) logger.warn({ plan: id, problems: result.problems }, 'the plan was rolled back');
        return true;
      } catch (error) {
        // It could not even be read: its own loop looks again.
        if (!row) keepTrying(id, { why: whyOf(error), done: undefined });
        else await keep(row, error);
        return !isTransient(error) && (await isAside(id));
      }
    });
  }

  const isAside = async (id: string) => (await plans.get(id).catch(() => undefined))?.status === 'set-aside';

  function keepTrying(id: string, last: LastTry): void {
    tried.set(id, last);
    if (trying.has(id) || stopping.signal.aborted) return;
    const loop = async () => {
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
        await clock.sleep(pauseMs, stopping.signal);
        if (stopping.signal.aborted || (await tryToSettle(id))) return;
      }
    };
    trying.set(
      id,
      loop().finally(() => {
        trying.delete(id);
        tried.delete(id);
      }),
    );
  }

  return {
    inTurn,
    /** Begins a plan. Throws as it came where nothing is begun, `Unfinished` where something is. */
    async begin(planned: PlanRow): Promise<Result<Applied>> {
      const row: PlanRow = { ...planned, status: 'applying', begunAt: clock.now() };
      await plans.put(row);
      try {
        return await carryOut(row);
      } catch (error) {
        return afterFailure(row, error);
      }
    },
    /** Goes on with one that was begun; undefined where it was not. Throws `Unfinished`. */
    async goOn(row: PlanRow): Promise<Result<Applied> | undefined> {
      try {
        return await settle(row);
      } catch (error) {
        throw await keep(row, error);
      }
    },
    async resume(): Promise<void> {
      for (const row of await plans.list({ where: { status: 'applying' }, limit: 10_000 })) {
        const { id, steps, commits } = row;
        logger.info({ plan: id, steps: steps.length, done: commits.length }, 'resuming a plan');
        await tryToSettle(id);
      }
    },
    unfinished: (environment: string) => listUnfinished({ plans, clock, tried }, environment),
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all(trying.values());
    },
  };

  async function afterFailure(row: PlanRow, error: unknown): Promise<Result<Applied>> {
    const now = (await plans.get(row.id).catch(() => undefined)) ?? row;
    const done = await findDone(deps, now).catch(() => undefined);
    if (done?.length === 0 && !now.refusedBy) {
      // Should even this be refused, the next look finds again that nothing was begun.
      await drop(now).catch(() => keepTrying(row.id, { why: whyOf(error), done }));
      throw error;
    }
    if (now.refusedBy || !done) throw await keep(now, error);
    try {
      return await goBackAfter({ ...now, commits: done }, error);
    } catch (last) {
      throw await keep({ ...now, commits: done }, last);
    }
  }
}

function overtaken(moved: readonly Problem[]): Problem {
  return {
    code: codes.Stale,
    message: `The plan was begun and could not be finished in time: ${moved.map(({ message }) => message).join(' ')} Make a new one.`,
  };
}
