import assert from 'node:assert/strict';
import test from 'node:test';
import { freeName } from './free-name.ts';

test('a free name is kept, a taken one is counted on', () => {
  assert.equal(freeName('wordpress', new Set()), 'wordpress');
  assert.equal(freeName('wordpress', new Set(['wordpress', 'wordpress-2'])), 'wordpress-3');
});
