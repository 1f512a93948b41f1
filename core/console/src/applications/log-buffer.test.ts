import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogLineView } from '@catalyst/model/api/applications.ts';
import { appendLines, emptyLog, keptLines, plainText, searchLines, sortableTime } from './log-buffer.ts';
import { splitLines } from './read-lines.ts';

const line = (at: string, text = 'x'): LogLineView => ({ at, stream: 'stdout', line: text });
const second = (count: number, fraction = '') =>
  `2026-01-01T00:00:${String(count).padStart(2, '0')}${fraction}Z`;

test('lines are numbered and the oldest are let go', () => {
  const many = Array.from({ length: keptLines + 3 }, (_item, index) => line(second(1), String(index)));
  const buffer = appendLines(appendLines(emptyLog, many.slice(0, 10), false), many.slice(10), false);
  assert.equal(buffer.lines.length, keptLines);
  assert.equal(buffer.dropped, 3);
  assert.deepEqual([buffer.lines[0]?.line, buffer.lines[0]?.id], ['3', 3]);
});

test('after a reconnect only what is new is added', () => {
  const before = appendLines(emptyLog, [line(second(1)), line(second(2, '.12'))], false);
  const after = appendLines(
    before,
    [line(second(1)), line(second(2, '.12')), line(second(2, '.120000001'))],
    true,
  );
  assert.equal(after.lines.length, 3);
  assert.equal(appendLines(after, [line(second(1))], true), after);
});

test('times compare as text whatever their digits', () => {
  assert.ok(sortableTime(second(1, '.1')) < sortableTime(second(1, '.12')));
  assert.ok(sortableTime(second(1)) < sortableTime(second(1, '.000000001')));
});

test('colours and control characters of terminals are removed, text and tabs stay', () => {
  assert.equal(plainText('\u001b[1;31mred\u001b[0m\t\u001b]0;title\u0007done\r'), 'red\tdone');
});

test('a search ignores case', () => {
  const { lines } = appendLines(emptyLog, [line(second(1), 'Ready'), line(second(2), 'other')], false);
  assert.deepEqual(
    searchLines(lines, 'READY').map((item) => item.line),
    ['Ready'],
  );
  assert.equal(searchLines(lines, '').length, 2);
});

test('chunks are cut into whole lines, what is left waits for more', () => {
  assert.deepEqual(splitLines('', 'a\nb\nc'), { lines: ['a', 'b'], rest: 'c' });
  assert.deepEqual(splitLines('c', 'd\n\n'), { lines: ['cd'], rest: '' });
});
