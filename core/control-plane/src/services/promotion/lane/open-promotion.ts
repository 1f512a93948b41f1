import type { LaneStep } from '@catalyst/model/api/lanes.ts';
import { describeConflicts } from '@catalyst/model/pull-request/hindrances.ts';
import type { GateVerdict } from '@catalyst/model/views/plan.ts';
import type { PullRequest } from '../../../ports/reviews.ts';
import { contentOf, type MergeContent } from '../../review/content.ts';
import { contentKey } from '../../review/decisions.ts';
import { assess, type GateDeps } from '../../review/gates.ts';
import type { ReviewDeps } from '../../review/review-context.ts';
import { createKept } from './kept.ts';
import { shortHash } from './pairs.ts';
import type { Place } from './places.ts';

type OpenDeps = GateDeps & Pick<ReviewDeps, 'database'>;

type Outcome = Pick<MergeContent, 'changes' | 'conflicts' | 'undecided'>;

const firstTold: readonly string[] = ['order', 'hold', 'decision'];

/** Answers which promotion is open from one Environment to another, and what it waits for. */
export function createOpenPromotion(deps: OpenDeps) {
  const outcomes = createKept<Outcome>(500);

  /** What changes and what goes is enough for most gates, and small enough to be kept. */
  async function readOutcome(pullRequest: PullRequest, ours: string): Promise<Outcome> {
    const { changes, conflicts, undecided } = await contentOf(deps.repositories, pullRequest, ours);
    return {
      changes: Object.fromEntries(
        Object.entries(changes).map(([path, content]) => [path, content === null ? null : '']),
      ),
      conflicts,
      undecided,
    };
  }

  async function waitsFor(pullRequest: PullRequest, ours: string): Promise<GateVerdict | undefined> {
    const { repository, head } = pullRequest;
    const name = `${repository.organization}/${repository.name}`;
    const key = shortHash(`${name} ${head} ${ours} ${contentKey(pullRequest)}`);
    const outcome = await outcomes.get(key, () => readOutcome(pullRequest, ours));
    if (outcome.conflicts.length > 0)
      return {
        rule: 'conflict',
        allowed: false,
        reason: describeConflicts(pullRequest, outcome.conflicts),
      };
    const { policy } = await deps.policies.read(pullRequest.environment);
    const scored = policy?.rules.some(({ kind }) => kind === 're-score-gate') === true;
    const read = scored ? await contentOf(deps.repositories, pullRequest, ours) : outcome;
    const { gates } = await assess(deps, pullRequest, ours, read);
    const shut = gates.filter(({ allowed }) => !allowed);
    return shut.find(({ rule }) => firstTold.includes(rule)) ?? shut[0];
  }

  return async (
    open: readonly PullRequest[],
    from: Place,
    to: Place,
  ): Promise<LaneStep['pullRequest'] | undefined> => {
    const pullRequest = open.find(
      ({ promotion, destination }) => promotion?.from === from.environment && destination === to.branch,
    );
    if (!pullRequest || to.head === undefined) return undefined;
    const { number, title, openedBy, openedAt, head } = pullRequest;
    const gate = await waitsFor(pullRequest, to.head);
    return {
      number,
      title,
      openedBy: { id: openedBy.id, name: openedBy.name },
      openedAt,
      revision: head,
      behind: from.head !== head,
      ...(gate ? { waitsFor: gate } : {}),
    };
  };
}
