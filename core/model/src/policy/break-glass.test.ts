import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Actor, authorize, type Membership } from '../authorization.ts';
import { whyBreakGlassEnded } from './break-glass.ts';

const minute = 60_000;

describe('the end of a broken glass', () => {
  const opened = Date.UTC(2026, 0, 15);
  const lengthMs = 30 * minute;
  const time = { untilMs: opened + lengthMs, seenMs: opened, waitedMs: 0, lengthMs };
  for (const { name, given, now, want } of [
    { name: 'it is open at once', given: {}, now: opened, want: undefined },
    { name: 'to its last moment', given: {}, now: opened + lengthMs - 1, want: undefined },
    { name: 'and over then', given: {}, now: opened + lengthMs, want: 'time' },
    { name: 'a clock that is corrected a little', given: {}, now: opened - 4_000, want: undefined },
    { name: 'a clock that is set back', given: {}, now: opened - minute, want: 'clock' },
    {
      name: 'a clock that is set back behind what it showed, though not behind the opening',
      given: { seenMs: opened + 20 * minute },
      now: opened + 10 * minute,
      want: 'clock',
    },
    {
      name: 'a clock that goes back a little again and again: what was waited for counts',
      given: { waitedMs: lengthMs },
      now: opened + minute,
      want: 'time',
    },
  ] as const)
    it(name, () => assert.equal(whyBreakGlassEnded({ ...time, ...given }, now), want));
});

describe('the right to break the glass', () => {
  const acme = (more: Partial<Membership> = {}): Membership => ({
    organization: 'acme',
    role: 'org-developer',
    ...more,
  });
  const named = { breakGlass: true } as const;
  for (const { name, memberships, more, want } of [
    { name: 'no developer', memberships: [acme()], more: {}, want: 'denied' },
    { name: 'no org-admin', memberships: [acme({ role: 'org-admin' })], more: {}, want: 'denied' },
    { name: 'no sovereign-admin', memberships: [], more: { sovereignAdmin: true }, want: 'denied' },
    {
      name: 'no sovereign-admin who is org-admin',
      memberships: [acme({ role: 'org-admin' })],
      more: { sovereignAdmin: true },
      want: 'denied',
    },
    { name: 'a developer who was named', memberships: [acme(named)], more: {}, want: 'allowed' },
    {
      name: 'whoever was named, with a token that only reads',
      memberships: [acme(named)],
      more: { readOnly: true },
      want: 'denied',
    },
    { name: 'no viewer', memberships: [acme({ ...named, role: 'org-viewer' })], more: {}, want: 'denied' },
    {
      name: 'nobody in an Environment that they may not change',
      memberships: [acme({ ...named, environments: ['acme-dev'] })],
      more: {},
      want: 'denied',
    },
    {
      name: 'no stranger who was named elsewhere, who learns nothing',
      memberships: [acme({ ...named, organization: 'globex' })],
      more: {},
      want: 'hidden',
    },
  ] as const)
    it(`has ${name}`, () => {
      const actor: Actor = {
        id: 'omar',
        name: 'Omar',
        email: 'omar@example.net',
        sovereignAdmin: false,
        memberships,
        surface: 'console',
        ...more,
      };
      const scope = { organization: 'acme', environment: 'acme-prod' };
      assert.equal(authorize(actor, 'break-glass.open', scope), want);
    });
});
