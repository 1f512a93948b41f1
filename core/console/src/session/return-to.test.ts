import assert from 'node:assert/strict';
import test from 'node:test';
import { loginUrl, safeReturnTo } from './return-to.ts';

const cases = [
  {
    name: 'keeps a path with its query',
    given: '/environments/acme-dev?q=1',
    want: '/environments/acme-dev?q=1',
  },
  { name: 'refuses another origin', given: 'https://evil.test/', want: '/organizations' },
  { name: 'refuses a network-path reference', given: '//evil.test', want: '/organizations' },
  {
    name: 'refuses a backslash that browsers read as a slash',
    given: '/\\evil.test',
    want: '/organizations',
  },
  { name: 'refuses a tab that browsers drop', given: '/\t/evil.test', want: '/organizations' },
  { name: 'falls back when there is none', given: null, want: '/organizations' },
];

for (const { name, given, want } of cases) {
  test(`return address: ${name}`, () => assert.equal(safeReturnTo(given), want));
}

test('return address is escaped in the sign-in address', () => {
  assert.equal(loginUrl('/a?b=c&d'), '/auth/login?returnTo=%2Fa%3Fb%3Dc%26d');
});
