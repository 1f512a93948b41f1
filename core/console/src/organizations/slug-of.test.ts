import assert from 'node:assert/strict';
import test from 'node:test';
import { checkOrganizationSlug } from '@catalyst/model/names.ts';
import fc from 'fast-check';
import { slugOf } from './slug-of.ts';

const cases = [
  { given: 'Acme Corporation', want: 'acme-corporation' },
  { given: '  Café Zürich & Söhne ', want: 'cafe-zurich-sohne' },
  { given: '3M', want: 'm' },
  { given: `${'x'.repeat(31)} y`, want: 'x'.repeat(31) },
  { given: '!!!', want: '' },
];
for (const { given, want } of cases)
  test(`"${given}" suggests "${want}"`, () => assert.equal(slugOf(given), want));

test('whatever is suggested with three characters or more has a valid shape', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const slug = slugOf(text);
      const checked = checkOrganizationSlug(slug);
      assert.ok(slug.length < 3 || checked.ok || checked.problems[0]?.code === 'ReservedName');
    }),
  );
});
