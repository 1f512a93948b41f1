import { createHash } from 'node:crypto';
import { listWords } from '@catalyst/model/policy/approvals.ts';
import type { GateVerdict } from '@catalyst/model/views/plan.ts';
import type { PullRequest, Review } from '../../ports/reviews.ts';
import type { MergeContent } from './content.ts';

/** What of a promotion's content people decided beside its head; empty where they decided nothing, or it is no promotion. */
export function decidedKey({ promotion }: Pick<PullRequest, 'promotion'>): string {
  const decisions = Object.entries(promotion?.decisions ?? {});
  const overlay = Object.entries(promotion?.overlay ?? {});
  if (decisions.length + overlay.length === 0) return '';
  const key = [
    decisions.map(([path, { take, source, destination }]) => [path, take, source, destination]).sort(),
    overlay.map(([path, { content, over }]) => [path, content, over]).sort(),
  ];
  return digest(key);
}

/**
 * Names what a pull request carries, for people who act on what they read: of a promotion its head and what was decided beside it, of
 * any other the head. Opaque outside.
 */
export function contentKey(pullRequest: Pick<PullRequest, 'head' | 'promotion'>): string {
  const { head, promotion } = pullRequest;
  return promotion ? digest([head, decidedKey(pullRequest)]) : head;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** The revision that a verdict counts for: one on other decisions about the same head is one on another content. */
export function reviewedRevision(pullRequest: PullRequest, { revision, content = '' }: Review): string {
  return content === decidedKey(pullRequest) ? revision : `${revision}, decided otherwise`;
}

/** A hotfix of the destination is never undone silently, and not kept silently either. */
export function decisionGate(
  { environment, promotion }: PullRequest,
  { undecided }: Pick<MergeContent, 'undecided'>,
): GateVerdict[] {
  if (!promotion || undecided.length === 0) return [];
  return [
    {
      rule: 'decision',
      allowed: false,
      reason: `${environment} has changes of its own that ${promotion.from} lacks (${listWords(undecided)}). Decide for each whether it stays.`,
    },
  ];
}
