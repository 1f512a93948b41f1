import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTextual, kindOf } from './file-words.ts';

describe('a file of a change', () => {
  for (const { name, file, kind, textual } of [
    { name: 'new', file: { path: 'a', change: 'create', after: 'x' }, kind: 'new', textual: true },
    { name: 'deleted', file: { path: 'a', change: 'delete', before: 'x' }, kind: 'deleted', textual: true },
    {
      name: 'changed',
      file: { path: 'a', change: 'change', before: 'x', after: 'y' },
      kind: 'changed',
      textual: true,
    },
    {
      name: 'changed, with one text left out',
      file: { path: 'a', change: 'change', before: 'x' },
      kind: 'changed',
      textual: false,
    },
    {
      name: 'changed, with both texts left out',
      file: { path: 'a', change: 'change' },
      kind: 'changed',
      textual: false,
    },
    { name: 'new, without its text', file: { path: 'a', change: 'create' }, kind: 'new', textual: false },
  ])
    it(`that is ${name}`, () => assert.deepEqual([kindOf(file), isTextual(file)], [kind, textual]));
});
