import type { DeliveryView } from '@catalyst/model/api/webhooks.ts';

/** What came of an attempt, in a few words. */
export function outcomeOf(delivery: DeliveryView): {
  readonly tone: 'green' | 'amber' | 'red';
  readonly words: string;
} {
  const { delivered, status, error, nextAttemptAt } = delivery;
  if (delivered) return { tone: 'green', words: `Delivered, answered ${status ?? 'well'}` };
  const why = error ?? (status === undefined ? 'No answer' : `Answered ${status}`);
  return nextAttemptAt === undefined
    ? { tone: 'red', words: `Failed: ${why}` }
    : { tone: 'amber', words: `Not yet delivered: ${why}` };
}

/** `180 ms`, `2.4 s`. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Events as people choose them, by what they are about. */
export function groupEvents(
  events: readonly string[],
): readonly { readonly about: string; readonly events: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const event of events) {
    const about = event.split('.')[0] ?? event;
    groups.set(about, [...(groups.get(about) ?? []), event]);
  }
  return [...groups].map(([about, of]) => ({ about, events: of }));
}
