/** A sentence cut where it names a time. */
export type SentencePart = { readonly text: string } | { readonly at: number; readonly text: string };

/** Cuts a sentence at `at <RFC 3339>`; `at` is in milliseconds of the epoch. The parts' texts joined are the sentence. */
export function splitTimes(sentence: string): SentencePart[] {
  return sentence
    .split(/(\bat \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/)
    .filter((text) => text !== '')
    .map((text) => {
      const at = text.startsWith('at ') ? Date.parse(text.slice(3)) : Number.NaN;
      return Number.isNaN(at) ? { text } : { at, text };
    });
}

/** `in 4 min 5 s`, `in 12 s`, `now`. */
export function countDown(atMs: number, nowMs: number): string {
  const seconds = Math.ceil((atMs - nowMs) / 1000);
  if (seconds <= 0) return 'now';
  if (seconds < 60) return `in ${seconds} s`;
  if (seconds < 3600) return `in ${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `in ${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
