import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseYamlObject } from './parse-yaml.ts';

describe('parseYamlObject', () => {
  it('merges `<<` as Helm and Kustomize do, so that what is judged is what they see', () => {
    const parsed = parseYamlObject('base: &b {a: 1, b: 2}\nthing: {<<: *b, a: 3}\n', 'values.yaml');
    assert.deepEqual(parsed, { ok: true, value: { base: { a: 1, b: 2 }, thing: { a: 3, b: 2 } } });
  });

  const levels = (line: (level: number) => string) =>
    Array.from({ length: 12 }, (_item, level) => line(level)).join('\n');
  const bombs: { name: string; text: string }[] = [
    {
      name: 'aliases in lists',
      text: `a0: &a0 [x, x]\n${levels((n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}, *a${n}]`)}\n`,
    },
    {
      name: 'merges, which give no more keys and take as long',
      text: `a0: &a0 {x: 1}\n${levels((n) => `a${n + 1}: &a${n + 1} {<<: [*a${n}, *a${n}, *a${n}, *a${n}]}`)}\n`,
    },
    { name: 'an anchor inside of itself', text: 'a: &a {b: *a}\n' },
  ];
  for (const { name, text } of bombs)
    it(`refuses ${name} at once`, () => {
      const started = performance.now();
      const parsed = parseYamlObject(text, 'values.yaml');
      assert.equal(parsed.ok ? 'ok' : parsed.problems[0]?.code, 'AliasBomb');
      assert.ok(performance.now() - started < 500);
    });

  const doubles: { name: string; text: string; at: string }[] = [
    { name: 'a key that stands twice', text: 'a: 1\nb: 2\na: 3\n', at: 'line 3' },
    { name: 'one further in, quoted once', text: 'x:\n  - y: {a: 1, "a": 2}\n', at: 'line 2' },
    { name: 'a number and the same as text', text: '1: a\n"1": b\n', at: 'line 2' },
  ];
  for (const { name, text, at } of doubles)
    it(`refuses ${name}, with its line`, () => {
      const parsed = parseYamlObject(text, 'values.yaml');
      assert.ok(!parsed.ok);
      assert.deepEqual([parsed.problems[0]?.code, parsed.problems[0]?.field], ['InvalidYaml', at]);
      assert.match(parsed.problems[0]?.message ?? '', /Map keys must be unique/);
    });

  it('takes the same key in different mappings, and several merges in one', () => {
    const parsed = parseYamlObject('a: {x: 1}\nb: &b {x: 1}\nc: {<<: *b, <<: *b}\n', 'values.yaml');
    assert.deepEqual(parsed.ok && parsed.value['c'], { x: 1 });
  });

  const floods: { name: string; text: string }[] = [
    { name: 'keys in one mapping', text: numbered(2_001, (n) => `k${n}: v`).join('\n') },
    { name: 'keys in one flow mapping', text: `{${numbered(2_001, (n) => `k${n}: 1`).join(', ')}}` },
    { name: 'parts', text: numbered(40_000, (n) => `- ${n}`).join('\n') },
    { name: 'open brackets', text: '['.repeat(500_000) },
  ];
  for (const { name, text } of floods)
    it(`refuses too many ${name}`, () => {
      const parsed = parseYamlObject(text, 'values.yaml');
      assert.equal(parsed.ok ? 'ok' : parsed.problems[0]?.code, 'TooLarge');
    });
});

function numbered(count: number, line: (number: number) => string): string[] {
  return Array.from({ length: count }, (_item, number) => line(number));
}
