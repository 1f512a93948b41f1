import type { GateVerdict } from '../views/plan.ts';
import { sameJson } from '../yaml/same-json.ts';
import type { PolicyChange, PolicyFacts, ReviewFacts } from './facts.ts';
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
 * for those who read it; where very many people stand behind the handles, only those are kept of whom a rule may ask whether they are
 * among them: who wrote it, who reviewed it, and who asks for it.
 */
export function toRecordedFacts(facts: PolicyFacts): PolicyFacts {
  const { review, people } = facts;
  const concerned = concernedIn(facts);
  return {
    ...facts,
    ...(people ? { people: toRecordedPeople(people, concerned) } : {}),
    ...(review
      ? {
          review: {
            ...review,
            ownership: review.ownership.map(({ owners, paths }) => ({
              owners,
              paths: paths.slice(0, mostPaths),
            })),
            people: toRecordedPeople(review.people, concerned),
          },
        }
      : {}),
  };
}

/** Everybody of whom a rule may ask whether a handle names them: nobody else has done anything that could count. */
function concernedIn({ review, actor }: PolicyFacts): ReadonlySet<string> {
  const reviewers = (review?.reviews ?? []).map(({ by }) => by.id);
  return new Set([...(review?.authors ?? []), ...reviewers, ...(actor ? [actor.id] : [])]);
}

function toRecordedPeople(
  people: ReviewFacts['people'],
  concerned: ReadonlySet<string>,
): ReviewFacts['people'] {
  const count = Object.values(people).reduce((sum, ids) => sum + ids.length, 0);
  if (count <= mostPeople) return people;
  return Object.fromEntries(
    Object.entries(people).map(([handle, ids]) => [handle, ids.filter((id) => concerned.has(id))]),
  );
}
