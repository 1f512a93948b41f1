import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endWords } from './break-glass-words.ts';

const by = { id: 'omar', name: 'Omar' };
const at = '2026-01-01T00:00:00Z';

describe('how breaking the glass ended', () => {
  for (const { name, given, want } of [
    { name: 'not yet', given: {}, want: /open now/ },
    { name: 'by time', given: { ended: { at, how: 'time' } }, want: /by time/ },
    {
      name: 'by hand, with who did it',
      given: { ended: { at, how: 'hand', by: { id: 'ada', name: 'Ada' } } },
      want: /^Ada ended/,
    },
    { name: 'with the right', given: { ended: { at, how: 'right' } }, want: /taken from Omar/ },
    { name: 'by the clock', given: { ended: { at, how: 'clock' } }, want: /set back/ },
    { name: 'in a way of a later version', given: { ended: { at, how: 'other' } }, want: /^It ended\.$/ },
  ])
    it(name, () => assert.match(endWords({ by, ...given }), want));
});
