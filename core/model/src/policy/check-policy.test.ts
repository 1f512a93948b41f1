import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Directory } from './facts.ts';
import { approversOfPolicy, checkPolicy, handlesOfPolicy, type Policy, parsePolicy } from './policy.ts';
import type { PolicyRule } from './rule-kinds.ts';

const now = Date.parse('2026-11-29T09:00:00Z');
const environments = new Set(['acme-prod', 'acme-stg', 'globex-stg']);
const teams: Readonly<Record<string, readonly string[]>> = {
  '@acme/org-admins': ['ada'],
  '@acme/org-developers': ['omar', 'ben'],
  '@acme/security': ['ada', 'ben'],
  '@acme/empty': [],
  'omar@acme.example': ['omar'],
};
const directory: Directory = (handle) => (Object.hasOwn(teams, handle) ? teams[handle] : undefined);

const review = (approvers: string[], minApprovals = 1): PolicyRule => ({
  kind: 'pr-required',
  approvers,
  minApprovals,
});
const soak = (sourceEnvironment: string): PolicyRule => ({
  kind: 'soak',
  sourceEnvironment,
  duration: '2h',
});
const window = (cron: string, duration = '2h'): PolicyRule => ({
  kind: 'change-window',
  cron,
  duration,
  timeZone: 'Asia/Muscat',
});
const freeze = (from: string, to: string, exceptions?: string[]): PolicyRule => ({
  kind: 'freeze',
  from: `${from}T00:00:00Z`,
  to: `${to}T00:00:00Z`,
  reason: 'Rest.',
  ...(exceptions ? { exceptions } : {}),
});

function fieldsOf(rules: readonly PolicyRule[]): string[] {
  const parsed = parsePolicy('policies/acme-prod-policy.yaml', {
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'EnvironmentPolicy',
    metadata: { name: 'acme-prod-policy' },
    spec: {
      appliesTo: { environments: ['acme-prod'] },
      rules: JSON.parse(JSON.stringify(rules)),
    },
  });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return checkPolicy(parsed.value, directory, { now, environments }).map(({ code, field, message }) => {
    assert.equal(code, 'NeverMet');
    // A way out is told: something to do stands in a sentence of its own or in its condition.
    assert.match(
      message,
      /Add |Create|Name |Choose|Write|Let |End |Use |open for at least|never comes|one of its own/,
    );
    return field ?? '';
  });
}

interface Case {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  readonly want: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'people and teams that are there',
    rules: [review(['security', 'omar@acme.example'], 3)],
    want: [],
  },
  {
    name: 'an approver who does not exist',
    rules: [review(['security', 'nobody'])],
    want: ['spec.rules.0.approvers.1'],
  },
  {
    name: 'more approvals than there are people',
    rules: [review(['security'], 3)],
    want: ['spec.rules.0.minApprovals'],
  },
  {
    name: 'one person by two names counts once',
    rules: [review(['org-developers', 'omar@acme.example'], 3)],
    want: ['spec.rules.0.minApprovals'],
  },
  {
    name: 'owners can be anybody of the Organization',
    rules: [review(['codeowners'], 3)],
    want: [],
  },
  {
    name: 'more owners than there are people in the Organization',
    rules: [review(['codeowners'], 4)],
    want: ['spec.rules.0.minApprovals'],
  },
  {
    name: 'two groups, each of which must approve',
    rules: [review(['security']), review(['org-developers'])],
    want: [],
  },
  {
    name: 'the same approvers twice',
    rules: [review(['security', 'org-developers']), review(['org-developers', 'security'], 2)],
    want: ['spec.rules.1.approvers'],
  },
  { name: 'a soak elsewhere', rules: [soak('acme-stg')], want: [] },
  { name: 'a soak in itself', rules: [soak('acme-prod')], want: ['spec.rules.0.sourceEnvironment'] },
  {
    name: 'a soak in an Environment that is not there',
    rules: [soak('acme-uat')],
    want: ['spec.rules.0.sourceEnvironment'],
  },
  {
    name: 'a soak in another Organization',
    rules: [soak('globex-stg')],
    want: ['spec.rules.0.sourceEnvironment'],
  },
  {
    name: 'two soaks in the same Environment',
    rules: [soak('acme-stg'), { ...soak('acme-stg'), duration: '4h' } as PolicyRule],
    want: ['spec.rules.1.sourceEnvironment'],
  },
  {
    name: 'checks twice',
    rules: [
      { kind: 'checks', names: ['ci'] },
      { kind: 'checks', names: ['scan'] },
    ],
    want: ['spec.rules.1.names'],
  },
  {
    name: 'windows that overlap are open together',
    rules: [window('0 9 * * *'), window('0 10 * * *')],
    want: [],
  },
  {
    name: 'the same window twice, spaces aside',
    rules: [window('0 9 * * *'), window('0  9 * * *', '4h')],
    want: ['spec.rules.1.cron'],
  },
  {
    name: 'freezes that overlap',
    rules: [freeze('2026-12-20', '2027-01-02'), freeze('2026-12-31', '2027-01-05')],
    want: ['spec.rules.1.from'],
  },
  {
    name: 'freezes that touch',
    rules: [freeze('2026-12-20', '2027-01-02'), freeze('2027-01-02', '2027-01-05')],
    want: [],
  },
  { name: 'an empty freeze', rules: [freeze('2026-12-20', '2026-12-20')], want: ['spec.rules.0.to'] },
  {
    name: 'the same freeze twice is told once',
    rules: [freeze('2026-12-20', '2027-01-02'), freeze('2026-12-20', '2027-01-02')],
    want: ['spec.rules.1.kind'],
  },
  {
    name: 'a freeze that excepts whom there is',
    rules: [freeze('2026-12-20', '2027-01-02', ['security', 'omar@acme.example'])],
    want: [],
  },
  {
    name: 'a freeze that excepts nobody',
    rules: [freeze('2026-12-20', '2027-01-02', ['nobody', 'empty'])],
    want: ['spec.rules.0.exceptions.0', 'spec.rules.0.exceptions.1'],
  },
  { name: 'a freeze for ever', rules: [freeze('2020-01-01', '2999-01-01')], want: ['spec.rules.0.to'] },
  {
    name: 'a freeze for ever that somebody may pass',
    rules: [freeze('2020-01-01', '2999-01-01', ['security'])],
    want: [],
  },
  {
    name: 'a window that only opens in a freeze of five years',
    rules: [window('0 0 29 2 *'), freeze('2028-01-01', '2029-01-01')],
    want: ['spec.rules.1.to'],
  },
  {
    name: 'a window that opens after the freeze',
    rules: [window('0 14 24 12 *'), freeze('2026-12-20', '2027-01-02')],
    want: [],
  },
  {
    name: 'a window between two freezes',
    rules: [window('0 14 24 12 *'), freeze('2020-01-01', '2027-12-24'), freeze('2027-12-25', '2999-01-01')],
    want: [],
  },
  {
    name: 'a window that the two freezes leave no moment',
    rules: [window('0 14 24 12 *'), freeze('2020-01-01', '2027-12-24'), freeze('2027-12-24', '2999-01-01')],
    want: ['spec.rules.2.to'],
  },
];

describe('a policy that is proposed', () => {
  for (const { name, rules, want } of cases)
    it(`${name}: ${want.length === 0 ? 'sound' : 'refused'}`, () => assert.deepEqual(fieldsOf(rules), want));

  it('names everybody whom its rules name, and approvers apart', () => {
    const policy: Policy = {
      name: 'acme-prod-policy',
      environment: 'acme-prod',
      rules: [
        review(['@acme/security', 'codeowners']),
        freeze('2026-12-20', '2027-01-02', ['@acme/org-admins']),
      ],
      rollback: 'free',
    };
    assert.deepEqual(handlesOfPolicy(policy), ['@acme/security', '@acme/org-admins']);
    assert.deepEqual(approversOfPolicy(policy), ['@acme/security']);
  });
});
