import assert from 'node:assert/strict';
import test from 'node:test';
import { countDown, splitTimes } from './split-times.ts';

test('a sentence is cut at the times that it names', () => {
  const at = Date.parse('2026-01-01T00:00:50Z');
  assert.deepEqual(splitTimes('It is started again at 2026-01-01T00:00:50Z.'), [
    { text: 'It is started again ' },
    { text: 'at 2026-01-01T00:00:50Z', at },
    { text: '.' },
  ]);
  for (const plain of ['', 'at noon', 'at 2026-99-99T00:00:00Z', 'It runs.'])
    assert.equal(
      splitTimes(plain)
        .map((part) => part.text)
        .join(''),
      plain,
    );
});

const cases = [
  [50_000, 'in 50 s'],
  [49_001, 'in 50 s'],
  [60_000, 'in 1 min 0 s'],
  [245_000, 'in 4 min 5 s'],
  [3_700_000, 'in 1 h 1 min'],
  [0, 'now'],
  [-5000, 'now'],
] as const;
for (const [ms, want] of cases)
  test(`${ms} ms ahead reads "${want}"`, () => assert.equal(countDown(ms, 0), want));
