import type { DecidePromotion } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { isCarried } from '@catalyst/model/promotion/promoted-content.ts';
import type { PromotionDecision, PullRequest } from '../../ports/reviews.ts';
import { changeRow, notOpen, type ReviewDeps, toPerson } from './review-context.ts';
import { whyStale } from './seen.ts';

type DecideDeps = Pick<ReviewDeps, 'reviews' | 'repositories' | 'clock'>;

/**
 * Records which side the paths of a promotion follow, for exactly the contents that they have now; another content asks again. What people
 * approved before was another content, so their approvals fall.
 */
export async function decidePromotion(
  deps: DecideDeps,
  actor: Actor,
  of: PullRequest,
  { revision, content, decisions }: DecidePromotion,
): Promise<Result<PullRequest>> {
  const { repository, head, destination, promotion } = of;
  if (of.state !== 'open') return refused(notOpen(of));
  const seen = { head: revision, content };
  const stale = whyStale(of, seen);
  if (stale) return refused(stale);
  if (!promotion) return refused({ code: codes.Invalid, message: 'Only a promotion asks for decisions.' });
  const ours = await deps.repositories.head(repository, destination);
  if (ours === undefined)
    return refused({ code: codes.NotFound, message: `There is no branch ${destination} any more.` });
  const [source, present] = await Promise.all(
    [head, ours].map(async (at) => {
      const files = await deps.repositories.files(repository, at);
      return new Map(files.map(({ path, blob }) => [path, blob]));
    }),
  );
  const at = new Date(deps.clock.now()).toISOString();
  const decided: Record<string, PromotionDecision> = {};
  const problems: Problem[] = [];
  for (const [path, take] of Object.entries(decisions)) {
    const [theirs, own] = [source?.get(path) ?? null, present?.get(path) ?? null];
    if (!isCarried(path) || theirs === own)
      problems.push({
        code: codes.Invalid,
        field: 'decisions',
        file: path.slice(0, 300),
        message: 'There is nothing to decide about this path.',
      });
    else decided[path] = { take, source: theirs, destination: own, by: toPerson(actor), at };
  }
  if (problems.length > 0) return refused(...problems.slice(0, 20));
  return changeRow(deps.reviews, repository, of.number, (row) => {
    if (row.state !== 'open' || !row.promotion) return refused(notOpen(row));
    const other = whyStale(row, seen);
    if (other) return refused(other);
    const { autoMerge, ...kept } = row;
    return ok({
      ...kept,
      // Whoever else asked for a merge as soon as the gates open asked for another content.
      ...(autoMerge?.by.id === actor.id ? { autoMerge } : {}),
      promotion: {
        ...row.promotion,
        decisions: { ...row.promotion.decisions, ...decided },
        changed: { by: toPerson(actor), at, how: 'decided' },
      },
      // Who decides makes a part of the content, and does not approve it.
      pushers: [...new Set([...row.pushers, actor.id])],
    });
  });
}
