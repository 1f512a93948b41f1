import type { Actor } from '@catalyst/model/authorization.ts';
import { codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import { wayOutOfConflict } from '@catalyst/model/pull-request/hindrances.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { linkChange } from '../history/changes.ts';
import { contentOf } from './content.ts';
import { assess, recordAssessment, toProblems } from './gates.ts';
import { changeRow, noPullRequest, notOpen, type ReviewDeps, toPerson, toPusher } from './review-context.ts';
import { whyNotSeen } from './seen.ts';
import { syncPullRequest } from './sync.ts';

const mostAttempts = 20;
const mostWaiting = 200;

/** What merges a pull request. */
export interface MergeRequested {
  readonly expectedHead: string;
  /** Of a promotion it must be given. */
  readonly content?: string;
  readonly message?: string;
}

/**
 * Merges one after another per repository, in the order in which they were asked for. The merge commit is durable before the row says
 * so; a crash between the two is found by the commit (`syncPullRequest`).
 */
export function createMerging(deps: ReviewDeps) {
  const queues = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  async function inTurn<T>(key: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
    const queue = queues.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= mostWaiting)
      return refused({
        code: codes.TooMany,
        message: 'Too many merges of this repository wait. Try again in a moment.',
      });
    queue.waiting += 1;
    const turn = queue.tail.then(work, work);
    queue.tail = turn;
    queues.set(key, queue);
    try {
      return await turn;
    } finally {
      queue.waiting -= 1;
      if (queue.waiting === 0) queues.delete(key);
    }
  }

  async function merge(actor: Actor, of: PullRequest, request: MergeRequested): Promise<Result<PullRequest>> {
    const { repository, number } = of;
    for (let attempt = 1; ; attempt += 1) {
      const present = await deps.reviews.get(repository, number);
      if (!present) return refused(noPullRequest);
      const pullRequest = await syncPullRequest(deps, present);
      if (pullRequest.state !== 'open') return refused(notOpen(pullRequest));
      const stale = whyNotSeen(pullRequest, { head: request.expectedHead, content: request.content });
      if (stale) return refused(stale);
      const merged = await tryMerge(actor, pullRequest, request);
      if (merged.ok || merged.problems[0]?.code !== codes.Conflict || attempt >= mostAttempts) return merged;
    }
  }

  async function tryMerge(
    actor: Actor,
    pullRequest: PullRequest,
    request: MergeRequested,
  ): Promise<Result<PullRequest>> {
    const { repository, destination, head, number } = pullRequest;
    const base = await deps.repositories.head(repository, destination);
    if (base === undefined) return refused(noPullRequest);
    const outcome = await contentOf(deps.repositories, pullRequest, base);
    if (outcome.conflicts.length > 0)
      return refused(
        ...outcome.conflicts.slice(0, 20).map((file) => ({
          code: 'MergeConflict',
          file,
          message: `It ${wayOutOfConflict(pullRequest)}`,
        })),
      );
    const assessment = await assess(deps, pullRequest, base, outcome, actor);
    if (assessment.blocked.length > 0) {
      await recordAssessment(deps, pullRequest, { base, by: toPusher(actor) }, assessment);
      return refused(...toProblems(assessment.blocked));
    }
    const committed = await deps.repositories.commit({
      repository,
      branch: destination,
      expectedHead: base,
      mergeOf: head,
      changes: outcome.changes,
      message: messageOf(pullRequest, request),
      author: { name: actor.name, email: actor.email },
      pusher: toPusher(actor),
      under: { kind: 'pull-request', number },
    });
    if (!committed.ok) return committed;
    const revision = committed.value.newRevision;
    await link(pullRequest, revision, base);
    const merged = { revision, base, by: toPerson(actor), at: new Date(deps.clock.now()).toISOString() };
    return changeRow(deps.reviews, repository, number, (row) =>
      row.state === 'merged' && row.merged?.revision === revision && row.merged.by.email !== ''
        ? ok(row)
        : ok({ ...row, state: 'merged', head, merged }),
    );
  }

  /** So that history says through which pull request and plan the revision came; only a convenience. */
  async function link(
    { repository, environment, number, planId }: PullRequest,
    revision: string,
    before: string,
  ) {
    try {
      await deps.database.transaction((tables) =>
        linkChange(tables, {
          environment,
          application: repository.name,
          revision,
          pullRequest: number,
          before,
          ...(planId === undefined ? {} : { planId }),
        }),
      );
    } catch (error) {
      deps.logger.warn({ err: error, repository, number }, 'a merge could not be linked to its change');
    }
  }

  return (actor: Actor, pullRequest: PullRequest, request: MergeRequested): Promise<Result<PullRequest>> => {
    const { organization, name } = pullRequest.repository;
    return inTurn(`${organization}/${name}`, () => merge(actor, pullRequest, request));
  };
}

function messageOf({ number, title, source, description }: PullRequest, { message }: MergeRequested): string {
  const from = source === undefined ? '' : ` from ${source}`;
  const body = message ?? description.slice(0, 2_000);
  return `${title} (#${number})\n\n${body === '' ? '' : `${body}\n\n`}Merges pull request #${number}${from}.\n`;
}
