import assert from 'node:assert/strict';
import test from 'node:test';
import { readMessage } from './read-message.ts';

test('people read what people wrote', () => {
  assert.deepEqual(readMessage('Install it\n\nBecause we need it.\nCatalyst-Plan: 01ABC\n'), {
    subject: 'Install it',
    body: 'Because we need it.',
  });
  assert.deepEqual(readMessage('Install it\n\nCatalyst-Plan: 01ABC'), { subject: 'Install it', body: '' });
  assert.deepEqual(readMessage(''), { subject: '', body: '' });
});
