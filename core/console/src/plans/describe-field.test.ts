import assert from 'node:assert/strict';
import test from 'node:test';
import { describeField, inOrder } from './describe-field.ts';

const cases = [
  {
    name: 'short values stand on one line',
    given: { path: 'spec.replicas', before: 1, after: 3 },
    want: { path: 'spec.replicas', before: '1', after: '3', kind: 'short' },
  },
  {
    name: 'a field that is new has no side before',
    given: { path: 'a', after: 'x' },
    want: { path: 'a', after: 'x', kind: 'short' },
  },
  {
    name: 'an empty text is seen',
    given: { path: 'a', before: '', after: 'x' },
    want: { path: 'a', before: '""', after: 'x', kind: 'short' },
  },
  {
    name: 'values of Secrets are not given, and that is said',
    given: { path: 'data.password' },
    want: { path: 'data.password', kind: 'hidden' },
  },
  {
    name: 'what has lines is compared line by line',
    given: { path: 'data.conf', before: 'a\nb', after: 'a' },
    want: { path: 'data.conf', before: 'a\nb', after: 'a', kind: 'long' },
  },
  {
    name: 'an object is written as YAML',
    given: { path: 'spec.env', after: { name: 'A', value: 'b' } },
    want: { path: 'spec.env', after: 'name: A\nvalue: b', kind: 'long' },
  },
] as const;
test('what runs comes before labels', () => {
  const paths = [
    'metadata.labels["a"]',
    'spec.template.metadata.annotations',
    'spec.replicas',
    'metadata.name',
  ];
  assert.deepEqual(
    inOrder(paths.map((path) => ({ path }))).map(({ path }) => path),
    ['spec.replicas', 'metadata.name', 'metadata.labels["a"]', 'spec.template.metadata.annotations'],
  );
});

for (const { name, given, want } of cases) test(name, () => assert.deepEqual(describeField(given), want));
