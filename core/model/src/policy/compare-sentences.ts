/** What becomes of one sentence. */
export interface SentenceChange {
  readonly change: 'keep' | 'add' | 'remove';
  readonly sentence: string;
}

/** How one list of sentences becomes another, in an order in which both can be read: what goes stands before what comes. */
export function compareSentences(before: readonly string[], after: readonly string[]): SentenceChange[] {
  const [first, ...rest] = before;
  const [next, ...later] = after;
  if (first === undefined) return after.map((sentence) => ({ change: 'add', sentence }));
  if (next === undefined) return before.map((sentence) => ({ change: 'remove', sentence }));
  if (first === next) return [{ change: 'keep', sentence: first }, ...compareSentences(rest, later)];
  return after.includes(first)
    ? [{ change: 'add', sentence: next }, ...compareSentences(before, later)]
    : [{ change: 'remove', sentence: first }, ...compareSentences(rest, after)];
}
