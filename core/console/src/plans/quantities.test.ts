import assert from 'node:assert/strict';
import test from 'node:test';
import { formatBytes, formatCpu } from './quantities.ts';

const bytes = [
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1024 ** 2 - 1, '1 MiB'],
  [512 * 1024 ** 2, '512 MiB'],
  [10 * 1024 ** 3, '10 GiB'],
  [-5, '0 B'],
] as const;
for (const [given, want] of bytes)
  test(`${given} bytes read as ${want}`, () => assert.equal(formatBytes(given), want));

test('processors are counted in thousandths', () => {
  assert.equal(formatCpu(250), '0.25 CPU');
  assert.equal(formatCpu(2000), '2 CPU');
});
