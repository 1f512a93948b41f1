const units = [
  ['year', 365 * 24 * 3600],
  ['month', 30 * 24 * 3600],
  ['day', 24 * 3600],
  ['hour', 3600],
  ['minute', 60],
] as const;
const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `5 minutes ago`, `in 3 days`; under a minute `just now`. What is to come is rounded, so that 30 days are not 29 a moment later. Times are milliseconds of the epoch. */
export function relativeTime(thenMs: number, nowMs: number): string {
  const seconds = (thenMs - nowMs) / 1000;
  for (const [unit, size] of units)
    if (Math.abs(seconds) >= size)
      return format.format(seconds > 0 ? Math.round(seconds / size) : Math.trunc(seconds / size), unit);
  return seconds > 5 ? 'in less than a minute' : 'just now';
}
