import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waysBack } from './ways-back.ts';

describe('ways back to a revision', () => {
  it('are those that are possible, the rollback first', () => {
    const possible = { possible: true };
    assert.deepEqual(waysBack({ possible: true, settings: possible }).ways, ['rollback', 'settings']);
    assert.deepEqual(waysBack({ possible: false, whyNot: 'No.', settings: possible }).ways, ['settings']);
    assert.deepEqual(waysBack({ possible: true }).ways, ['rollback']);
    assert.deepEqual(waysBack(undefined).ways, []);
  });

  it('say each reason once where there are none', () => {
    const none = (whyNot: string) => ({ possible: false, whyNot });
    assert.equal(waysBack({ ...none('A.'), settings: none('B.') }).whyNot, 'A. B.');
    assert.equal(waysBack({ ...none('A.'), settings: none('A.') }).whyNot, 'A.');
    assert.equal(waysBack({ possible: false }).whyNot, 'This revision cannot be brought back.');
  });
});
