import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicyFacts, SoakFact } from './facts.ts';
import { checkPolicy, evaluatePolicy, type Policy, parsePolicyFile } from './policy.ts';
import type { PolicyRule } from './rule-kinds.ts';

const head = 'a'.repeat(40);
const at = (time: string) => Date.parse(time);
const of = (...rules: PolicyRule[]): Policy => ({
  name: 'acme-prod-policy',
  environment: 'acme-prod',
  rules,
  rollback: 'free',
});
const tuesday: PolicyRule = {
  kind: 'change-window',
  cron: '0 14 * * 2',
  duration: '2h',
  timeZone: 'Asia/Muscat',
};
const thursday: PolicyRule = { ...tuesday, cron: '0 14 * * 4' };
const freeze: PolicyRule = {
  kind: 'freeze',
  from: '2026-12-20T00:00:00+04:00',
  to: '2027-01-02T00:00:00+04:00',
  reason: 'End of the year.',
};
const excepting: PolicyRule = { ...freeze, exceptions: ['@acme/sre', 'eve@acme.example'] };
const people = { '@acme/sre': ['omar'], 'eve@acme.example': ['eve'] };
const omar = { id: 'omar', name: 'Omar' };
const soak: PolicyRule = { kind: 'soak', sourceEnvironment: 'acme-stg', duration: '72h' };
const ran = (more: Partial<SoakFact>): SoakFact => ({
  environment: 'acme-stg',
  exists: true,
  arrived: true,
  healthyMs: 0,
  running: true,
  ...more,
});
const hourMs = 3_600_000;
const now = at('2026-11-24T09:00:00Z');
const review = { head, authors: [], reviews: [], people: {}, ownership: [] };

interface Case {
  readonly name: string;
  readonly policy: Policy;
  readonly facts: PolicyFacts;
  readonly want: { readonly allowed: boolean; readonly until?: string; readonly words?: RegExp };
}

const cases: readonly Case[] = [
  {
    name: 'a window that is closed says when it opens, by its own clock',
    policy: of(tuesday),
    facts: { now },
    want: { allowed: false, until: '2026-11-24T10:00:00.000Z', words: /Tue 24 Nov.* 14:00 \(Asia\/Muscat\)/ },
  },
  {
    name: 'a window that is open',
    policy: of(tuesday),
    facts: { now: now + hourMs },
    want: { allowed: true, words: /16:00/ },
  },
  {
    name: 'of two windows one is enough',
    policy: of(thursday, tuesday),
    facts: { now: now + hourMs },
    want: { allowed: true },
  },
  {
    name: 'of two closed windows the next one is told',
    policy: of(thursday, tuesday),
    facts: { now },
    want: { allowed: false, until: '2026-11-24T10:00:00.000Z' },
  },
  {
    name: 'an open window does not open a freeze',
    policy: of({ ...tuesday, cron: '* * * * *' }, freeze),
    facts: { now: at('2026-12-24T10:00:00Z') },
    want: { allowed: false, until: '2027-01-01T20:00:00.000Z', words: /End of the year/ },
  },
  {
    name: 'before the freeze',
    policy: of(freeze),
    facts: { now: at('2026-12-19T19:59:59Z') },
    want: { allowed: true },
  },
  {
    name: 'at its end',
    policy: of(freeze),
    facts: { now: at('2027-01-01T20:00:00Z') },
    want: { allowed: true },
  },
  {
    name: 'during a freeze who is excepted may let it in',
    policy: of(excepting),
    facts: { now: at('2026-12-24T10:00:00Z'), people, actor: omar },
    want: { allowed: true, words: /Omar is excepted \(@acme\/sre\)/ },
  },
  {
    name: 'during a freeze who is not excepted is told who is',
    policy: of(excepting),
    facts: { now: at('2026-12-24T10:00:00Z'), people, actor: { id: 'ada', name: 'Ada' } },
    want: {
      allowed: false,
      until: '2027-01-01T20:00:00.000Z',
      words: /Only @acme\/sre or eve@acme\.example/,
    },
  },
  {
    name: 'without anybody who merges a freeze says who is excepted',
    policy: of(excepting),
    facts: { now: at('2026-12-24T10:00:00Z'), people },
    want: { allowed: false, words: /Only @acme\/sre or eve@acme\.example/ },
  },
  {
    name: 'of a pull request its own people are those who are excepted',
    policy: of(excepting),
    facts: { now: at('2026-12-24T10:00:00Z'), review: { ...review, people }, actor: omar },
    want: { allowed: true, words: /Omar is excepted/ },
  },
  {
    name: 'who is excepted from one freeze is not excepted from another',
    policy: of(excepting, freeze),
    facts: { now: at('2026-12-24T10:00:00Z'), people, actor: omar },
    want: { allowed: false },
  },
  {
    name: 'what soaks says how long is left',
    policy: of(soak),
    facts: { now, soaks: [ran({ healthyMs: 70 * hourMs })] },
    want: { allowed: false, until: '2026-11-24T11:00:00.000Z', words: /2 d 22 h of 72h/ },
  },
  {
    name: 'what soaked is not what merging makes',
    policy: of(soak),
    facts: {
      now,
      soaks: [ran({ healthyMs: 80 * hourMs })],
      otherBase: { paths: ['base/values.yaml'], count: 1 },
    },
    want: { allowed: false, words: /another base\/.* base\/values\.yaml .*up to date .*acme-stg for 72h/ },
  },
  {
    name: 'no time opens it where merging makes something else',
    policy: of(soak),
    facts: {
      now,
      soaks: [ran({ healthyMs: 70 * hourMs })],
      otherBase: { paths: ['base/a', 'base/b', 'base/c'], count: 9 },
    },
    want: { allowed: false, words: /base\/a, base\/b, base\/c and 6 more/ },
  },
  {
    name: 'what takes away alone brings nothing that could have run',
    policy: of(soak),
    facts: { now, soaks: [ran({ arrived: false })], bringsNothing: true },
    want: { allowed: true, words: /leaves base\/ as it is/ },
  },
  {
    name: 'the clock stands still while it is not Running',
    policy: of(soak),
    facts: { now, soaks: [ran({ healthyMs: 70 * hourMs, running: false })] },
    want: { allowed: false, words: /stands still/ },
  },
  {
    name: 'soaked, and not Running at this moment',
    policy: of(soak),
    facts: { now, soaks: [ran({ healthyMs: 72 * hourMs, running: false })] },
    want: { allowed: true },
  },
  {
    name: 'content that never was there',
    policy: of(soak),
    facts: { now, soaks: [ran({ arrived: false })] },
    want: { allowed: false, words: /has not run in acme-stg/ },
  },
  {
    name: 'an Environment that is gone',
    policy: of(soak),
    facts: { now, soaks: [ran({ exists: false })] },
    want: { allowed: false, words: /no Environment acme-stg/ },
  },
  {
    name: 'a check of another head',
    policy: of({ kind: 'checks', names: ['ci'] }),
    facts: { now, review, checks: [{ name: 'ci', revision: 'b'.repeat(40), status: 'success' }] },
    want: { allowed: false, words: /ci has not reported/ },
  },
  {
    name: 'one check failed, one is missing',
    policy: of({ kind: 'checks', names: ['ci', 'scan'] }),
    facts: { now, review, checks: [{ name: 'ci', revision: head, status: 'failure' }] },
    want: { allowed: false, words: /ci failed; scan has not/ },
  },
  {
    name: 'checks that passed',
    policy: of({ kind: 'checks', names: ['ci'] }),
    facts: { now, review, checks: [{ name: 'ci', revision: head, status: 'success' }] },
    want: { allowed: true },
  },
];

describe('rules about time and results', () => {
  for (const { name, policy, facts, want } of cases)
    it(`${name}: ${want.allowed ? 'open' : 'closed'}`, () => {
      const outcome = evaluatePolicy(policy, { environment: 'acme-prod', way: 'pull-request' }, facts);
      assert.equal(outcome.allowed, want.allowed);
      const [gate] = want.allowed ? outcome.gates : outcome.blocked;
      if (want.until !== undefined) assert.equal(gate?.until, want.until);
      if (want.words) assert.match(gate?.reason ?? '', want.words);
    });

  it('facts that are kept give the same answer again', () => {
    for (const { policy, facts } of cases) {
      const change = { environment: 'acme-prod', way: 'pull-request' } as const;
      const kept = JSON.parse(JSON.stringify({ policy, facts })) as { policy: Policy; facts: PolicyFacts };
      assert.deepEqual(
        evaluatePolicy(kept.policy, change, kept.facts),
        evaluatePolicy(policy, change, facts),
      );
    }
  });
});

describe('a rule that can never be met', () => {
  for (const [name, rule, field] of [
    ['a cron that never fires', { ...tuesday, cron: '0 0 30 2 *' }, 'cron'],
    ['no cron', { ...tuesday, cron: 'on Tuesdays' }, 'cron'],
    ['no time zone', { ...tuesday, timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['a window of months', { ...tuesday, duration: '90d' }, 'duration'],
    ['a freeze that ends before it begins', { ...freeze, to: freeze.from }, 'to'],
  ] as const)
    it(`${name} is refused`, () => {
      const [problem] = checkPolicy(of(rule), () => [], { now });
      assert.equal(problem?.field, `spec.rules.0.${field}`);
    });

  for (const [name, rule] of [
    ['a duration of zero', 'kind: soak, sourceEnvironment: acme-stg, duration: 0h'],
    ['a duration without a unit', 'kind: soak, sourceEnvironment: acme-stg, duration: "72"'],
    ['a source that is no Environment', 'kind: soak, sourceEnvironment: staging, duration: 1h'],
    ['a freeze without a reason', 'kind: freeze, from: 2026-12-20T00:00:00Z, to: 2026-12-21T00:00:00Z'],
    ['a freeze at no time', 'kind: freeze, from: tomorrow, to: later, reason: x'],
    ['no checks', 'kind: checks, names: []'],
  ] as const)
    it(`${name} is refused`, () => {
      const text = `apiVersion: catalyst.openova.io/v1alpha1
kind: EnvironmentPolicy
metadata: { name: acme-prod-policy }
spec: { appliesTo: { environments: [acme-prod] }, rules: [{ ${rule} }] }
`;
      const parsed = parsePolicyFile('policies/acme-prod-policy.yaml', text);
      assert.equal(parsed.ok ? 'ok' : parsed.problems[0]?.code, 'InvalidField');
    });
});
