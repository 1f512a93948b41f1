import { eligible, listWords } from '../policy/approvals.ts';
import type { ReviewFacts } from '../policy/facts.ts';
import { describeConflicts, describeProblem, type Hindered } from '../pull-request/hindrances.ts';
import type { GateVerdict } from '../views/plan.ts';

/** Where an open pull request stands, as its gates and Git say. */
export interface Standing {
  readonly gates: readonly GateVerdict[];
  /** Paths that must be decided in the source first. */
  readonly conflicts: readonly string[];
  /** What would refuse the merge beside its gates; absent where nobody looked. */
  readonly problems?: readonly { readonly message: string }[];
}

/** What of a pull request its waiting is judged by. Its verdicts name what they count for: of another content no head. */
export interface Waiting extends Hindered {
  readonly head: string;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly reviews: readonly {
    readonly by: { readonly id: string; readonly name: string };
    readonly verdict: 'approve' | 'request-changes';
    readonly revision: string;
    readonly at: string;
  }[];
}

/** Why something waits for somebody, and since when as far as that is known. */
export interface Wait {
  readonly kind: 'review' | 'merge' | 'changes-requested' | 'conflict' | 'decision' | 'problem';
  /** One sentence. */
  readonly why: string;
  readonly since: string;
}

/** Teams and users of closed gates, by the id of each person whose approval counts there and who has not said anything of this head. */
export type NeededReviewers = Readonly<Record<string, readonly string[]>>;

/**
 * Who can open a gate by approving, from the same facts and verdicts that the merge is judged by. Nobody who made a part of it, and
 * nobody whose verdict on this very head is there already.
 */
export function neededReviewers(
  gates: readonly GateVerdict[],
  facts: Pick<ReviewFacts, 'head' | 'authors' | 'reviews' | 'people'>,
): NeededReviewers {
  const decided = new Set(
    facts.reviews.filter(({ revision }) => revision === facts.head).map(({ by }) => by.id),
  );
  const needed: Record<string, string[]> = {};
  for (const { allowed, needs = [] } of gates) {
    if (allowed) continue;
    // Where somebody asked for changes, the gate needs him by name; a name may be anything.
    for (const handle of needs.filter((need) => Object.hasOwn(facts.people, need)))
      for (const id of eligible({ ...facts, ownership: [] }, [handle])) {
        if (decided.has(id)) continue;
        const handles = needed[id] ?? [];
        needed[id] = handles.includes(handle) ? handles : [...handles, handle];
      }
  }
  return needed;
}

/** What a person is asked for who can open a gate of somebody else's pull request. A conflict is for its authors to solve first. */
export function waitForReview(
  pullRequest: Waiting,
  standing: Standing,
  handles: readonly string[] | undefined,
): Wait | undefined {
  if (!handles?.length || standing.conflicts.length > 0) return undefined;
  const fell = pullRequest.reviews.some(({ revision }) => revision !== pullRequest.head);
  const again = fell ? ' Its content changed since it was last reviewed.' : '';
  return {
    kind: 'review',
    why: `It needs an approval from ${listWords(handles, 'or')}, and yours counts.${again}`,
    since: fell ? pullRequest.updatedAt : pullRequest.openedAt,
  };
}

/** What those who made it can do about it; undefined while it waits for others. */
export function waitForAuthor(pullRequest: Waiting, standing: Standing, mayMerge: boolean): Wait | undefined {
  const { head, updatedAt, openedAt, promotion } = pullRequest;
  const { conflicts, gates, problems = [] } = standing;
  if (conflicts.length > 0)
    return {
      kind: 'conflict',
      why: describeConflicts(pullRequest, conflicts),
      since: updatedAt,
    };
  const ofHead = pullRequest.reviews.filter(({ revision }) => revision === head);
  const against = ofHead.filter(({ verdict }) => verdict === 'request-changes');
  if (against.length > 0) {
    const make = promotion ? `make them in ${promotion.from} and promote anew` : 'push them';
    return {
      kind: 'changes-requested',
      why: `${listWords(against.map(({ by }) => by.name))} asked for changes: ${make}, or answer in the discussion.`,
      since: latest(against.map(({ at }) => at)) ?? updatedAt,
    };
  }
  // Nobody else is asked for it, and what others approve falls with it: it comes before the other gates.
  const undecided = gates.find(({ rule, allowed }) => rule === 'decision' && !allowed);
  if (undecided) return { kind: 'decision', why: undecided.reason, since: updatedAt };
  if (gates.some(({ allowed }) => !allowed)) return undefined;
  const [problem] = problems;
  if (problem) return { kind: 'problem', why: describeProblem(problem), since: updatedAt };
  return mayMerge
    ? {
        kind: 'merge',
        why: 'Nothing is missing: you can merge it now.',
        since: latest(ofHead.map(({ at }) => at)) ?? openedAt,
      }
    : undefined;
}

function latest(times: readonly string[]): string | undefined {
  return times.toSorted().at(-1);
}
