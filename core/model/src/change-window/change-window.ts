import { Cron } from 'croner';
import type { Problem } from '../problem.ts';

/** When changes are let in: at each firing of `cron` in `timeZone`, for `durationMs` of elapsed time. */
export interface ChangeWindow {
  /** Five fields, as crontab(5): minute, hour, day of month, month, day of week. */
  readonly cron: string;
  readonly durationMs: number;
  /** IANA name, as `Asia/Muscat`. */
  readonly timeZone: string;
}

/** Whether the window is open at a moment; times are milliseconds since 1970. */
export type WindowState =
  | { readonly open: true; readonly until: number }
  | { readonly open: false; readonly opensAt: number | undefined };

const minuteMs = 60_000;
const longestMs = 7 * 24 * 60 * minuteMs;
/** Windows that touch are one; more than this many in a row are said to end there. */
const longestChain = 1000;

function toCron(window: Pick<ChangeWindow, 'cron' | 'timeZone'>): Cron {
  return new Cron(window.cron, { timezone: window.timeZone, mode: '5-part', legacyMode: true });
}

/** What is wrong with a window: no cron, no time zone, no time, a cron that never fires. Empty: it is sound. */
export function checkChangeWindow(window: ChangeWindow, now: number): Problem[] {
  const { cron, durationMs, timeZone } = window;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return [
      {
        code: 'UnknownTimeZone',
        field: 'timeZone',
        message: `"${timeZone.slice(0, 60)}" is no time zone. Use a name such as Asia/Muscat or Europe/Berlin.`,
      },
    ];
  }
  if (!(durationMs >= minuteMs && durationMs <= longestMs))
    return [
      {
        code: 'InvalidDuration',
        field: 'duration',
        message: 'A window is open for at least a minute and at most 7 days.',
      },
    ];
  let next: Date | null;
  try {
    next = toCron(window).nextRun(new Date(now));
  } catch {
    return [
      {
        code: 'InvalidCron',
        field: 'cron',
        message: `"${cron.slice(0, 60)}" is no cron expression of five fields, as "0 14 * * 2,4".`,
      },
    ];
  }
  return next
    ? []
    : [{ code: 'NeverFires', field: 'cron', message: `"${cron}" names a time that never comes.` }];
}

/**
 * Whether a sound window is open. A start that the clock skips in spring happens at the first moment that exists; one that comes
 * twice in autumn happens once, at its first. The length is elapsed time, so a window over a change of the clock ends earlier or
 * later by the wall.
 */
export function windowState(window: ChangeWindow, now: number): WindowState {
  const cron = toCron(window);
  const first = cron.nextRun(new Date(now - window.durationMs))?.getTime();
  if (first === undefined || first > now) return { open: false, opensAt: first };
  let until = first + window.durationMs;
  let start = first;
  for (let chained = 0; chained < longestChain; chained += 1) {
    const next = cron.nextRun(new Date(start))?.getTime();
    if (next === undefined || next > until) break;
    start = next;
    until = next + window.durationMs;
  }
  return { open: true, until };
}
