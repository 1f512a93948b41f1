import assert from 'node:assert/strict';
import test from 'node:test';
import { choose, mayUndo, orderPair, outcomeLook, parseComparison } from './outcome-looks.ts';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];

test('what ran once and what runs now are two things', () => {
  assert.equal(outcomeLook('running', true).word, 'Running');
  assert.equal(outcomeLook('running', false).word, 'Ran');
  assert.equal(outcomeLook('failed', true).tone, 'red');
});

test('two are chosen at most, the latest ones; choosing again takes it back', () => {
  assert.deepEqual(choose(choose(choose([], a), b), c), [b, c]);
  assert.deepEqual(choose([a, b], a), [b]);
});

test('a pair is compared from the older to the newer, however it was chosen', () => {
  assert.deepEqual(orderPair([a, c], [c, b, a]), { from: a, to: c });
  assert.deepEqual(orderPair([c, a], [c, b, a]), { from: a, to: c });
  assert.equal(orderPair([a], [c, b, a]), undefined);
});

test('an address names two whole revisions or none', () => {
  assert.deepEqual(parseComparison(`${a}..${b}`), { from: a, to: b });
  for (const wrong of [null, '', 'a..b', `${a}...${b}`, `${a}..${b}x`])
    assert.equal(parseComparison(wrong), undefined);
});

test('what was overtaken cannot be undone, and neither what had no plan', () => {
  assert.equal(mayUndo({ planId: 'p', outcome: { state: 'running' } }), true);
  assert.equal(mayUndo({ planId: 'p', outcome: { state: 'superseded' } }), false);
  assert.equal(mayUndo({}), false);
});
