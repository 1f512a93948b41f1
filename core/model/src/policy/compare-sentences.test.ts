import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareSentences } from './compare-sentences.ts';

const marks = { keep: ' ', add: '+', remove: '-' };
const drawn = (before: string, after: string) =>
  compareSentences([...before], [...after])
    .map(({ change, sentence }) => `${marks[change]}${sentence}`)
    .join('');

describe('the difference of two policies', () => {
  for (const [name, before, after, want] of [
    ['nothing changes', 'ab', 'ab', ' a b'],
    ['a first policy', '', 'ab', '+a+b'],
    ['no policy any more', 'ab', '', '-a-b'],
    ['another sentence in its place', 'abc', 'axc', ' a-b+x c'],
    ['one more', 'ac', 'abc', ' a+b c'],
    ['one less', 'abc', 'ac', ' a-b c'],
    ['another order', 'ab', 'ba', '+b a-b'],
  ] as const)
    it(name, () => assert.equal(drawn(before, after), want));

  it('both can always be read from it', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(words, words, (before, after) => {
        const all = compareSentences(before, after);
        const without = (gone: string) =>
          all.filter(({ change }) => change !== gone).map((one) => one.sentence);
        assert.deepEqual(without('add'), before);
        assert.deepEqual(without('remove'), after);
      }),
    );
  });
});
