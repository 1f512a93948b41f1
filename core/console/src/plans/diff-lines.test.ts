import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { diffLines } from './diff-lines.ts';

const shape = (before: string, after: string) =>
  diffLines(before, after).map(
    (line) => `${{ same: ' ', added: '+', removed: '-', gap: '~' }[line.kind]}${line.text}`,
  );

const cases = [
  { name: 'a new file is all added', given: ['', 'a\nb\n'], want: ['+a', '+b'] },
  { name: 'a deleted file is all removed', given: ['a\n', ''], want: ['-a'] },
  {
    name: 'a changed line stands as removed and added',
    given: ['a\nb\nc\n', 'a\nx\nc\n'],
    want: [' a', '-b', '+x', ' c'],
  },
  {
    name: 'far lines fold into a gap',
    given: ['1\n2\n3\n4\n5\n6\n', '1\n2\n3\n4\n5\nx\n'],
    want: ['~', ' 3', ' 4', ' 5', '-6', '+x'],
  },
  { name: 'equal texts are one gap', given: ['a\nb', 'a\nb'], want: ['~'] },
] as const;
for (const { name, given, want } of cases)
  test(`comparison: ${name}`, () => assert.deepEqual(shape(given[0], given[1]), want));

test('the sides can be rebuilt from the numbers: nothing is shown that is not there, and nothing changed is left out', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const [a, b] = [before.split('\n'), after.split('\n')];
      const lines = diffLines(before, after);
      for (const line of lines) {
        if (line.before !== undefined) assert.equal(a[line.before - 1], line.text);
        if (line.after !== undefined) assert.equal(b[line.after - 1], line.text);
      }
      const count = (kind: string) => lines.filter((line) => line.kind === kind).length;
      assert.equal(b.length - a.length, count('added') - count('removed'));
    }),
  );
});

test('huge texts are answered at once', () => {
  const big = (word: string) => Array.from({ length: 5000 }, (_item, index) => `${word}${index}`).join('\n');
  const started = performance.now();
  assert.equal(diffLines(big('a'), big('b')).length, 10_000);
  assert.ok(performance.now() - started < 1000);
});
