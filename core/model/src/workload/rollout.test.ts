import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decideJob, decideRollout, type RolloutPod, type RolloutWish } from './rollout.ts';

const pod = (name: string, hash: string, more: Partial<RolloutPod> = {}): RolloutPod => ({
  name,
  hash,
  ready: true,
  terminating: false,
  createdAt: '2026-01-01T00:00:00Z',
  ...more,
});
const deployment: RolloutWish = {
  kind: 'Deployment',
  name: 'web',
  replicas: 2,
  hash: 'new',
  inPlace: false,
  ordered: false,
};
const set: RolloutWish = { ...deployment, kind: 'StatefulSet', name: 'db', ordered: true };
const waiting = { ready: false };
const leaving = { terminating: true };

describe('a rollout', () => {
  const cases: {
    name: string;
    wish?: Partial<RolloutWish>;
    set?: boolean;
    given: RolloutPod[];
    create: (string | null)[];
    remove: string[];
  }[] = [
    { name: 'creates what is missing', given: [], create: [null, null], remove: [] },
    {
      name: 'brings one new Pod before an old one goes',
      given: [pod('a', 'old'), pod('b', 'old')],
      create: [null],
      remove: [],
    },
    {
      name: 'keeps both old ones while the new one is not ready',
      given: [pod('a', 'old'), pod('b', 'old'), pod('c', 'new', waiting)],
      create: [],
      remove: [],
    },
    {
      name: 'removes one old Pod for the ready new one',
      given: [pod('a', 'old'), pod('b', 'old'), pod('c', 'new')],
      create: [null],
      remove: ['a'],
    },
    {
      name: 'removes an older version that never became ready first',
      given: [pod('a', 'old'), pod('b', 'old'), pod('c', 'bad', waiting)],
      create: [null],
      remove: ['c'],
    },
    {
      name: 'scales down from what is not ready',
      given: [pod('a', 'new'), pod('b', 'new'), pod('c', 'new', waiting)],
      create: [],
      remove: ['c'],
    },
    {
      name: 'replaces what ended',
      given: [pod('a', 'new'), pod('b', 'new', { ended: 'Failed', ready: false })],
      create: [null],
      remove: ['b'],
    },
    {
      name: 'removes all when paused',
      wish: { replicas: 0 },
      given: [pod('a', 'new')],
      create: [],
      remove: ['a'],
    },
    {
      name: 'removes the old one first in place',
      wish: { inPlace: true, replicas: 1 },
      given: [pod('a', 'old')],
      create: [],
      remove: ['a'],
    },
    {
      name: 'waits in place until the old one has gone',
      wish: { inPlace: true, replicas: 1 },
      given: [pod('a', 'old', leaving)],
      create: [],
      remove: [],
    },
    {
      name: 'creates in place once nothing is left',
      wish: { inPlace: true, replicas: 1 },
      given: [],
      create: [null],
      remove: [],
    },
    { name: 'starts a set with the first ordinal', set: true, given: [], create: ['db-0'], remove: [] },
    {
      name: 'waits for the first ordinal',
      set: true,
      given: [pod('db-0', 'new', waiting)],
      create: [],
      remove: [],
    },
    {
      name: 'goes on to the second ordinal',
      set: true,
      given: [pod('db-0', 'new')],
      create: ['db-1'],
      remove: [],
    },
    {
      name: 'updates a set from its end',
      set: true,
      given: [pod('db-0', 'old'), pod('db-1', 'old')],
      create: [],
      remove: ['db-1'],
    },
    {
      name: 'updates the first ordinal last',
      set: true,
      given: [pod('db-0', 'old'), pod('db-1', 'new')],
      create: [],
      remove: ['db-0'],
    },
    {
      name: 'replaces a broken Pod of an old template without waiting for it',
      set: true,
      given: [pod('db-0', 'old', waiting), pod('db-1', 'old', waiting)],
      create: [],
      remove: ['db-1'],
    },
    {
      name: 'shrinks a set from its end',
      set: true,
      wish: { replicas: 1 },
      given: [pod('db-0', 'new'), pod('db-1', 'new')],
      create: [],
      remove: ['db-1'],
    },
    {
      name: 'creates a parallel set at once',
      set: true,
      wish: { ordered: false },
      given: [],
      create: ['db-0', 'db-1'],
      remove: [],
    },
  ];
  for (const { name, wish, set: isSet, given, create, remove } of cases)
    it(name, () => {
      const step = decideRollout({ ...(isSet ? set : deployment), ...wish }, given);
      assert.deepEqual({ create: step.create, remove: step.remove }, { create, remove });
    });

  it('arrives from every state, and a rolling one never has fewer ready Pods than wanted on its own account', () => {
    const kinds = fc.constantFrom<Partial<RolloutWish>>(
      {},
      { inPlace: true },
      { kind: 'StatefulSet', name: 'db', ordered: true },
      { kind: 'StatefulSet', name: 'db', ordered: false },
    );
    const state = fc.record({
      hash: fc.constantFrom('new', 'old', 'older'),
      ready: fc.boolean(),
      terminating: fc.boolean(),
    });
    fc.assert(
      fc.property(
        kinds,
        fc.integer({ min: 0, max: 4 }),
        fc.array(state, { maxLength: 6 }),
        (kind, replicas, states) => {
          const wish = { ...deployment, ...kind, replicas };
          let pods = states.map((one, index) =>
            pod(`${wish.name}-${index}`, one.hash, { ...one, ready: one.ready && !one.terminating }),
          );
          let next = 100;
          for (let round = 0; round < 60; round += 1) {
            const step = decideRollout(wish, pods);
            if (step.done) return;
            if (wish.kind === 'Deployment' && !wish.inPlace) {
              const left = pods.filter((one) => one.ready && !step.remove.includes(one.name)).length;
              const before = pods.filter((one) => one.ready).length;
              assert.ok(left >= Math.min(before, replicas), 'too many ready Pods removed');
            }
            pods = pods
              .filter((one) => !one.terminating)
              .map((one) => ({
                ...one,
                terminating: step.remove.includes(one.name),
                ready: !step.remove.includes(one.name),
              }));
            for (const name of step.create) {
              pods.push(pod(name ?? `${wish.name}-${next}`, wish.hash, waiting));
              next += 1;
            }
            const names = pods.map((one) => one.name);
            assert.equal(new Set(names).size, names.length, 'a name is given twice');
          }
          assert.fail('never done');
        },
      ),
    );
  });
});

describe('a Job', () => {
  const job = { name: 'once', hash: 'h', backoffLimit: 1, activeDeadlineSeconds: 60 };
  const failed = { ended: 'Failed' as const, ready: false };
  const times = { sinceStartSeconds: 5, sinceLastEndSeconds: 3 };
  const decide = (pods: RolloutPod[], more: Partial<typeof times> = {}) =>
    decideJob(job, pods, { ...times, ...more });
  it('starts one Pod', () => assert.deepEqual(decide([]), { state: 'run', create: true, remove: [] }));
  it('waits for it', () =>
    assert.deepEqual(decide([pod('a', 'h')]), { state: 'run', create: false, remove: [] }));
  it('succeeds with it', () =>
    assert.equal(decide([pod('a', 'h', { ended: 'Succeeded' })]).state, 'succeeded'));
  it('waits 10 s after a failure', () =>
    assert.deepEqual(decide([pod('a', 'h', failed)]), { state: 'wait', seconds: 7 }));
  it('tries again then', () =>
    assert.deepEqual(decide([pod('a', 'h', failed)], { sinceLastEndSeconds: 11 }), {
      state: 'run',
      create: true,
      remove: [],
    }));
  it('gives up after its limit', () =>
    assert.equal(decide([pod('a', 'h', failed), pod('b', 'h', failed)]).state, 'failed'));
  it('gives up after its deadline', () =>
    assert.equal(decide([pod('a', 'h')], { sinceStartSeconds: 61 }).state, 'failed'));
  it('removes the Pods of an earlier template first', () =>
    assert.deepEqual(decide([pod('a', 'old')]), { state: 'run', create: false, remove: ['a'] }));
});
