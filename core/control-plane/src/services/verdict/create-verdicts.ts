import { toRecordedFacts } from '@catalyst/model/policy/verdict.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Table, TableDefinition } from '../../ports/database.ts';
import type { Decision, Verdict, Verdicts } from './verdicts.ts';

/** Fields beside the verdict are those that it is found by. */
interface VerdictRow {
  readonly id: string;
  readonly organization: string;
  readonly environment: string;
  readonly application: string;
  readonly number: number;
  /** What was asked by whom, and what closed: the same again soon is the same refusal. */
  readonly question: string;
  /** Branch and head that it would have left; only one decision can have left it. Empty where it was refused. */
  readonly passage: string;
  /** The Organization where the row may be forgotten; empty where it stays. */
  readonly spareOf: string;
  readonly verdict: Verdict;
}

const verdicts: TableDefinition<VerdictRow> = {
  name: 'verdicts',
  key: 'id',
  indexes: ['organization', 'environment', 'application', 'number', 'question', 'passage', 'spareOf'],
};

const sameQuestionMs = 10 * 60_000;
const mostSpare = 10_000;
/** So many go at once at most. */
const pruned = 100;

/** Keeps verdicts as rows of the database. Ids must sort in the order in which they are made. */
export function createVerdicts(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly createId: () => string;
  /** Per Organization; another one in tests. */
  readonly mostSpare?: number;
}): Verdicts {
  const { database, clock, createId } = deps;
  const most = deps.mostSpare ?? mostSpare;

  async function foldedInto(rows: Table<VerdictRow>, question: string): Promise<boolean> {
    const [last] = await rows.list({ where: { question }, orderBy: 'id', descending: true, limit: 1 });
    if (!last) return false;
    const since = clock.now() - Date.parse(last.verdict.lastAt);
    if (since < 0 || since >= sameQuestionMs) return false;
    const verdict = { ...last.verdict, times: last.verdict.times + 1, lastAt: timeOf(clock) };
    await rows.put({ ...last, verdict });
    return true;
  }

  /** What was let through from this very head before did not move the branch: it is there still. */
  async function spareEarlier(rows: Table<VerdictRow>, passage: string): Promise<void> {
    for (const row of await rows.list({ where: { passage } }))
      await rows.put({ ...row, passage: '', spareOf: row.organization });
  }

  async function prune(rows: Table<VerdictRow>, organization: string): Promise<void> {
    const where = { spareOf: organization };
    const surplus = (await rows.count(where)) - most;
    if (surplus <= 0) return;
    for (const { id } of await rows.list({ where, orderBy: 'id', limit: Math.min(surplus, pruned) }))
      await rows.delete(id);
  }

  return {
    record: (decision) =>
      database.transaction(async (tables) => {
        const rows = tables.table(verdicts);
        const { allowed, organization } = decision;
        const question = allowed ? '' : questionOf(decision);
        if (!allowed && (await foldedInto(rows, question))) return;
        const passage = allowed ? passageOf(decision) : '';
        if (allowed) await spareEarlier(rows, passage);
        const at = timeOf(clock);
        const facts = toRecordedFacts(decision.facts);
        const verdict: Verdict = { ...decision, facts, id: createId(), at, times: 1, lastAt: at };
        await rows.put({ ...toRow(verdict), question, passage, spareOf: allowed ? '' : organization });
        await prune(rows, organization);
      }),

    async list(environment, { application, number, limit }) {
      const rows = await database.table(verdicts).list({
        where: {
          environment,
          ...(application === undefined ? {} : { application }),
          ...(number === undefined ? {} : { number }),
        },
        orderBy: 'id',
        descending: true,
        limit: Math.min(Math.max(Math.trunc(limit), 1), 200),
      });
      return rows.map(({ verdict }) => verdict);
    },

    async find(environment, id) {
      const row = await database.table(verdicts).get(id);
      return row?.environment === environment ? row.verdict : undefined;
    },

    async forget(organization) {
      for (;;) {
        const done = await database.transaction(async (tables) => {
          const rows = tables.table(verdicts);
          const some = await rows.list({ where: { organization }, limit: 200 });
          for (const { id } of some) await rows.delete(id);
          return some.length === 0;
        });
        if (done) return;
      }
    },
  };
}

const timeOf = (clock: Clock) => new Date(clock.now()).toISOString();

function toRow(verdict: Verdict) {
  const { id, organization, environment, application, number } = verdict;
  return { id, organization, environment, application, number: number ?? 0, verdict };
}

function passageOf({ organization, application, branch, base }: Decision): string {
  return `${organization}/${application} ${branch} ${base}`;
}

/** A direct change is another commit each time it is tried, so its head tells nothing. */
function questionOf(decision: Decision): string {
  const { environment, application, change, number, head, base, by, outcome, further, problems } = decision;
  const closed = [...outcome.blocked, ...further.filter(({ allowed }) => !allowed)].map(({ rule }) => rule);
  return [
    environment,
    application,
    change.way,
    number ?? '',
    change.way === 'pull-request' ? head : '',
    base,
    by.id,
    ...closed,
    ...problems,
  ].join(' ');
}
