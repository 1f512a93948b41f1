import assert from 'node:assert/strict';
import test from 'node:test';
import type { Impact } from '@catalyst/model/api/upgrades.ts';
import { canTake, countWords, differenceOf, reasonsOf } from './blast-radius.ts';

const impact = (more: object) =>
  ({
    path: { version: '2.0.0', direction: 'upgrade', allowed: true },
    problems: [],
    planned: { objects: [] },
    ...more,
  }) as unknown as Impact;

test('only what is allowed and can be planned can be asked for', () => {
  assert.equal(canTake(impact({})), true);
  assert.equal(canTake(impact({ path: { version: '2', direction: 'upgrade', allowed: false } })), false);
  assert.equal(canTake(impact({ problems: [{ code: 'Held', message: '' }] })), false);
});

test('a difference is told in numbers, and that there is none as well', () => {
  const objects = [{ change: 'change' }, { change: 'change' }, { change: 'remove' }];
  assert.equal(differenceOf(impact({ planned: { objects } })), '2 changed, 1 removed');
  assert.equal(differenceOf(impact({})), 'renders to the same objects');
  assert.equal(differenceOf(impact({ planned: undefined })), '');
});

test('a reason is told once, also where the plan says it again', () => {
  const path = { version: '2.0.0', direction: 'upgrade', allowed: false, reason: 'Go over 1.1.0.' };
  const problems = [
    { code: 'UpgradeNotAllowed', message: 'bp-x: Go over 1.1.0.' },
    { code: 'Held', message: 'It is held.' },
  ];
  assert.deepEqual(
    reasonsOf(impact({ path, problems })).map(({ tone, text }) => `${tone} ${text}`),
    ['red Go over 1.1.0.', 'red It is held.'],
  );
  assert.deepEqual(reasonsOf(impact({ path: { ...path, allowed: true } }))[0]?.tone, 'amber');
  assert.equal(reasonsOf(impact({})).length, 0);
});

test('one is one', () => {
  assert.equal(countWords(1, 'pull request'), '1 pull request');
  assert.equal(countWords(0, 'pull request'), '0 pull requests');
});
