import { CatalystError, codes, ok, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database, TableDefinition, Transaction } from '../../../ports/database.ts';
import type { RepositoryName } from '../../../ports/repositories.ts';
import type { Comment, PullRequest, PullRequestQuery, Reviews } from '../../../ports/reviews.ts';

/** Fields beside the pull request are those that lists are made by. */
interface PullRequestRow {
  /** `<organization>/<name>#<number, eight digits>` */
  readonly id: string;
  readonly repository: string;
  readonly organization: string;
  readonly environment: string;
  readonly state: string;
  readonly set: string;
  readonly planId: string;
  /** Open and to be merged by itself. */
  readonly armed: boolean;
  /** Opening order over all repositories. */
  readonly opened: number;
  readonly pullRequest: PullRequest;
}

interface CommentRow extends Comment {
  readonly pullRequest: string;
  readonly repository: string;
}

interface CounterRow {
  readonly id: string;
  readonly last: number;
}

const pullRequests: TableDefinition<PullRequestRow> = {
  name: 'pull_requests',
  key: 'id',
  indexes: ['repository', 'organization', 'environment', 'state', 'set', 'planId', 'armed', 'opened'],
};
const comments: TableDefinition<CommentRow> = {
  name: 'pull_request_comments',
  key: 'id',
  indexes: ['pullRequest', 'repository'],
};
const counters: TableDefinition<CounterRow> = { name: 'pull_request_counters', key: 'id' };

const maxComments = 500;
const mostArmed = 500;
const everything = 'all repositories';

const fullName = ({ organization, name }: RepositoryName) => `${organization}/${name}`;
const idOf = (repository: RepositoryName, number: number) =>
  `${fullName(repository)}#${String(number).padStart(8, '0')}`;

/** A row under another name than its own would lead a walk through the pages back to where it was. */
function isItself({ id, pullRequest }: PullRequestRow): boolean {
  const { repository, number } = pullRequest ?? {};
  return repository !== undefined && id === idOf(repository, number);
}

async function next(tables: Transaction, id: string): Promise<number> {
  const counter = tables.table(counters);
  const last = ((await counter.get(id))?.last ?? 0) + 1;
  await counter.put({ id, last });
  return last;
}

function toRow(pullRequest: PullRequest, opened: number): PullRequestRow {
  const { repository, number, environment, state, set, planId } = pullRequest;
  return {
    id: idOf(repository, number),
    repository: fullName(repository),
    organization: repository.organization,
    environment,
    state,
    set: set?.id ?? '',
    planId: planId ?? '',
    armed: state === 'open' && pullRequest.autoMerge !== undefined,
    opened,
    pullRequest,
  };
}

function toWhere(query: PullRequestQuery): Partial<PullRequestRow> {
  return {
    ...(query.organization === undefined ? {} : { organization: query.organization }),
    ...(query.repository === undefined ? {} : { repository: fullName(query.repository) }),
    ...(query.environment === undefined ? {} : { environment: query.environment }),
    ...(query.state === undefined ? {} : { state: query.state }),
    ...(query.set === undefined ? {} : { set: query.set }),
    ...(query.planId === undefined ? {} : { planId: query.planId }),
  };
}

/** What rows are kept with. */
interface RowReviewsOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Told inside the transaction of every change, so that what it writes is durable with it. `before` is absent for a new one. */
  readonly onChange?: (tables: Transaction, after: PullRequest, before?: PullRequest) => Promise<void>;
}

/** Keeps pull requests as rows of the database. */
export function createRowReviews({ database, clock, onChange }: RowReviewsOptions): Reviews {
  const now = () => new Date(clock.now()).toISOString();
  return {
    open: (request) =>
      database.transaction(async (tables) => {
        const number = await next(tables, fullName(request.repository));
        const at = now();
        const pullRequest: PullRequest = {
          ...request,
          number,
          state: 'open',
          openedAt: at,
          updatedAt: at,
          reviews: [],
          checks: [],
          version: 1,
        };
        await tables.table(pullRequests).put(toRow(pullRequest, await next(tables, everything)));
        await onChange?.(tables, pullRequest);
        return pullRequest;
      }),

    async get(repository, number) {
      return (await database.table(pullRequests).get(idOf(repository, number)))?.pullRequest;
    },

    async list(query) {
      const limit = Math.min(Math.max(Math.trunc(query.limit ?? 50), 1), 200);
      const { after } = query;
      const order =
        after === undefined
          ? ({ orderBy: 'opened', descending: true } as const)
          : after === 'the first'
            ? {}
            : { after: idOf(after.repository, after.number) };
      const rows = await database.table(pullRequests).list({ where: toWhere(query), limit, ...order });
      return rows.map((row) => row.pullRequest);
    },

    async armed(after) {
      let last = after && idOf(after.repository, after.number);
      for (;;) {
        const rows = await database.table(pullRequests).list({
          where: { armed: true },
          limit: mostArmed,
          ...(last === undefined ? {} : { after: last }),
        });
        const found = rows.filter(isItself).map((row) => row.pullRequest);
        if (found.length > 0 || rows.length < mostArmed) return found;
        last = rows.at(-1)?.id;
      }
    },

    update: (pullRequest) =>
      database.transaction(async (tables) => {
        const rows = tables.table(pullRequests);
        const before = await rows.get(idOf(pullRequest.repository, pullRequest.number));
        if (!before || before.pullRequest.version !== pullRequest.version)
          return refused({
            code: codes.Conflict,
            message: 'The pull request has changed meanwhile. Look at it again.',
          });
        const { openedAt, openedBy, openedOn } = before.pullRequest;
        const updated: PullRequest = {
          ...pullRequest,
          openedAt,
          openedBy,
          openedOn,
          updatedAt: now(),
          version: pullRequest.version + 1,
        };
        await rows.put(toRow(updated, before.opened));
        await onChange?.(tables, updated, before.pullRequest);
        return ok(updated);
      }),

    comment: (repository, number, comment) =>
      database.transaction(async (tables) => {
        const pullRequest = idOf(repository, number);
        if (!(await tables.table(pullRequests).get(pullRequest)))
          throw new CatalystError(codes.NotFound, 'There is no such pull request.');
        const rows = tables.table(comments);
        const count = await rows.count({ pullRequest });
        if (count >= maxComments)
          return refused({
            code: codes.TooMany,
            message: `A pull request takes at most ${maxComments} comments. Go on in another one.`,
          });
        const id = `${pullRequest}/${String(count + 1).padStart(4, '0')}`;
        const said: Comment = { ...comment, id };
        await rows.put({ ...said, pullRequest, repository: fullName(repository) });
        return ok(said);
      }),

    async comments(repository, number) {
      const where = { pullRequest: idOf(repository, number) };
      const rows = await database.table(comments).list({ where, limit: maxComments });
      return rows.map(({ pullRequest: _of, repository: _in, ...comment }) => comment);
    },

    forget: (repository) =>
      database.transaction(async (tables) => {
        const where = { repository: fullName(repository) };
        for (const table of [tables.table(pullRequests), tables.table(comments)])
          for (;;) {
            const some = await table.list({ where });
            if (some.length === 0) break;
            for (const { id } of some) await table.delete(id);
          }
        await tables.table(counters).delete(fullName(repository));
      }),
  };
}
