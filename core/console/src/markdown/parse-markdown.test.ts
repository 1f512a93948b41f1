import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Inline, parseMarkdown } from './parse-markdown.ts';

const text = (value: string): Inline => ({ kind: 'text', text: value });

test('blocks of a README are told apart', () => {
  const kinds = parseMarkdown(
    '# A\n\ntext over\ntwo lines\n- one\n- two\n\n1. first\n\n```sh\nrun\n```\n> said\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |',
  ).map((block) => block.kind);
  assert.deepEqual(kinds, ['heading', 'paragraph', 'list', 'list', 'code', 'quote', 'rule', 'table']);
});

test('pieces of a line are told apart', () => {
  assert.deepEqual(parseMarkdown('Use `x` and **bold**, see [docs](https://a.test/b).'), [
    {
      kind: 'paragraph',
      children: [
        text('Use '),
        { kind: 'code', text: 'x' },
        text(' and '),
        { kind: 'strong', children: [text('bold')] },
        text(', see '),
        { kind: 'link', href: 'https://a.test/b', children: [text('docs')] },
        text('.'),
      ],
    },
  ]);
});

test('a link that is not http(s) is only its label', () => {
  for (const address of ['javascript:alert`1`', 'data:text/html,x', '/v1/tokens', 'JAVASCRIPT:x'])
    assert.deepEqual(parseMarkdown(`[go](${address})`), [{ kind: 'paragraph', children: [text('go')] }]);
});

test('HTML stays text', () => {
  assert.deepEqual(parseMarkdown('<img src=x onerror=alert(1)>'), [
    { kind: 'paragraph', children: [text('<img src=x onerror=alert(1)>')] },
  ]);
});

test('an open fence ends with the document', () => {
  assert.deepEqual(parseMarkdown('```\na\nb'), [{ kind: 'code', text: 'a\nb' }]);
});

test('any text is parsed, and in the end', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab# >-*_`[]()|\n1.<'), maxLength: 300 }), (source) => {
      assert.ok(Array.isArray(parseMarkdown(source)));
    }),
  );
});
