/** First wait before a container is started again, in seconds. */
export const firstRestartSeconds = 10;
/** Longest wait, in seconds. */
export const longestRestartSeconds = 300;
/** A container that ran this long is taken as recovered: its failures are forgotten. */
export const recoveredAfterSeconds = 600;

/** Seconds to wait after the n-th failure in a row (from 1): 10, 20, 40 … 300. */
export function restartDelaySeconds(failures: number): number {
  if (failures <= 0) return 0;
  return Math.min(firstRestartSeconds * 2 ** Math.min(failures - 1, 10), longestRestartSeconds);
}

/** Failures in a row after one more exit; those before are forgotten when the container had run long enough. */
export function countFailure(failuresBefore: number, ranSeconds: number): number {
  return ranSeconds >= recoveredAfterSeconds ? 1 : failuresBefore + 1;
}

/** Seconds to wait before the n-th retry (from 1) of a release that could not be made: 2, 4, 8 … 300. */
export function retryDelaySeconds(attempt: number): number {
  return Math.min(2 ** Math.min(Math.max(attempt, 1), 10), longestRestartSeconds);
}

/** `1st`, `2nd`, `3rd`, `4th` … `11th` … `21st`. */
export function ordinal(count: number): string {
  const lastTwo = count % 100;
  const suffix = lastTwo >= 11 && lastTwo <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${suffix}`;
}

/** A time of the future for people and programs, to the second and never too early: `2026-01-01T00:00:50Z`. */
export function timeOf(epochMs: number): string {
  return new Date(Math.ceil(epochMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
