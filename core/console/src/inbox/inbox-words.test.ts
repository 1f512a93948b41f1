import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Inbox, WaitingChanges } from '@catalyst/model/api/people.ts';
import { countWords, lookOf, waitingWords } from './inbox-words.ts';

const inbox = (waits: number, unread: number): Inbox => ({ items: [], more: waits, pending: 0, unread });
const change = (reason: string): WaitingChanges['items'][number] => ({
  application: 'shop',
  stage: 'gates',
  reason,
  message: '',
  actor: '',
  pullRequest: { number: 12, title: 'More', path: '/' },
});

describe('words of the inbox', () => {
  it('counts for the ear', () => {
    assert.equal(countWords(inbox(0, 0)), 'Nothing waits for you.');
    assert.equal(countWords(inbox(1, 1)), '1 thing waits for you, 1 notification is not read.');
    assert.equal(countWords(inbox(3, 2)), '3 things wait for you, 2 notifications are not read.');
  });
  it('says of a card what its change waits for', () => {
    assert.equal(waitingWords(change('pr-required')), '#12 waits for approval');
    assert.equal(waitingWords(change('NotMerged')), '#12 can be merged');
    assert.equal(waitingWords(change('MergeConflict')), '#12 conflicts');
    assert.equal(waitingWords(change('soak')), '#12 waits');
  });
  it('names a kind that it does not know', () => assert.equal(lookOf('break-glass').word, 'break-glass'));
});
