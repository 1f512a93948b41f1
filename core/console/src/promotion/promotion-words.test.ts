import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Plan, PlannedApplication } from '@catalyst/model/views/plan.ts';
import { observedSince, placeProblems, titleOfPromotion, whyNotNow } from './promotion-words.ts';

const part: PlannedApplication = {
  application: 'blog',
  change: 'change',
  blueprint: 'bp-blog',
  version: '1.0.0',
  repository: 'acme/blog',
  branch: 'staging',
  files: [],
  objects: [],
  resources: { cpuMillis: 0, memoryBytes: 0, storageBytes: 0 },
};
const free: NonNullable<Plan['policy']> = { protected: false, allowed: true, gates: [] };
const planOf = (policy: Plan['policy'] | undefined, undecided?: string[]) => ({
  environment: 'acme-stg',
  applications: [undecided ? { ...part, undecided } : part],
  ...(policy ? { policy } : {}),
});

describe('whyNotNow', () => {
  const closed = { rule: 'hold', allowed: false, reason: 'It is held.' };
  const cases = [
    { name: 'nothing stands in the way', given: planOf(free), want: undefined },
    { name: 'something must be decided', given: planOf(free, ['base/values.yaml']), want: /decide/ },
    { name: 'it is protected', given: planOf({ ...free, protected: true }), want: /protected/ },
    { name: 'a gate is closed', given: planOf({ ...free, gates: [closed] }), want: /It is held/ },
    { name: 'the policy says no without a gate', given: planOf({ ...free, allowed: false }), want: /policy/ },
    { name: 'the policy is not known', given: planOf(undefined), want: /Nothing is known/ },
  ];
  for (const { name, given, want } of cases)
    it(name, () => {
      const why = whyNotNow(given);
      if (want === undefined) assert.equal(why, undefined);
      else assert.match(why ?? '', want);
    });
});

it('names a promotion after what it promotes', () => {
  assert.equal(titleOfPromotion(['blog'], 'acme-dev', 'acme-stg'), 'Promote blog from acme-dev to acme-stg');
  assert.equal(
    titleOfPromotion(['blog', 'db', 'shop'], 'acme-dev', 'acme-stg'),
    'Promote blog and 2 more from acme-dev to acme-stg',
  );
});

describe('placeProblems', () => {
  const at = (field: string) => ({ code: 'X', field, message: field });
  const problems = ['dependencies.db', 'dependencies.cache', 'values.image', 'blog', 'from'].map(at);
  const choices = [{ alias: 'db' }];
  it('puts each at its place, and leaves those to a choice that it shows itself', () => {
    const placed = placeProblems(problems, { applications: ['blog', 'shop'], choices, form: true });
    assert.deepEqual(placed.atValues, [at('values.image')]);
    assert.deepEqual([...placed.atApplications], [['blog', [at('blog')]]]);
    assert.deepEqual(placed.elsewhere, [at('dependencies.cache'), { code: 'X', message: 'from' }]);
  });
  it('loses none where there is no form, and no other Application', () => {
    const placed = placeProblems(problems, { applications: ['blog'], choices, form: false });
    assert.deepEqual(
      placed.elsewhere.map(({ message }) => message),
      ['dependencies.cache', 'values.image', 'blog', 'from'],
    );
  });
});

describe('observedSince', () => {
  const merged = { state: 'merged', mergeRevision: 'b', mergedAt: '2026-01-02T00:00:00Z' } as const;
  const view = (revision: string, at: string) => ({
    revision,
    state: 'Running' as const,
    lastChange: { by: 'x', surface: 'console', at, message: '' },
  });
  it('shows no state of before as one of after', () => {
    assert.equal(observedSince(merged, view('a', '2026-01-01T00:00:00Z')).state, undefined);
    assert.equal(observedSince(merged, undefined).state, undefined);
    assert.equal(observedSince({ state: 'open' }, undefined).state, undefined);
  });
  it('shows the state of what was merged, and of what came after it', () => {
    assert.equal(observedSince(merged, view('b', '2026-01-01T00:00:00Z')).state, 'Running');
    assert.equal(observedSince(merged, view('c', '2026-01-03T00:00:00Z')).state, 'Running');
  });
});
