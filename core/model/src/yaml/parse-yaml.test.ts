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
});
