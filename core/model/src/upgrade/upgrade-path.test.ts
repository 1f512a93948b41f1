import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import semver from 'semver';
import { type OfferedVersion, upgradePath, upgradePaths } from './upgrade-path.ts';

const cases: { name: string; from: string; to: OfferedVersion; want: boolean; words?: RegExp }[] = [
  { name: 'every newer version where nothing is said', from: '1.0.0', to: { version: '3.1.0' }, want: true },
  {
    name: 'no older version where nothing is said',
    from: '1.1.0',
    to: { version: '1.0.0' },
    want: false,
    words: /older/,
  },
  {
    name: 'a version that a pattern names',
    from: '1.2.7',
    to: { version: '2.0.0', upgrades: { from: ['1.2.x'] } },
    want: true,
  },
  {
    name: 'a version in a range',
    from: '1.4.0',
    to: { version: '2.0.0', upgrades: { from: ['>=1.2 <2'] } },
    want: true,
  },
  {
    name: 'no version beside the patterns',
    from: '1.1.0',
    to: { version: '2.0.0', upgrades: { from: ['1.2.x', '1.3.x'] } },
    want: false,
    words: /1\.2\.x, 1\.3\.x/,
  },
  {
    name: 'no blocked version, whatever `from` says',
    from: '1.2.0',
    to: { version: '2.0.0', upgrades: { from: ['1.x'], blocks: ['1.2.x'] } },
    want: false,
    words: /anew/,
  },
  {
    name: 'a way back that the older version names',
    from: '1.3.2',
    to: { version: '1.2.0', upgrades: { from: ['1.3.x'] } },
    want: true,
  },
  {
    name: 'no way back through a range that is meant for upgrades',
    from: '1.3.2',
    to: { version: '1.2.0', upgrades: { from: ['>=1.0.0'] } },
    want: false,
  },
  {
    name: 'no version where the list is empty',
    from: '1.0.0',
    to: { version: '2.0.0', upgrades: { from: [] } },
    want: false,
    words: /no other/,
  },
  {
    name: 'nothing by a pattern that is none',
    from: '1.0.0',
    to: { version: '2.0.0', upgrades: { from: ['the old one'] } },
    want: false,
  },
  {
    name: 'a pre-release that a pattern spans',
    from: '2.0.0-rc.1',
    to: { version: '2.0.0', upgrades: { from: ['1.x || 2.x'] } },
    want: true,
  },
];

describe('upgradePath', () => {
  for (const { name, from, to, want, words } of cases)
    it(`allows ${name}`, () => {
      const path = upgradePath(from, to, [to]);
      assert.equal(path.allowed, want);
      assert.equal(path.reason === undefined, want);
      if (words) assert.match(path.reason ?? '', words);
    });

  it('names the versions that lead there where the direct way is closed', () => {
    const offered = [
      { version: '3.0.0', upgrades: { from: ['2.x'] } },
      { version: '2.1.0', upgrades: { from: ['1.2.x', '2.0.x'] } },
      { version: '1.2.0' },
      { version: '1.0.0' },
    ];
    const [three] = upgradePaths('1.0.0', offered);
    assert.equal(three?.allowed, false);
    assert.match(three?.reason ?? '', /Go over 1\.2\.0, then 2\.1\.0\.$/);
    assert.deepEqual(
      upgradePaths('1.0.0', offered).map(({ version, allowed }) => [version, allowed]),
      [
        ['3.0.0', false],
        ['2.1.0', false],
        ['1.2.0', true],
      ],
    );
  });

  it('never allows what is blocked, nor a way back that is not named, and always ends', () => {
    const version = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.'));
    const pattern = fc.oneof(
      version,
      version.map((text) => `>=${text}`),
      fc.constantFrom('1.x', '2.1.x', '*', '?'),
    );
    const offer = fc.record({
      version,
      upgrades: fc.record(
        { from: fc.array(pattern, { maxLength: 3 }), blocks: fc.array(pattern, { maxLength: 2 }) },
        { requiredKeys: [] },
      ),
    });
    fc.assert(
      fc.property(version, fc.array(offer, { minLength: 1, maxLength: 12 }), (from, offered) => {
        for (const to of offered) {
          const path = upgradePath(from, to, offered);
          if (!path.allowed) continue;
          assert.ok(!(to.upgrades.blocks ?? []).some((range) => semver.satisfies(from, range)));
          if (semver.lt(to.version, from))
            assert.ok((to.upgrades.from ?? []).some((range) => semver.satisfies(from, range)));
        }
      }),
    );
  });
});
