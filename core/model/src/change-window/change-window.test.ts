import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ChangeWindow, checkChangeWindow, windowState } from './change-window.ts';

const hourMs = 3_600_000;
const berlinNight: ChangeWindow = { cron: '30 2 * * *', durationMs: hourMs, timeZone: 'Europe/Berlin' };
const muscat: ChangeWindow = { cron: '0 14 * * 2,4', durationMs: 2 * hourMs, timeZone: 'Asia/Muscat' };
const newYork: ChangeWindow = { cron: '30 1 * * 0', durationMs: 2 * hourMs, timeZone: 'America/New_York' };
const lordHowe: ChangeWindow = { cron: '0 2 * * *', durationMs: hourMs, timeZone: 'Australia/Lord_Howe' };

interface Case {
  readonly name: string;
  readonly window: ChangeWindow;
  readonly now: string;
  /** When it closes (open) or opens (closed). */
  readonly want: { readonly open: boolean; readonly at: string };
}

const open = (at: string) => ({ open: true, at });
const closed = (at: string) => ({ open: false, at });

const cases: readonly Case[] = [
  {
    name: 'Tuesday 14:00 in Muscat is 10:00 UTC',
    window: muscat,
    now: '2026-11-21T10:00:00Z',
    want: closed('2026-11-24T10:00:00.000Z'),
  },
  {
    name: 'opens at its first millisecond',
    window: muscat,
    now: '2026-11-24T10:00:00Z',
    want: open('2026-11-24T12:00:00.000Z'),
  },
  {
    name: 'is open to its last millisecond',
    window: muscat,
    now: '2026-11-24T11:59:59.999Z',
    want: open('2026-11-24T12:00:00.000Z'),
  },
  {
    name: 'is closed at its end',
    window: muscat,
    now: '2026-11-24T12:00:00Z',
    want: closed('2026-11-26T10:00:00.000Z'),
  },
  {
    name: 'a start that the clock skips in spring is the first moment that exists',
    window: berlinNight,
    now: '2026-03-29T00:59:00Z',
    want: closed('2026-03-29T01:00:00.000Z'),
  },
  {
    name: 'the night of spring has its whole length',
    window: berlinNight,
    now: '2026-03-29T01:40:00Z',
    want: open('2026-03-29T02:00:00.000Z'),
  },
  {
    name: 'the night after spring is an hour earlier in UTC',
    window: berlinNight,
    now: '2026-03-29T12:00:00Z',
    want: closed('2026-03-30T00:30:00.000Z'),
  },
  {
    name: 'a start that comes twice in autumn is its first',
    window: berlinNight,
    now: '2026-10-25T00:45:00Z',
    want: open('2026-10-25T01:30:00.000Z'),
  },
  {
    name: 'a start that comes twice in autumn does not happen again',
    window: berlinNight,
    now: '2026-10-25T01:45:00Z',
    want: closed('2026-10-26T01:30:00.000Z'),
  },
  {
    name: 'a window over the change of the clock lasts its elapsed time (01:30 EDT to 02:30 EST)',
    window: newYork,
    now: '2026-11-01T07:00:00Z',
    want: open('2026-11-01T07:30:00.000Z'),
  },
  {
    name: 'a clock that changes by half an hour (02:00 to 02:30)',
    window: lordHowe,
    now: '2026-10-03T15:29:00Z',
    want: closed('2026-10-03T15:30:00.000Z'),
  },
  {
    name: 'windows that touch are one',
    window: { cron: '0 * * * *', durationMs: hourMs, timeZone: 'UTC' },
    now: '2026-01-01T00:10:00Z',
    want: open('2026-02-11T17:00:00.000Z'),
  },
];

describe('a change window', () => {
  for (const { name, window, now, want } of cases)
    it(name, () => {
      const state = windowState(window, Date.parse(now));
      const at = state.open ? state.until : (state.opensAt ?? 0);
      assert.deepEqual({ open: state.open, at: new Date(at).toISOString() }, want);
    });

  for (const [name, window, code] of [
    ['a date that never comes', { ...muscat, cron: '0 0 30 2 *' }, 'NeverFires'],
    ['no cron', { ...muscat, cron: 'Tuesdays' }, 'InvalidCron'],
    ['a field of seconds', { ...muscat, cron: '* * * * * *' }, 'InvalidCron'],
    ['an hour that no day has', { ...muscat, cron: '0 25 * * *' }, 'InvalidCron'],
    ['no time zone', { ...muscat, timeZone: 'Mars/Olympus' }, 'UnknownTimeZone'],
    ['no length', { ...muscat, durationMs: 0 }, 'InvalidDuration'],
    ['a length that is no number', { ...muscat, durationMs: Number.NaN }, 'InvalidDuration'],
    ['more than a week', { ...muscat, durationMs: 8 * 24 * hourMs }, 'InvalidDuration'],
  ] as const)
    it(`is refused for ${name}`, () => {
      assert.deepEqual(
        checkChangeWindow(window, Date.parse('2026-11-21T00:00:00Z')).map((problem) => problem.code),
        [code],
      );
    });

  it('is open exactly when a minute by minute walk over the wall clock says so', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Muscat', 'Australia/Lord_Howe'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 4, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 1, max: 180 }),
        fc.integer({ min: 0, max: 366 * 24 * 60 }),
        (timeZone, hour, minute, minutes, offset) => {
          // No clock of these zones changes between 04:00 and midnight, so the wall clock is enough to know the starts.
          const now = Date.UTC(2026, 0, 1) + offset * 60_000;
          const wall = new Intl.DateTimeFormat('en-GB', {
            timeZone,
            hour: '2-digit',
            minute: '2-digit',
          });
          const starts = Array.from({ length: minutes }, (_, back) => now - back * 60_000);
          const hit = starts.some((start) => {
            const [h, m] = wall.format(start).split(':').map(Number);
            return h === hour && m === minute;
          });
          const state = windowState(
            { cron: `${minute} ${hour} * * *`, durationMs: minutes * 60_000, timeZone },
            now,
          );
          assert.equal(state.open, hit);
        },
      ),
      { numRuns: 200 },
    );
  });
});
