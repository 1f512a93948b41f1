import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDuration, groupEvents, outcomeOf } from './delivery-words.ts';

const delivery = {
  id: 'd1',
  event: 'ping',
  attempt: 1,
  at: '2026-01-01T00:00:00Z',
  durationMs: 12,
  delivered: false,
};

describe('outcomeOf', () => {
  const cases = [
    { name: 'delivered', given: { delivered: true, status: 204 }, tone: 'green', words: /answered 204/ },
    { name: 'refused for good', given: { status: 500 }, tone: 'red', words: /Answered 500/ },
    {
      name: 'tried again later',
      given: { error: 'Connection refused', nextAttemptAt: '2026-01-01T00:00:05Z' },
      tone: 'amber',
      words: /Connection refused/,
    },
    { name: 'unanswered', given: {}, tone: 'red', words: /No answer/ },
  ];
  for (const { name, given, tone, words } of cases)
    it(name, () => {
      const outcome = outcomeOf({ ...delivery, ...given });
      assert.equal(outcome.tone, tone);
      assert.match(outcome.words, words);
    });
});

it('says durations as people do', () => {
  assert.equal(formatDuration(999), '999 ms');
  assert.equal(formatDuration(2400), '2.4 s');
});

it('groups events by what they are about', () => {
  assert.deepEqual(groupEvents(['a.x', 'b.y', 'a.z', 'ping']), [
    { about: 'a', events: ['a.x', 'a.z'] },
    { about: 'b', events: ['b.y'] },
    { about: 'ping', events: ['ping'] },
  ]);
});
