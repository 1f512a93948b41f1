import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { windowState } from './change-window.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const year = 2026;

/** Zones whose clocks change at other hours, by other amounts, on the other half of the Earth, or not at all. */
const zones = [
  { timeZone: 'Europe/Berlin', changes: 2 },
  { timeZone: 'Europe/London', changes: 2 },
  { timeZone: 'America/New_York', changes: 2 },
  { timeZone: 'America/St_Johns', changes: 2 },
  // At midnight, so that a day begins at 01:00, or has its last hour twice.
  { timeZone: 'America/Santiago', changes: 2 },
  { timeZone: 'Africa/Cairo', changes: 2 },
  // By half an hour.
  { timeZone: 'Australia/Lord_Howe', changes: 2 },
  // 12:45 ahead, at a quarter to three.
  { timeZone: 'Pacific/Chatham', changes: 2 },
  { timeZone: 'Asia/Muscat', changes: 0 },
  { timeZone: 'Asia/Kathmandu', changes: 0 },
  { timeZone: 'UTC', changes: 0 },
] as const;

interface Wall {
  readonly date: string;
  readonly minute: number;
}

/** What the clock on the wall says, from the platform alone. */
function wallClock(timeZone: string): (at: number) => Wall {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return (at) => {
    const [date = '', time = ''] = format.format(at).split(' ');
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return { date, minute: hour * 60 + minute };
  };
}

/** Moments at which the clock of a zone jumps: by how many minutes it then differs from what it would have said. */
function changesOf(timeZone: string): { at: number; byMinutes: number }[] {
  const wall = wallClock(timeZone);
  const offset = (at: number) => {
    const { date, minute } = wall(at);
    return (Date.parse(`${date}T00:00:00Z`) + minute * minuteMs - at) / minuteMs;
  };
  const found: { at: number; byMinutes: number }[] = [];
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += 15 * minuteMs) {
    const byMinutes = offset(at) - offset(at - 15 * minuteMs);
    if (byMinutes !== 0) found.push({ at, byMinutes });
  }
  return found;
}

/** When a daily window starts on a date: the first minute of that date at which the wall says so, or has gone past it. */
function startOn(wall: (at: number) => Wall, near: number, date: string, minute: number): number | undefined {
  for (let at = near - 6 * hourMs; at < near + 6 * hourMs; at += minuteMs) {
    const said = wall(at);
    if (said.date === date && said.minute >= minute) return at;
  }
  return undefined;
}

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

describe('a change window on the days on which the clock changes', () => {
  for (const { timeZone, changes } of zones) {
    const wall = wallClock(timeZone);
    const found = changesOf(timeZone);

    it(`${timeZone} changes its clock ${changes} times in ${year}`, () =>
      assert.equal(found.length, changes));

    // Days without a change stand for zones that have none.
    const moments = found.length > 0 ? found : [{ at: Date.UTC(year, 2, 29, 1), byMinutes: 0 }];
    for (const { at, byMinutes } of moments) {
      const { date } = wall(at - 1);
      const after = wall(at);
      // From an hour and a half before what is skipped or repeated to as long after it.
      const middle = after.minute + (after.date === date ? 0 : 24 * 60);
      const kind = byMinutes > 0 ? 'gap' : byMinutes < 0 ? 'overlap' : 'no change';
      for (let step = -150; step <= 150; step += 15) {
        const onDay = middle + step;
        const minute = ((onDay % (24 * 60)) + 24 * 60) % (24 * 60);
        const day = Math.floor(onDay / (24 * 60));
        const of = new Date(Date.parse(`${date}T00:00:00Z`) + day * dayMs).toISOString().slice(0, 10);
        const start = startOn(wall, at, of, minute);
        if (start === undefined) continue;

        it(`${timeZone}, ${kind} of ${Math.abs(byMinutes)} min: ${clock(minute)} of ${of}`, () => {
          const window = {
            cron: `${minute % 60} ${Math.floor(minute / 60)} * * *`,
            durationMs: 20 * minuteMs,
            timeZone,
          };
          const before = windowState(window, start - 1);
          assert.deepEqual(before, { open: false, opensAt: start }, 'a moment before it opens');
          const until = start + 20 * minuteMs;
          assert.deepEqual(windowState(window, start), { open: true, until }, 'at its first moment');
          assert.deepEqual(windowState(window, until - 1), { open: true, until }, 'at its last moment');
          const next = windowState(window, until);
          assert.equal(next.open, false, 'at its end');
          // Not again in the hour that comes twice, and not lost on the day after.
          const opensAt = next.open ? 0 : (next.opensAt ?? 0);
          assert.ok(
            opensAt - start >= 22 * hourMs && opensAt - start <= 26 * hourMs,
            String(opensAt - start),
          );
        });
      }
    }
  }
});
