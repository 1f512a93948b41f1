import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHost } from './hosts.ts';

const cases = [
  { name: 'the console by name', given: 'localhost:8080', want: 'console' },
  { name: 'the console by its own name', given: 'console.localhost', want: 'console' },
  { name: 'the console by address', given: '127.0.0.1:80', want: 'console' },
  { name: 'the console by IPv6 address', given: '[::1]:8080', want: 'console' },
  { name: 'case and a trailing dot do not matter', given: 'LocalHost.:8080', want: 'console' },
  { name: 'an Application', given: 'shop.acme-dev.localhost:8080', want: 'application' },
  { name: 'another loopback address is not on the list', given: '127.0.0.2', want: 'unknown' },
  { name: 'a single foreign label', given: 'evil', want: 'unknown' },
  { name: 'user information', given: 'localhost@evil.example', want: 'unknown' },
  { name: 'a path', given: 'localhost/evil', want: 'unknown' },
  { name: 'an empty label', given: 'shop..localhost', want: 'unknown' },
  { name: 'a port that is no number', given: 'localhost:8080a', want: 'unknown' },
  { name: 'nothing', given: '', want: 'unknown' },
  { name: 'a name that is too long', given: `${'a.'.repeat(200)}localhost`, want: 'unknown' },
];

for (const { name, given, want } of cases) {
  test(`host: ${name}`, () => assert.equal(parseHost(given).kind, want));
}

test('host: only the listed names ever reach the console', () => {
  const console = new Set(['localhost', '127.0.0.1', 'console.localhost', '[::1]']);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.domain(), fc.stringMatching(/^[a-z.:\d[\]-]{0,30}$/)), (given) => {
      const target = parseHost(given);
      if (target.kind === 'console') assert.ok(console.has(given.toLowerCase().replace(/\.?(:\d+)?$/, '')));
    }),
    { numRuns: 2000 },
  );
});
