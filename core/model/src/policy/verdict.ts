import type { GateVerdict } from '../views/plan.ts';
import { sameJson } from '../yaml/same-json.ts';
import type { PolicyChange, PolicyFacts } from './facts.ts';
import { evaluatePolicy, type Policy, type PolicyOutcome } from './policy.ts';
import { ruleKinds } from './rule-kinds.ts';

/** What a decision was made from and what it was: all that is needed to make it again. Plain JSON. */
export interface RecordedVerdict {
  /** As it was then; absent: nothing protected the Environment. */
  readonly policy?: Policy;
  readonly change: PolicyChange;
  readonly facts: PolicyFacts;
  readonly outcome: PolicyOutcome;
}

/** The same question asked again. */
export interface ReplayedVerdict {
  /** Absent where a rule is of a kind that this version of Catalyst does not know. */
  readonly outcome?: PolicyOutcome;
  /** The same answer: allowed or not, by the same gates, until the same times. Sentences may be worded anew by a later version. */
  readonly same: boolean;
}

/** Evaluates what was recorded once more, with the one evaluation that there is. */
export function replayVerdict({ policy, change, facts, outcome }: RecordedVerdict): ReplayedVerdict {
  if (policy?.rules.some(({ kind }) => !Object.hasOwn(ruleKinds, kind))) return { same: false };
  const again = evaluatePolicy(policy, change, facts);
  return { outcome: again, same: sameJson(answerOf(again), answerOf(outcome)) };
}

function answerOf({ allowed, byBreakGlass, gates, blocked }: PolicyOutcome) {
  const bare = ({ reason: _words, ...gate }: GateVerdict) => gate;
  return {
    allowed,
    byBreakGlass: byBreakGlass === true,
    gates: gates.map(bare),
    blocked: blocked.map(bare),
  };
}

const mostPaths = 20;
const mostPeople = 5_000;

/**
 * The facts as they are kept: those that give the same answer, in a size that is bounded. No rule looks at paths, of which some remain
 * for those who read it; where very many people may approve, only those who wrote or reviewed it are kept.
 */
export function toRecordedFacts(facts: PolicyFacts): PolicyFacts {
  const { review } = facts;
  if (!review) return facts;
  const ownership = review.ownership.map(({ owners, paths }) => ({
    owners,
    paths: paths.slice(0, mostPaths),
  }));
  const count = Object.values(review.people).reduce((sum, ids) => sum + ids.length, 0);
  if (count <= mostPeople) return { ...facts, review: { ...review, ownership } };
  const concerned = new Set([...review.authors, ...review.reviews.map(({ by }) => by.id)]);
  const people = Object.fromEntries(
    Object.entries(review.people).map(([handle, ids]) => [handle, ids.filter((id) => concerned.has(id))]),
  );
  return { ...facts, review: { ...review, ownership, people } };
}
