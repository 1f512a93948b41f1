import assert from 'node:assert/strict';
import test from 'node:test';
import { versionOptions } from './version-options.ts';

test('a version that cannot be reached is offered with the reason, and cannot be chosen', () => {
  const paths = [
    { version: '3.0.0', direction: 'upgrade', allowed: false, reason: 'Go to 2.x first.' },
    { version: '1.0.0', direction: 'downgrade', allowed: true },
  ] as const;
  assert.deepEqual(versionOptions('2.0.0', ['3.0.0', '2.0.0', '1.0.0'], paths), [
    { value: '3.0.0', label: '3.0.0', disabled: true, reason: 'Go to 2.x first.' },
    { value: '2.0.0', label: '2.0.0 (now)', disabled: false },
    { value: '1.0.0', label: '1.0.0, a step back', disabled: false },
  ]);
});

test('the present version is there even when the catalog no longer has it', () => {
  assert.deepEqual(
    versionOptions('0.9.0', ['1.0.0'], undefined).map((option) => option.value),
    ['1.0.0', '0.9.0'],
  );
});
