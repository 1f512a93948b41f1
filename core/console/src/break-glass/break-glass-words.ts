import type { BreakGlassView } from '@catalyst/model/api/break-glass.ts';

/** How it ended, a sentence. */
export function endWords({ ended, by }: Pick<BreakGlassView, 'ended' | 'by'>): string {
  if (!ended) return 'It is open now.';
  switch (ended.how) {
    case 'time':
      return 'It ended by time.';
    case 'hand':
      return `${ended.by?.name ?? 'Somebody'} ended it early.`;
    case 'right':
      return `It ended when the right was taken from ${by.name}.`;
    case 'clock':
      return 'It ended because the clock of the machine was set back.';
    default:
      return 'It ended.';
  }
}
