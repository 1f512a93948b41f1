const secondMs = 1_000;
const hourMs = 3_600_000;
const longestMs = 6 * hourMs;

/** How often one event is tried in all: at once, after some seconds, and so on for about a day. */
export const mostAttempts = 11;

/**
 * Pause before the next attempt after `attempts` (1 and more) have failed: 5 s, 20 s, 80 s, four times longer each, at most 6 h, by up
 * to a fifth more or less, so that what failed together does not come back together. `random` is 0 to 1. Undefined when it is over.
 */
export function retryDelayMs(attempts: number, random: number): number | undefined {
  if (attempts >= mostAttempts) return undefined;
  const delay = Math.min(5 * secondMs * 4 ** (attempts - 1), longestMs);
  return Math.round(delay * (0.8 + 0.4 * random));
}
