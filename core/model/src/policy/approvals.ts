import type { OwnerHandle } from '../codeowners/codeowners.ts';
import type { ReviewFacts } from './facts.ts';

/** Who has approved the head, of a group of people. */
export interface Approvals {
  readonly approved: readonly { readonly id: string; readonly name: string }[];
  /** Names of those who ask for changes of this very head. */
  readonly against: readonly string[];
}

/** Groups of each pull request's facts by their handles: several rules name the same. */
const groups = new WeakMap<ReviewFacts, Map<string, ReadonlySet<string>>>();

/** Ids behind handles, without those who may not approve this pull request. */
export function eligible(facts: ReviewFacts, handles: readonly OwnerHandle[]): ReadonlySet<string> {
  const known = groups.get(facts) ?? new Map<string, ReadonlySet<string>>();
  groups.set(facts, known);
  const key = handles.join(' ');
  const present = known.get(key);
  if (present) return present;
  const found = findEligible(facts, handles);
  known.set(key, found);
  return found;
}

function findEligible(facts: ReviewFacts, handles: readonly OwnerHandle[]): ReadonlySet<string> {
  const ids = new Set(handles.flatMap((handle) => [...(facts.people[handle] ?? [])]));
  for (const author of facts.authors) ids.delete(author);
  return ids;
}

/** What was counted of each group of each pull request's facts. */
const counted = new WeakMap<ReviewFacts, Map<ReadonlySet<string>, Approvals>>();

/** Counts verdicts on exactly the head by people of a group; the last one of each person holds. */
export function countApprovals(facts: ReviewFacts, group: ReadonlySet<string>): Approvals {
  const known = counted.get(facts) ?? new Map<ReadonlySet<string>, Approvals>();
  counted.set(facts, known);
  const present = known.get(group);
  if (present) return present;
  const found = count(facts, group);
  known.set(group, found);
  return found;
}

function count(facts: ReviewFacts, group: ReadonlySet<string>): Approvals {
  const latest = new Map(
    facts.reviews
      .filter((review) => review.revision === facts.head && group.has(review.by.id))
      .map((review) => [review.by.id, review]),
  );
  const verdicts = [...latest.values()];
  return {
    approved: verdicts.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by),
    against: verdicts.filter(({ verdict }) => verdict === 'request-changes').map(({ by }) => by.name),
  };
}

/** How many approvals of a group have fallen because the head moved. */
export function staleApprovals(facts: ReviewFacts, group: ReadonlySet<string>): number {
  return new Set(
    facts.reviews
      .filter(
        (review) => review.verdict === 'approve' && review.revision !== facts.head && group.has(review.by.id),
      )
      .map((review) => review.by.id),
  ).size;
}

/** `a, b and c`; at most five, then how many more. */
export function listWords(words: readonly string[], last = 'and'): string {
  const shown = words.length > 5 ? [...words.slice(0, 4), `${words.length - 4} more`] : [...words];
  const end = shown.pop() ?? '';
  return shown.length === 0 ? end : `${shown.join(', ')} ${last} ${end}`;
}
