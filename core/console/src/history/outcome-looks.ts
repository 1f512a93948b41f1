import type { ChangeView, Outcome } from '@catalyst/model/api/history.ts';

/** How an outcome reads. `tone` names a colour of the theme. */
export interface OutcomeLook {
  readonly glyph: string;
  readonly tone: 'green' | 'blue' | 'red' | 'grey';
  readonly word: string;
}

const looks: Readonly<Record<Outcome['state'], OutcomeLook>> = {
  pending: { glyph: '◑', tone: 'blue', word: 'Rolling out' },
  running: { glyph: '●', tone: 'green', word: 'Ran' },
  failed: { glyph: '◓', tone: 'red', word: 'Failed' },
  superseded: { glyph: '○', tone: 'grey', word: 'Overtaken' },
  removed: { glyph: '○', tone: 'grey', word: 'Removed' },
};

/** What became of a change, in a word. `current`: it is what runs now. */
export function outcomeLook(state: Outcome['state'], current: boolean): OutcomeLook {
  return state === 'running' && current ? { ...looks.running, word: 'Running' } : looks[state];
}

/** Whether what a change did may still be there to be taken back; the plan has the last word. */
export function mayUndo(change: Pick<ChangeView, 'planId' | 'outcome'>): boolean {
  return change.planId !== undefined && change.outcome?.state !== 'superseded';
}

/** The two revisions of `from..to`; undefined where the text is not that. */
export function parseComparison(text: string | null): { from: string; to: string } | undefined {
  const [, from, to] = /^([0-9a-f]{40})\.\.([0-9a-f]{40})$/.exec(text ?? '') ?? [];
  return from && to ? { from, to } : undefined;
}

/** Two chosen revisions, the older one first. `newestFirst` is the order of the list that they were chosen from. */
export function orderPair(
  chosen: readonly string[],
  newestFirst: readonly string[],
): { from: string; to: string } | undefined {
  const [to, from] = newestFirst.filter((revision) => chosen.includes(revision));
  return chosen.length === 2 && from && to ? { from, to } : undefined;
}

/** Chooses a revision or takes the choice back; of three, the one that was chosen first goes. */
export function choose(chosen: readonly string[], revision: string): string[] {
  return chosen.includes(revision)
    ? chosen.filter((other) => other !== revision)
    : [...chosen.slice(-1), revision];
}
