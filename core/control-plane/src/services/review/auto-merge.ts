import type { AskAutoMerge } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { RepositoryName } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { configRepository } from '../receiving/config-repository.ts';
import { createDueWork, type DueItem } from '../waiting/due-work.ts';
import { createLookAtArmed } from './look-at-armed.ts';
import { whyNotMerge } from './may-merge.ts';
import type { createMerging } from './merge.ts';
import { changeRow, notOpen, type ReviewDeps, toPerson } from './review-context.ts';
import { whyNotSeen } from './seen.ts';
import { syncPullRequest } from './sync.ts';

/** Most pull requests of one Organization that wait to be merged by themselves. */
const mostArmed = 1_000;

interface Armed extends DueItem {
  readonly repository: RepositoryName;
  readonly number: number;
  readonly set: string | undefined;
}

/**
 * Merges pull requests that were asked for as soon as all their gates are open, by the same merge as anybody's, in the name of who asked.
 * What is armed is a row: a start goes on with all of them.
 */
export interface AutoMerges {
  /** Codes: `Conflict` (not open), `Stale` (another head or content), `Invalid`, `TooMany`. Asking again changes nothing. */
  arm(actor: Actor, of: PullRequest, request: AskAutoMerge): Promise<Result<PullRequest>>;
  /** Codes: `Denied`, `Conflict` (not open). What is not armed stays so. */
  disarm(actor: Actor, of: PullRequest): Promise<Result<PullRequest>>;
  /** Call it with every row that was written. */
  changed(pullRequest: PullRequest): void;
  /** Call it with every moved ref: a destination, a source, or the policies. */
  moved(repository: RepositoryName): void;
  /** Call it when the state of an Application in an Environment became another one. */
  healthChanged(of: { readonly environment: string; readonly application: string }): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const fullName = ({ organization, name }: RepositoryName) => `${organization}/${name}`;

function toItem({ repository, number, set, autoMerge }: PullRequest): Armed {
  return {
    key: `${fullName(repository)}#${number}`,
    group: fullName(repository),
    order: Date.parse(autoMerge?.at ?? ''),
    repository,
    number,
    set: set?.id,
  };
}

/** Creates the controller. */
export function createAutoMerges(deps: ReviewDeps, merge: ReturnType<typeof createMerging>): AutoMerges {
  const { reviews, clock } = deps;
  const look = createLookAtArmed(deps, merge);
  const work = createDueWork<Armed>({
    clock,
    logger: deps.logger,
    look: ({ repository, number }) => look(repository, number),
  });

  return {
    async arm(actor, of, { expectedHead, content }) {
      const { organization } = of.repository;
      if (work.count(({ repository }) => repository.organization === organization) >= mostArmed)
        return refused({
          code: codes.TooMany,
          message: `At most ${mostArmed} pull requests of an Organization wait to be merged by themselves.`,
        });
      await syncPullRequest(deps, of);
      return changeRow(reviews, of.repository, of.number, (row) => {
        if (row.state !== 'open') return refused(notOpen(row));
        const stale = whyNotSeen(row, { head: expectedHead, content });
        if (stale) return refused(stale);
        const { autoMerge } = row;
        if (autoMerge?.head === expectedHead && autoMerge.by.id === actor.id) return ok(row);
        const at = new Date(clock.now()).toISOString();
        const wish = { by: toPerson(actor), surface: actor.surface, at, head: expectedHead };
        return ok({ ...row, autoMerge: wish });
      });
    },

    disarm: (actor, of) =>
      changeRow(reviews, of.repository, of.number, (row) => {
        if (row.state !== 'open') return refused(notOpen(row));
        if (!row.autoMerge) return ok(row);
        const problem = row.autoMerge.by.id === actor.id ? undefined : whyNotMerge(actor, row);
        if (problem) return refused(problem);
        const { autoMerge: _withdrawn, ...rest } = row;
        return ok(rest);
      }),

    changed(row) {
      if (row.state === 'open' && row.autoMerge) work.add(toItem(row));
      const { set } = row;
      if (set && row.state !== 'open') work.wake((item) => item.set === set.id);
    },

    moved(repository) {
      const policies = fullName(repository) === fullName(configRepository);
      const name = fullName(repository);
      work.wake((item) => policies || fullName(item.repository) === name);
    },

    healthChanged({ environment, application }) {
      const organization = parseEnvironmentName(environment)?.organization;
      // Members of a set may wait for one another to run.
      work.wake(
        ({ repository, set }) =>
          repository.organization === organization && (repository.name === application || set !== undefined),
      );
    },

    async start() {
      let after: PullRequest | undefined;
      do {
        const page = await reviews.armed(after);
        for (const row of page) work.add(toItem(row));
        after = page.at(-1);
      } while (after);
      work.start();
    },
    stop: () => work.stop(),
  };
}
