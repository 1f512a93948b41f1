import type { GiveReview, WriteComment } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { checkName, whyNotPostCheck } from '@catalyst/model/policy/check-rights.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Check, Comment, PullRequest } from '../../ports/reviews.ts';
import { decidedKey } from './decisions.ts';
import { authorsOf } from './gates.ts';
import { toTitle } from './open.ts';
import { changeRow, notOpen, type ReviewDeps, toPerson } from './review-context.ts';
import { movedHead, whyNotSeen } from './seen.ts';
import { syncPullRequest } from './sync.ts';

const mostReviews = 200;
const mostChecks = 100;

/** Why a person may not give a verdict; undefined: they may. */
export function whyNotReview(actor: Actor, pullRequest: PullRequest): Problem | undefined {
  const { organization } = pullRequest.repository;
  if (pullRequest.state !== 'open') return notOpen(pullRequest);
  if (actor.readOnly) return { code: codes.Denied, message: 'This token only reads.' };
  const role = actor.memberships.find((entry) => entry.organization === organization)?.role;
  if (role === 'org-viewer' || (role === undefined && !actor.sovereignAdmin))
    return {
      code: codes.Denied,
      message: 'Who only views does not review. That needs the role org-developer.',
    };
  if (pullRequest.openedBy.id === actor.id)
    return { code: codes.Denied, message: 'You opened it; somebody else must review it.' };
  if (authorsOf(pullRequest).includes(actor.id))
    return {
      code: codes.Denied,
      message: 'You pushed a commit that it carries; somebody else must review it.',
    };
  return undefined;
}

/** What people do with a pull request beside merging it. */
export function createActs(deps: ReviewDeps) {
  const now = () => new Date(deps.clock.now()).toISOString();

  /** The row in agreement with Git, so that nobody approves what has moved. */
  async function fresh({ repository, number }: PullRequest): Promise<void> {
    const present = await deps.reviews.get(repository, number);
    if (present) await syncPullRequest(deps, present);
  }

  return {
    async review(actor: Actor, of: PullRequest, request: GiveReview): Promise<Result<PullRequest>> {
      await fresh(of);
      return changeRow(deps.reviews, of.repository, of.number, (row) => {
        const problem = whyNotReview(actor, row);
        if (problem) return refused(problem);
        const { verdict, revision, content, comment } = request;
        const stale = whyNotSeen(row, { head: revision, content });
        if (stale) return refused(stale);
        const decided = decidedKey(row);
        const others = row.reviews.filter(({ by }) => by.id !== actor.id);
        if (others.length >= mostReviews)
          return refused({
            code: codes.TooMany,
            message: `At most ${mostReviews} people review one change.`,
          });
        const review = {
          by: toPerson(actor),
          verdict,
          revision,
          ...(decided === '' ? {} : { content: decided }),
          ...(comment === undefined ? {} : { comment }),
          at: now(),
        };
        return ok({ ...row, reviews: [...others, review] });
      });
    },

    comment(
      actor: Actor,
      { repository, number }: PullRequest,
      request: WriteComment,
    ): Promise<Result<Comment>> {
      const { text, file, line } = request;
      return deps.reviews.comment(repository, number, {
        by: toPerson(actor),
        text,
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { line }),
        at: now(),
      });
    },

    async postCheck(
      actor: Actor,
      of: PullRequest,
      name: string,
      request: Pick<Check, 'revision' | 'status' | 'summary' | 'url'>,
    ): Promise<Result<PullRequest>> {
      if (!checkName.test(name))
        return refused({
          code: codes.Invalid,
          field: 'name',
          message: 'A check is named by 1 to 100 letters, digits, spaces and . : / - _',
        });
      const problem = whyNotPostCheck(actor, of.repository.organization, name);
      if (problem) return refused(problem);
      const { token } = actor;
      await fresh(of);
      return changeRow(deps.reviews, of.repository, of.number, (row) => {
        if (row.state !== 'open') return refused(notOpen(row));
        if (row.head !== request.revision) return refused(movedHead(row.head, request.revision));
        const others = row.checks.filter((check) => check.name !== name);
        if (others.length >= mostChecks)
          return refused({
            code: codes.TooMany,
            message: `A pull request takes at most ${mostChecks} checks.`,
          });
        const posted = { ...request, name, ...(token ? { token } : {}), by: actor.name, at: now() };
        return ok({ ...row, checks: [...others, posted] });
      });
    },

    edit(
      actor: Actor,
      of: PullRequest,
      request: { title?: string; description?: string; state?: 'closed' },
    ): Promise<Result<PullRequest>> {
      return changeRow(deps.reviews, of.repository, of.number, (row) => {
        if (row.state !== 'open') return refused(notOpen(row));
        const { title, description, state } = request;
        return ok({
          ...row,
          ...(title === undefined ? {} : { title: toTitle(title) }),
          ...(description === undefined ? {} : { description }),
          ...(state === undefined ? {} : { state, closed: { by: toPerson(actor), at: now() } }),
        });
      });
    },
  };
}
