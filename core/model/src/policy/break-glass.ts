/** How breaking the glass came to its end. `clock`: the clock of the machine was set back behind what it had shown. */
export type BreakGlassEnd = 'time' | 'hand' | 'right' | 'clock';

/** What is known of the time that passed since somebody broke the glass. All in milliseconds. */
export interface BreakGlassTime {
  /** When it ends by the clock, since 1970. */
  readonly untilMs: number;
  /** The latest that the clock was seen to show since it was opened. */
  readonly seenMs: number;
  /** What was waited for in all, which no setting of the clock changes. */
  readonly waitedMs: number;
  readonly lengthMs: number;
}

/** So far a clock that is being corrected may go back. */
export const clockToleranceMs = 5_000;

/**
 * Why it is over by itself; undefined: it is open. A clock that is set back ends it, because nothing tells how long it has been open
 * then: better too short, and opened once more, than open for longer than was said.
 */
export function whyBreakGlassEnded(
  time: BreakGlassTime,
  nowMs: number,
): Extract<BreakGlassEnd, 'time' | 'clock'> | undefined {
  if (nowMs >= time.untilMs || time.waitedMs >= time.lengthMs) return 'time';
  return nowMs < time.seenMs - clockToleranceMs ? 'clock' : undefined;
}
