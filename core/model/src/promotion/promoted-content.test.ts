import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type PromotionInput, promotedContent } from './promoted-content.ts';

const tree = (files: Record<string, string>) => new Map(Object.entries(files));

function input(more: Partial<PromotionInput>): PromotionInput {
  return {
    source: tree({}),
    destination: tree({}),
    merged: new Map(),
    conflicts: [],
    installed: true,
    decisions: {},
    overlay: {},
    ...more,
  };
}

const blob = fc.constantFrom('1', '2', '3');
const path = fc.constantFrom(
  'base/a',
  'base/b',
  'notes.md',
  'CODEOWNERS',
  'overlays/dev/v',
  'overlays/prod/v',
);
const files = fc.dictionary(path, blob).map(tree);
const anything = fc
  .record({
    source: files,
    destination: files,
    merged: fc.dictionary(path, fc.option(blob)).map((changes) => new Map(Object.entries(changes))),
    conflicts: fc.uniqueArray(path),
    installed: fc.boolean(),
  })
  .map((fields) => input(fields));

describe('what a promotion comes to', () => {
  it('never touches an overlay or CODEOWNERS by what is carried', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const { changes, conflicts, undecided } = promotedContent(given);
        for (const touched of [...changes.keys(), ...conflicts, ...undecided])
          assert.ok(touched !== 'CODEOWNERS' && !touched.startsWith('overlays/'), touched);
      }),
    );
  });

  it('takes the source as it is where every path is decided so, and where nothing is installed', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const every = [...new Set([...given.source.keys(), ...given.destination.keys()])];
        const decisions = Object.fromEntries(
          every.map((one) => [
            one,
            {
              take: 'source' as const,
              source: given.source.get(one) ?? null,
              destination: given.destination.get(one) ?? null,
            },
          ]),
        );
        const content = promotedContent({ ...given, decisions, merged: new Map(), conflicts: [] });
        assert.deepEqual([content.conflicts, content.undecided], [[], []]);
        for (const one of every) {
          if (one === 'CODEOWNERS' || one.startsWith('overlays/')) continue;
          const same = given.source.get(one) === given.destination.get(one);
          const want = same ? undefined : given.source.has(one) ? 'source' : 'gone';
          assert.equal(content.changes.get(one), want, one);
        }
      }),
    );
  });

  it('asks about everything that would differ from the source afterwards', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const content = promotedContent(given);
        for (const one of new Set([...given.source.keys(), ...given.destination.keys()])) {
          if (one === 'CODEOWNERS' || one.startsWith('overlays/') || content.conflicts.includes(one))
            continue;
          const origin = content.changes.get(one);
          const result =
            origin === undefined
              ? given.destination.get(one)
              : origin === 'merged'
                ? (given.merged.get(one) ?? undefined)
                : origin === 'source'
                  ? given.source.get(one)
                  : undefined;
          assert.equal(result !== given.source.get(one), content.undecided.includes(one), one);
        }
      }),
    );
  });

  it('forgets a decision about another content', () => {
    const given = input({ source: tree({ 'base/a': '1' }), destination: tree({ 'base/a': '2' }) });
    const decided = (destination: string) =>
      promotedContent({
        ...given,
        decisions: { 'base/a': { take: 'destination', source: '1', destination } },
      }).undecided;
    assert.deepEqual(decided('2'), []);
    assert.deepEqual(decided('3'), ['base/a']);
  });

  it('writes the overlay of the destination from what it was decided from, and else calls it a conflict', () => {
    const overlay = { 'overlays/prod/v': { content: 'new', over: null } };
    assert.deepEqual([...promotedContent(input({ overlay })).changes], [['overlays/prod/v', 'overlay']]);
    const there = promotedContent(input({ overlay, destination: tree({ 'overlays/prod/v': '1' }) }));
    assert.deepEqual([[...there.changes], there.conflicts], [[], ['overlays/prod/v']]);
  });
});
