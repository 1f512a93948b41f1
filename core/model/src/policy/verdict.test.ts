import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChangeWay, PolicyFacts } from './facts.ts';
import { evaluatePolicy, type Policy } from './policy.ts';
import type { PolicyRule } from './rule-kinds.ts';
import { type RecordedVerdict, replayVerdict, toRecordedFacts } from './verdict.ts';

const ids = ['ada', 'ben', 'cyd', 'dan', 'omar'] as const;
const handles = ['@acme/security', '@acme/ops', 'dan@example.net'] as const;
const heads = ['a'.repeat(40), 'b'.repeat(40)] as const;
const checkNames = ['scan', 'tests'] as const;
const environments = ['acme-dev', 'acme-stg'] as const;
const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
const time = moment.map((ms) => new Date(ms).toISOString());
const subset = <T>(of: readonly T[], minLength = 0) => fc.subarray([...of], { minLength });

const rule: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record({
    kind: fc.constant('pr-required' as const),
    approvers: subset([...handles, 'codeowners'], 1),
    minApprovals: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('soak' as const),
    sourceEnvironment: fc.constantFrom(...environments),
    duration: fc.constantFrom('30m', '2h', '72h'),
  }),
  fc.record({
    kind: fc.constant('change-window' as const),
    cron: fc.constantFrom('* * * * *', '0 9 * * 1-5', '30 2 * * 0'),
    duration: fc.constantFrom('1h', '8h'),
    timeZone: fc.constantFrom('Asia/Muscat', 'Europe/Berlin', 'UTC'),
  }),
  fc.record(
    {
      kind: fc.constant('freeze' as const),
      from: fc.oneof(time, fc.constant('2026-01-01T00:00:00Z')),
      to: fc.oneof(time, fc.constant('2027-01-01T00:00:00Z')),
      reason: fc.constant('Year end'),
      exceptions: subset(handles, 1),
    },
    { requiredKeys: ['kind', 'from', 'to', 'reason'] },
  ),
  fc.record({ kind: fc.constant('checks' as const), names: subset(checkNames, 1) }),
);
const policy: fc.Arbitrary<Policy> = fc.record({
  name: fc.constant('acme-prod-policy'),
  environment: fc.constant('acme-prod'),
  rules: fc.array(rule, { maxLength: 6 }),
  rollback: fc.constantFrom('free', 'gated'),
});
const person = fc.constantFrom(...ids).map((id) => ({ id, name: id }));
/** Everybody else of a large Organization: more than are kept. */
const crowd = Array.from({ length: 6_000 }, (_, at) => `user-${at}`);
const peopleWith = (others: readonly string[]) =>
  fc
    .tuple(...handles.map((handle) => fc.tuple(fc.constant(handle), subset(ids))))
    .map((entries) => Object.fromEntries(entries.map(([handle, some]) => [handle, [...others, ...some]])));
const people = peopleWith([]);
const review = fc.record({
  head: fc.constantFrom(...heads),
  authors: subset(ids, 1),
  reviews: fc.array(
    fc.record({
      by: person,
      verdict: fc.constantFrom('approve' as const, 'request-changes' as const),
      revision: fc.constantFrom(...heads),
    }),
    { maxLength: 6 },
  ),
  people,
  ownership: fc.array(
    fc.record({
      owners: subset(handles, 1),
      paths: fc.array(fc.constantFrom('base/a', 'CODEOWNERS'), { maxLength: 40 }),
    }),
    { maxLength: 3 },
  ),
});
const soak = fc.record({
  environment: fc.constantFrom(...environments),
  exists: fc.boolean(),
  arrived: fc.boolean(),
  healthyMs: fc.integer({ min: 0, max: 100 * 3_600_000 }),
  running: fc.boolean(),
});
const check = fc.record({
  name: fc.constantFrom(...checkNames),
  revision: fc.constantFrom(...heads),
  status: fc.constantFrom('pending' as const, 'success' as const, 'failure' as const),
});
const facts: fc.Arbitrary<PolicyFacts> = fc.record(
  {
    now: moment,
    actor: person,
    people,
    review,
    checks: fc.array(check, { maxLength: 4 }),
    soaks: fc.array(soak, { maxLength: 2 }),
    bringsNothing: fc.constant(true),
    otherBase: fc.record({ paths: subset(['base/a', 'base/b'], 1), count: fc.integer({ min: 1, max: 9 }) }),
    breakGlass: fc.record({ by: person, reason: fc.constant('The shop is down.'), until: time }),
  },
  { requiredKeys: ['now'] },
);
/** Of a large Organization: everybody else stands behind each handle too, and one of them may be who asks. */
const manyFacts: fc.Arbitrary<PolicyFacts> = fc
  .tuple(facts, review, peopleWith(crowd), fc.constantFrom(...ids, crowd[0] ?? ''), fc.boolean())
  .map(([{ people: _few, ...rest }, of, many, id, direct]) => ({
    ...rest,
    actor: { id, name: id },
    review: { ...of, people: many },
    ...(direct ? { people: many } : {}),
  }));
const way: fc.Arbitrary<ChangeWay> = fc.constantFrom('direct', 'pull-request', 'rollback', 'operation');

/** What a row of the database gives back. */
const kept = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('a recorded verdict', () => {
  it('gives the same answer when it is asked again, whatever the policy and the facts', () => {
    let [closed, broken] = [0, 0];
    fc.assert(
      fc.property(fc.option(policy, { nil: undefined }), way, facts, (of, taken, known) => {
        const change = { environment: 'acme-prod', way: taken };
        const outcome = evaluatePolicy(of, change, known);
        const recorded = { ...(of ? { policy: of } : {}), change, facts: toRecordedFacts(known), outcome };
        const replayed = replayVerdict(kept(recorded));
        assert.equal(replayed.same, true);
        assert.deepEqual(kept(replayed.outcome), kept(outcome));
        closed += outcome.allowed ? 0 : 1;
        broken += outcome.byBreakGlass ? 1 : 0;
      }),
      { numRuns: 300 },
    );
    assert.ok(closed > 20 && broken > 0, `${closed} refused and ${broken} let through: too few to tell`);
  });

  it('gives the same answer in an Organization of thousands, whoever of them asks', () => {
    let excepted = 0;
    fc.assert(
      fc.property(policy, way, manyFacts, (of, taken, known) => {
        const change = { environment: 'acme-prod', way: taken };
        const outcome = evaluatePolicy(of, change, known);
        const recorded = kept({ policy: of, change, facts: toRecordedFacts(known), outcome });
        assert.ok(JSON.stringify(recorded.facts).length < 20_000);
        const replayed = replayVerdict(recorded);
        assert.equal(replayed.same, true);
        assert.deepEqual(kept(replayed.outcome), kept(outcome));
        excepted += outcome.gates.some(({ reason }) => / is excepted /.test(reason)) ? 1 : 0;
      }),
      { numRuns: 200 },
    );
    assert.ok(excepted > 5, `${excepted} excepted from a freeze: too few to tell`);
  });

  it('gives it also where so many may approve that only those concerned are kept', () => {
    const many = Array.from({ length: 6_000 }, (_, at) => `user-${at}`);
    const known: PolicyFacts = {
      now: 0,
      review: {
        head: heads[0],
        authors: ['user-1'],
        reviews: [{ by: { id: 'user-2', name: 'Two' }, verdict: 'approve', revision: heads[0] }],
        people: { '@acme/security': many },
        ownership: [{ owners: ['@acme/security'], paths: many }],
      },
    };
    const of: Policy = {
      name: 'acme-prod-policy',
      environment: 'acme-prod',
      rules: [{ kind: 'pr-required', approvers: ['@acme/security'], minApprovals: 1 }],
      rollback: 'free',
    };
    const change = { environment: 'acme-prod', way: 'pull-request' } as const;
    const outcome = evaluatePolicy(of, change, known);
    const recorded = { policy: of, change, facts: toRecordedFacts(known), outcome };
    assert.ok(JSON.stringify(recorded.facts).length < 2_000);
    assert.deepEqual([outcome.allowed, replayVerdict(kept(recorded)).same], [true, true]);
  });

  it('gives it also where one of so many is excepted from a freeze, by a pull request and straight to the branch', () => {
    const of: Policy = {
      name: 'acme-prod-policy',
      environment: 'acme-prod',
      rules: [
        {
          kind: 'freeze',
          from: '2026-01-01T00:00:00Z',
          to: '2026-02-01T00:00:00Z',
          reason: 'Calm',
          exceptions: ['@acme/security'],
        },
      ],
      rollback: 'free',
    };
    const people = { '@acme/security': [...crowd, 'omar'] };
    const review = { head: heads[0], authors: ['ada'], reviews: [], people, ownership: [] };
    const asked = { now: Date.UTC(2026, 0, 15), actor: { id: 'omar', name: 'Omar' } };
    for (const [taken, known] of [
      ['pull-request', { ...asked, review }],
      ['direct', { ...asked, people }],
    ] as const) {
      const change = { environment: 'acme-prod', way: taken };
      const outcome = evaluatePolicy(of, change, known);
      const recorded = { policy: of, change, facts: toRecordedFacts(known), outcome };
      assert.ok(JSON.stringify(recorded.facts).length < 2_000, taken);
      const { same, outcome: again } = replayVerdict(kept(recorded));
      assert.deepEqual([outcome.allowed, same, again?.allowed], [true, true, true], taken);
    }
  });

  const recorded: RecordedVerdict = {
    policy: {
      name: 'acme-prod-policy',
      environment: 'acme-prod',
      rules: [{ kind: 'freeze', from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', reason: 'Calm' }],
      rollback: 'free',
    },
    change: { environment: 'acme-prod', way: 'pull-request' },
    facts: { now: Date.UTC(2026, 0, 15) },
    outcome: { allowed: true, gates: [], blocked: [] },
  };

  it('that says something else than its facts is found out', () => {
    const { same, outcome } = replayVerdict(recorded);
    assert.deepEqual([same, outcome?.allowed], [false, false]);
  });

  it('with a rule of a kind that is not known has no answer', () => {
    const strange = [{ kind: 'moon-phase' }] as unknown as Policy['rules'];
    const { policy: of } = recorded;
    assert.ok(of);
    assert.deepEqual(replayVerdict({ ...recorded, policy: { ...of, rules: strange } }), { same: false });
  });

  it('is let through by a broken glass only as a pull request, and only until its end', () => {
    const breakGlass = {
      by: { id: 'omar', name: 'Omar' },
      reason: 'The shop is down.',
      until: '2026-01-15T00:30:00Z',
    };
    const answer = (taken: ChangeWay, minutes: number) =>
      evaluatePolicy(
        recorded.policy,
        { environment: 'acme-prod', way: taken },
        { now: Date.UTC(2026, 0, 15, 0, minutes), breakGlass },
      );
    assert.deepEqual(
      [answer('pull-request', 29).allowed, answer('pull-request', 29).byBreakGlass],
      [true, true],
    );
    assert.equal(answer('pull-request', 29).blocked.length, 1);
    assert.equal(answer('pull-request', 30).allowed, false);
    assert.equal(answer('direct', 29).allowed, false);
  });
});
