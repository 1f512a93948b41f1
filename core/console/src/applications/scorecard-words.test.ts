import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CriterionView } from '@catalyst/model/api/scorecard.ts';
import { groupCriteria, placeOf, pointsWords, toneOf } from './scorecard-words.ts';

const criterion = (id: string, more: Partial<CriterionView>): CriterionView => ({
  id,
  title: id,
  applies: '',
  rule: '',
  sources: [],
  status: 'met',
  weight: 1,
  points: 10,
  earned: 10,
  lost: [],
  lostMore: 0,
  ...more,
});

describe('words of a scorecard', () => {
  it('what loses most comes first, and what is left out apart', () => {
    const { losing, met, leftOut } = groupCriteria({
      criteria: [
        criterion('little', { status: 'partly', earned: 8 }),
        criterion('good', {}),
        criterion('much', { status: 'lost', earned: 0 }),
        criterion('unknown', { status: 'unknown', points: 0, earned: 0 }),
        criterion('none', { status: 'not-applicable', points: 0, earned: 0 }),
      ],
    });
    assert.deepEqual(
      [losing, met, leftOut].map((group) => group.map(({ id }) => id)),
      [['much', 'little'], ['good'], ['unknown', 'none']],
    );
  });

  it('a fix leads to the page on which it is made', () => {
    const of = { environment: 'acme-dev', application: 'shop', blueprint: 'bp-web-app' };
    assert.equal(placeOf('settings', of)?.to, '/environments/acme-dev/applications/shop/settings');
    assert.equal(placeOf('look', of)?.to, '/environments/acme-dev/applications/shop/logs');
    assert.equal(placeOf('blueprint', of)?.to, '/marketplace/bp-web-app');
    assert.equal(placeOf('codeowners', of), undefined);
  });

  it('a share has a colour and words', () => {
    assert.deepEqual([toneOf(0.8), toneOf(0.79), toneOf(0.49)], ['green', 'amber', 'red']);
    assert.equal(pointsWords({ earned: 4.2, points: 12 }), '4.2 of 12 points');
  });
});
