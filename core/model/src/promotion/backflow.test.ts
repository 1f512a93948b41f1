import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseOffers, contributes, patchText } from './backflow.ts';
import { type BranchState, returnedAnywhere, wentBack } from './went-back.ts';

const own = (path: string, patch = 'p', conflict = false) => ({ path, patch, conflict });

describe('what is offered to a lower Environment', () => {
  const cases = [
    {
      name: 'the same change of two is offered from the nearer one',
      given: [
        { from: 'stg', paths: [own('base/values.yaml')], back: false },
        { from: 'prod', paths: [own('base/values.yaml'), own('README.md')], back: false },
      ],
      want: ['stg base/values.yaml', 'prod README.md'],
    },
    {
      name: 'another change of the same path is another offer',
      given: [
        { from: 'stg', paths: [own('base/values.yaml', 'one')], back: false },
        { from: 'prod', paths: [own('base/values.yaml', 'two')], back: false },
      ],
      want: ['stg base/values.yaml', 'prod base/values.yaml'],
    },
    {
      name: 'of one that went back only what lies beside base/',
      given: [{ from: 'prod', paths: [own('base/values.yaml'), own('README.md')], back: true }],
      want: ['prod README.md'],
    },
    {
      name: 'what went back in the nearer one does not hide the change of the farther one',
      given: [
        { from: 'stg', paths: [own('base/values.yaml')], back: true },
        { from: 'prod', paths: [own('base/values.yaml')], back: false },
      ],
      want: ['prod base/values.yaml'],
    },
    {
      name: 'no overlay and no owners',
      given: [{ from: 'prod', paths: [own('overlays/prod/values.yaml'), own('CODEOWNERS')], back: false }],
      want: [],
    },
  ];
  for (const { name, given, want } of cases)
    test(name, () => {
      const offers = chooseOffers(given).flatMap(({ from, paths }) =>
        paths.map(({ path }) => `${from} ${path}`),
      );
      assert.deepEqual(offers, want);
    });
});

describe('a branch that went back', () => {
  const state = (tree: string, arrived = true, takesBack = false): BranchState => ({
    tree,
    arrived,
    takesBack,
  });
  // Newest first; `common` is where the promotion arrived.
  const cases: { name: string; given: BranchState[]; want: boolean }[] = [
    { name: 'not by a hotfix', given: [state('fix'), state('common'), state('old', false)], want: false },
    {
      name: 'by a return to before',
      given: [state('old'), state('common'), state('old', false)],
      want: true,
    },
    {
      name: 'still, with a hotfix on top',
      given: [state('fix'), state('old'), state('common'), state('old', false)],
      want: true,
    },
    {
      name: 'not by taking back a hotfix of its own',
      given: [state('fix2'), state('common', true, true), state('fix'), state('common'), state('old', false)],
      want: false,
    },
    {
      name: 'by an undo that kept what came later',
      given: [state('mixed', true, true), state('common'), state('old', false)],
      want: true,
    },
    {
      name: 'not any more once something newer arrived',
      given: [state('new'), state('old', false), state('common', false), state('old', false)],
      want: false,
    },
    {
      name: 'not where the promotion itself brought what was there before',
      given: [state('fix'), state('old'), state('middle', false), state('old', false)],
      want: false,
    },
    {
      name: 'not by a commit that left base/ alone',
      given: [state('common', true, true), state('common'), state('old', false)],
      want: false,
    },
    { name: 'not where nothing is known', given: [], want: false },
  ];
  for (const { name, given, want } of cases)
    test(name, () => {
      assert.equal(wentBack(given), want);
      assert.ok(returnedAnywhere(given) || !want, 'the short answer never hides the long one');
    });
});

describe('a patch', () => {
  test('is the same wherever in the file it lies', () => {
    assert.equal(patchText('a\nb\nc', 'a\nx\nc'), patchText('0\na\nb\nc\nd', '0\na\nx\nc\nd'));
  });
  test('is another one when other lines come, or the file is new or goes', () => {
    const patches = [
      patchText('a', 'b'),
      patchText('a', 'c'),
      patchText(undefined, 'b'),
      patchText('a', undefined),
      patchText('', 'b'),
    ];
    assert.equal(new Set(patches).size, patches.length);
  });
  test('contributes while the other side lacks it and its own side kept it', () => {
    const change = { before: ['a', 'b'], after: ['a', 'x'] };
    const lines = (...given: string[]) => new Set(given);
    assert.equal(contributes(change, lines('a', 'x'), lines('a', 'b')), true);
    assert.equal(contributes(change, lines('a', 'x'), lines('a', 'x')), false, 'it is there');
    assert.equal(contributes(change, lines('a', 'b'), lines('a', 'b')), false, 'it was taken back');
    assert.equal(contributes({ before: ['b'], after: [] }, lines('a'), lines('a', 'b')), true, 'a removal');
  });
});
