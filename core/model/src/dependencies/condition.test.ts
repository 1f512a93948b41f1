import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../kubernetes.ts';
import { parseCondition } from './condition.ts';
import { toCel } from './condition-syntax.ts';

const place = { blueprint: 'bp-thing', alias: 'db', field: 'spec.depends.0.when' };
const application = { name: 'blog', organization: 'acme', environment: 'acme-dev' };

function judge(text: string, config: JsonObject): boolean | string {
  const parsed = parseCondition(text, place);
  const result = parsed.ok ? parsed.value.holds({ config, application }, place) : parsed;
  return result.ok ? result.value : (result.problems[0]?.code ?? '');
}

describe('parseCondition', () => {
  const nested = (levels: number) => `{{ ${'('.repeat(levels)}true${')'.repeat(levels)} }}`;
  const big = { list: Array.from({ length: 300 }, (_, index) => index) };
  const cases: { name: string; when: string; config?: JsonObject; want: boolean | string }[] = [
    {
      name: 'the form of the specification',
      when: "{{ .config.postgres.mode == 'embedded' }}",
      config: { postgres: { mode: 'embedded' } },
      want: true,
    },
    { name: 'without the dot', when: '{{config.a}}', config: { a: false }, want: false },
    { name: 'the Application', when: "{{ .application.environment == 'acme-dev' }}", want: true },
    { name: 'a number', when: '{{ .config.n >= 2 && .config.n == 2 }}', config: { n: 2 }, want: true },
    { name: 'a fraction', when: '{{ .config.n > 1.4 }}', config: { n: 1.5 }, want: true },
    { name: 'has', when: '{{ has(.config.a) && .config.a.b }}', config: {}, want: false },
    { name: 'a list', when: "{{ 'x' in .config.l }}", config: { l: ['x'] }, want: true },
    { name: 'a loop', when: '{{ .config.l.exists(i, i.on) }}', config: { l: [{ on: true }] }, want: true },
    { name: 'a key called constructor', when: "{{ .config.constructor == 'x' }}", want: 'ConditionFailed' },
    { name: 'a missing field', when: '{{ .config.a.b }}', want: 'ConditionFailed' },
    { name: 'no boolean', when: '{{ .config.a }}', config: { a: 'yes' }, want: 'ConditionFailed' },
    { name: 'a constant that is no boolean', when: '{{ 1 + 1 }}', want: 'InvalidCondition' },
    { name: 'no braces', when: '.config.a', want: 'InvalidCondition' },
    { name: 'nothing in the braces', when: '{{ }}', want: 'InvalidCondition' },
    { name: 'what does not parse', when: '{{ .config.a == }}', want: 'InvalidCondition' },
    { name: 'outside of the scope', when: "{{ .secrets.db == 'x' }}", want: 'InvalidCondition' },
    { name: 'a pattern', when: "{{ .config.a.matches('(a+)+$') }}", want: 'InvalidCondition' },
    { name: 'a binding', when: '{{ cel.bind(x, 1, x == 1) }}', want: 'InvalidCondition' },
    { name: 'too long', when: `{{ true || ${"'a' == 'a' || ".repeat(50)} false }}`, want: 'ConditionLimit' },
    { name: 'too deep', when: nested(100), want: 'ConditionLimit' },
    { name: 'too many nodes', when: `{{ ${'1+'.repeat(120)}1 == 3 }}`, want: 'ConditionLimit' },
    { name: 'a list that is too long', when: `{{ 1 in [${'1,'.repeat(60)}1] }}`, want: 'ConditionLimit' },
    {
      name: 'loops in loops in loops',
      when: '{{ .config.l.all(a, .config.l.all(b, .config.l.all(c, true))) }}',
      want: 'ConditionLimit',
    },
    {
      name: 'loops that would not end soon',
      when: '{{ .config.list.all(a, .config.list.all(b, a + b < 0)) }}',
      config: big,
      want: 'ConditionLimit',
    },
    { name: 'one loop over the same', when: '{{ .config.list.all(a, a >= 0) }}', config: big, want: true },
  ];
  for (const { name, when, config, want } of cases)
    it(`${name}: ${want}`, () => assert.equal(judge(when, config ?? {}), want));

  it('names the Blueprint, the alias and the field', () => {
    const parsed = parseCondition('{{ ( }}', place);
    assert.equal(parsed.ok ? '' : parsed.problems[0]?.field, place.field);
    assert.match(parsed.ok ? '' : (parsed.problems[0]?.message ?? ''), /"db" of bp-thing/);
  });

  it('answers for any text, soon', () => {
    const words = fc.constantFrom(
      ...'. .config .application config a ( ) [ ] { } == && || ! in " \' size has all exists , 1 0.5 + -'.split(
        ' ',
      ),
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 30 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(text, fc.jsonValue(), (inner, a) => {
        const began = performance.now();
        judge(`{{${inner}}}`, { a: a as JsonObject });
        assert.ok(performance.now() - began < 500);
      }),
      { numRuns: 500 },
    );
  });
});

describe('toCel', () => {
  const cases: [string, string][] = [
    ['.config.a', ' config.a'],
    ['config.a', 'config.a'],
    ['!.config.a', '! config.a'],
    ["'.config' == .config.a", "'.config' ==  config.a"],
    ['"\\".config"', '"\\".config"'],
    ["r'\\' + .config.a", "r'\\' +  config.a"],
    ["'''a'.b''' + .config.a", "'''a'.b''' +  config.a"],
    ['x in .config.l', 'x in  config.l'],
    ['f(.config.a)[.config.b].c', 'f( config.a)[ config.b].c'],
    ['1.5 + .5', '1.5 + .5'],
    ['.config . a', ' config . a'],
  ];
  for (const [given, want] of cases) it(given, () => assert.equal(toCel(given), want));
  it('keeps every place', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(toCel(text).length, text.length)));
  });
});
