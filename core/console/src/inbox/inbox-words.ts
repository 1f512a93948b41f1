import type { Inbox, WaitingChanges } from '@catalyst/model/api/people.ts';

const kinds: Readonly<Record<string, { readonly word: string; readonly tone: string }>> = {
  review: { word: 'Review', tone: 'purple' },
  merge: { word: 'Ready to merge', tone: 'green' },
  'changes-requested': { word: 'Changes requested', tone: 'amber' },
  conflict: { word: 'Conflict', tone: 'red' },
  decision: { word: 'Decision', tone: 'amber' },
  problem: { word: 'Problem', tone: 'red' },
  'policy-proposal': { word: 'Policy', tone: 'purple' },
  backflow: { word: 'Backflow', tone: 'blue' },
};

/** Word and colour of what waits; a kind that is not known yet is shown by its name. */
export function lookOf(kind: string): { readonly word: string; readonly tone: string } {
  return kinds[kind] ?? { word: kind, tone: 'grey' };
}

/** How much waits, for the ear: `3 things wait for you, 1 notification is not read.` */
export function countWords({ items, more, unread }: Pick<Inbox, 'items' | 'more' | 'unread'>): string {
  const waits = items.length + more;
  const what = waits === 0 ? 'Nothing waits' : waits === 1 ? '1 thing waits' : `${waits} things wait`;
  const read =
    unread === 0
      ? ''
      : unread === 1
        ? ', 1 notification is not read'
        : `, ${unread} notifications are not read`;
  return `${what} for you${read}.`;
}

/** What the badge of a card says of the change that is on its way: `#12 waits for approval`. */
export function waitingWords(change: WaitingChanges['items'][number]): string {
  const number = change.pullRequest ? `#${change.pullRequest.number} ` : '';
  if (change.reason === 'NotMerged') return `${number}can be merged`;
  if (change.reason === 'MergeConflict') return `${number}conflicts`;
  if (change.reason === 'pr-required' || change.reason === 'codeowners') return `${number}waits for approval`;
  return `${number}waits`;
}
