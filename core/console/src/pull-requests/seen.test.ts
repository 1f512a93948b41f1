import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeWords, followSeen } from './seen.ts';

const head = 'a'.repeat(40);
const read = { head, content: 'read' };
const at = '2026-01-01T00:00:00.000Z';
const by = (id: string, how: 'planned' | 'decided' = 'decided') => ({
  ...{ head, content: 'new', environment: 'acme-stg' },
  promotion: {
    ...{ from: 'acme-dev', revision: head, first: false, undecided: [], differences: [], decided: [] },
    changed: { by: { id, name: id }, at, how },
  },
});

describe('what somebody has seen', () => {
  it('stays what he saw when somebody else changes it', () =>
    assert.deepEqual(followSeen(read, read, by('omar'), 'ada'), read));
  it('follows what he changed himself', () =>
    assert.deepEqual(followSeen(read, read, by('ada'), 'ada'), { head, content: 'new' }));
  it('stays where somebody else changed it before, which he has not looked at', () =>
    assert.deepEqual(followSeen(read, { head, content: 'between' }, by('ada'), 'ada'), read));
  it('stays where nobody knows who looks, or who changed it', () => {
    assert.deepEqual(followSeen(read, read, by('ada'), undefined), read);
    const plain = { head: 'b'.repeat(40), content: 'b'.repeat(40), environment: 'acme-stg' };
    assert.deepEqual(followSeen(read, read, plain, 'ada'), read);
  });
  it('is told with who changed it', () => {
    assert.equal(changeWords(by('omar')), 'omar decided about changes of acme-stg.');
    assert.equal(changeWords(by('omar', 'planned')), 'omar planned it anew.');
    assert.equal(changeWords({ head, content: head, environment: 'acme-stg' }), undefined);
  });
});
