import type { Impact } from '@catalyst/model/api/upgrades.ts';

/** One Application of a blast radius as one string. */
export function keyOf(impact: Pick<Impact, 'environment' | 'application'>): string {
  return `${impact.environment}/${impact.application}`;
}

/** Whether a pull request for it can be asked for: the way is allowed, it can be planned, and something changes. */
export function canTake(impact: Impact): boolean {
  return impact.path.allowed && impact.problems.length === 0;
}

/** Why a version cannot be taken, each reason once; and what to mind where it can. */
export function reasonsOf(impact: Impact): { tone: 'amber' | 'red'; text: string }[] {
  const { allowed, reason } = impact.path;
  const ofPath = reason ?? (allowed ? undefined : 'This way is not allowed.');
  const others = impact.problems
    .map((problem) => problem.message)
    .filter((message) => reason === undefined || !message.includes(reason));
  return [
    ...(ofPath === undefined
      ? []
      : [{ tone: allowed ? ('amber' as const) : ('red' as const), text: ofPath }]),
    ...others.map((text) => ({ tone: 'red' as const, text })),
  ];
}

/** `3 Applications`; one reads as one. */
export function countWords(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/** What differs in one Application, in few words. */
export function differenceOf(impact: Impact): string {
  const objects = impact.planned?.objects ?? [];
  if (!impact.planned) return '';
  if (objects.length === 0) return 'renders to the same objects';
  const count = (change: string) => objects.filter((object) => object.change === change).length;
  return [
    [count('change'), 'changed'],
    [count('create'), 'added'],
    [count('remove'), 'removed'],
  ]
    .filter(([number]) => number !== 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
}
