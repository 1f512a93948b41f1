import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BackflowOffer } from '@catalyst/model/api/lanes.ts';
import { aheadWords, canAccept, promotePath, splitOffers } from './lane-words.ts';

describe('the words over an arrow', () => {
  for (const { commits, fileCount, promotable = true, want } of [
    { commits: 0, fileCount: 0, promotable: false, want: 'Nothing to promote' },
    // A commit may be ahead that carries nothing: it touched an overlay.
    { commits: 2, fileCount: 0, promotable: false, want: 'Nothing to promote' },
    { commits: 1, fileCount: 3, want: '1 commit ahead' },
    { commits: 3, fileCount: 1, want: '3 commits ahead' },
    { commits: 500, fileCount: 9, want: '500 commits or more ahead' },
    { commits: 0, fileCount: 1, want: '1 file differs' },
  ])
    test(want, () => assert.equal(aheadWords({ commits, fileCount, promotable }), want));
});

test('Promote leads to the destination, with where it comes from', () => {
  assert.equal(
    promotePath('shop', { from: 'acme-dev', to: 'acme-stg' }),
    '/environments/acme-stg/promote?application=shop&from=acme-dev',
  );
});

describe('offers', () => {
  const offer = (more: Partial<BackflowOffer>): BackflowOffer => ({
    application: 'shop',
    from: 'acme-prod',
    to: 'acme-dev',
    fingerprint: 'a'.repeat(32),
    files: ['base/values.yaml'],
    conflicts: [],
    commits: [],
    ...more,
  });
  const declined = { by: { id: 'u', name: 'Layla' }, at: '2026-01-01T00:00:00Z', reason: 'Only there.' };

  test('that were declined stand apart, unless somebody proposed them after all', () => {
    const [open, gone, proposed] = [offer({}), offer({ declined }), offer({ declined, pullRequest: 4 })];
    assert.deepEqual(splitOffers([open, gone, proposed]), { open: [open, proposed], declined: [gone] });
  });

  test('cannot be accepted with a conflict, nor twice', () => {
    assert.equal(canAccept(offer({})), true);
    assert.equal(canAccept(offer({ conflicts: ['base/values.yaml'] })), false);
    assert.equal(canAccept(offer({ pullRequest: 4 })), false);
  });
});
