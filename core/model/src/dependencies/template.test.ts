import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkTemplates, fillTemplates } from './template.ts';

const place = { blueprint: 'bp-thing', alias: 'db', field: 'spec.depends.0.values' };
const scope = {
  config: { a: { b: 3, list: [1], none: null, text: 'x' }, long: 'x'.repeat(60_000) },
  application: { name: 'blog', organization: 'acme', environment: 'acme-dev' },
};

describe('fillTemplates', () => {
  const cases: { name: string; given: unknown; want: unknown }[] = [
    { name: 'plain text', given: 'x', want: 'x' },
    { name: 'a number keeps its type', given: '{{ .config.a.b }}', want: 3 },
    { name: 'a list keeps its type', given: '{{.config.a.list}}', want: [1] },
    { name: 'without the dot', given: '{{ application.name }}', want: 'blog' },
    { name: 'several in one text', given: '{{ .application.name }}-{{ .config.a.b }}!', want: 'blog-3!' },
    { name: 'inside of lists and maps', given: [{ k: '{{ .config.a.text }}' }], want: [{ k: 'x' }] },
    { name: 'keys stay', given: { '{{ .config.a.b }}': 1 }, want: { '{{ .config.a.b }}': 1 } },
    { name: 'a list inside of a text', given: 'x{{ .config.a.list }}', want: 'TemplateUnset' },
    { name: 'what is not set', given: '{{ .config.b }}', want: 'TemplateUnset' },
    { name: 'below a text', given: '{{ .config.a.text.length }}', want: 'TemplateUnset' },
    { name: 'secrets', given: '{{ .secrets.db.password }}', want: 'TemplateScope' },
    { name: 'values of Helm', given: '{{ .Values.a }}', want: 'TemplateScope' },
    { name: 'a function', given: '{{ .config.a.b | quote }}', want: 'TemplateScope' },
    { name: 'a prototype', given: '{{ .config.__proto__.x }}', want: 'TemplateScope' },
    { name: 'a constructor', given: '{{ .config.a.constructor }}', want: 'TemplateScope' },
    { name: 'all of the configuration', given: '{{ .config }}', want: 'TemplateScope' },
    { name: 'more of the Application', given: '{{ .application.secrets }}', want: 'TemplateScope' },
    { name: 'nothing', given: '{{ }}', want: 'TemplateScope' },
    { name: 'too long', given: '{{ .config.long }}{{ .config.long }}', want: 'TemplateLimit' },
    { name: 'too much', given: Array.from({ length: 6 }, () => '{{ .config.long }}'), want: 'TemplateLimit' },
    { name: 'too many', given: '{{ .config.a.b }}'.repeat(300), want: 'TemplateLimit' },
  ];
  for (const { name, given, want } of cases)
    it(name, () => {
      const result = fillTemplates({ v: given }, scope, place);
      assert.deepEqual(result.ok ? result.value.v : result.problems[0]?.code, want);
      if (!result.ok && result.problems[0]?.code === 'TemplateScope')
        assert.equal(checkTemplates({ v: given }, place)[0]?.code, 'TemplateScope');
    });

  it('answers for any JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
        assert.equal(typeof fillTemplates(values, scope, place).ok, 'boolean');
      }),
    );
  });
});
