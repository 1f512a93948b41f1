import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScoreFact } from './facts.ts';
import { describePolicy, evaluatePolicy, isProtected, parsePolicyFile } from './policy.ts';
import { type ReScoreGateRule, reScoreGate } from './re-score-gate.ts';

const scored = (value: number, more: Partial<Extract<ScoreFact, { kind: 'scored' }>> = {}): ScoreFact => ({
  kind: 'scored',
  value,
  lost: [
    { criterion: 'limits', object: 'Deployment web', fix: 'Set limits on Deployment web.', points: 10 },
    { criterion: 'image', object: 'Deployment web', fix: 'Name it by digest.', points: 4 },
  ],
  unknown: [],
  ...more,
});
const rule = (minScore: number, severity?: ReScoreGateRule['severity']): ReScoreGateRule => ({
  kind: 're-score-gate',
  minScore,
  ...(severity ? { severity } : {}),
});
const verdict = (of: ReScoreGateRule, score?: ScoreFact) =>
  reScoreGate.evaluate(of, { now: 0, ...(score ? { score } : {}) });

describe('re-score-gate', () => {
  for (const { name, of, score, want } of [
    {
      name: 'too low: the score, what is asked for and the cheapest fix',
      of: rule(80),
      score: scored(62),
      want: {
        rule: 're-score-gate',
        allowed: false,
        reason: 'The RE score is 62, at least 80 is asked for. Cheapest: set limits on Deployment web (+10).',
      },
    },
    {
      name: 'just enough',
      of: rule(62),
      score: scored(62),
      want: {
        rule: 're-score-gate',
        allowed: true,
        reason: 'The RE score is 62, at least 62 is asked for.',
      },
    },
    {
      name: 'what is not known is said',
      of: rule(60),
      score: scored(62, { unknown: ['Backups', 'Few restarts'] }),
      want: {
        rule: 're-score-gate',
        allowed: true,
        reason:
          'The RE score is 62, at least 60 is asked for. Not known, and left out: Backups and Few restarts.',
      },
    },
    {
      name: 'a warning is open, and marked',
      of: rule(80, 'warning'),
      score: scored(62, { lost: [] }),
      want: {
        rule: 're-score-gate',
        allowed: true,
        severity: 'warning' as const,
        reason: 'The RE score is 62, at least 80 is asked for.',
      },
    },
    {
      name: 'nothing would run',
      of: rule(80),
      score: { kind: 'nothing', why: 'There is nothing to score.' } satisfies ScoreFact,
      want: { rule: 're-score-gate', allowed: true, reason: 'There is nothing to score.' },
    },
    {
      name: 'it cannot be told, which is not enough',
      of: rule(0),
      score: { kind: 'unknown', why: 'The chart is broken.' } satisfies ScoreFact,
      want: {
        rule: 're-score-gate',
        allowed: false,
        reason: 'At least 0 is asked for, and the RE score cannot be told: The chart is broken.',
      },
    },
    {
      name: 'no score was made, as of a direct change',
      of: rule(80, 'blocking'),
      score: undefined,
      want: {
        rule: 're-score-gate',
        allowed: false,
        reason: 'The RE score must be at least 80; it is looked at in pull requests, so propose it as one.',
      },
    },
  ])
    it(name, () => assert.deepEqual(verdict(of, score), want));

  it('is read from the file, and reads well', () => {
    const file = (more: string) => `apiVersion: catalyst.openova.io/v1alpha1
kind: EnvironmentPolicy
metadata: { name: acme-prod-policy }
spec:
  appliesTo: { environments: [acme-prod] }
  rules: [{ kind: re-score-gate, ${more} }]
`;
    const parse = (more: string) => parsePolicyFile('policies/acme-prod-policy.yaml', file(more));
    const policy = parse('minScore: 80, severity: blocking');
    assert.ok(policy.ok);
    assert.equal(describePolicy(policy.value)[0], 'What is let in has an RE score of at least 80.');
    assert.equal(isProtected(policy.value), false);
    const change = { environment: 'acme-prod', way: 'pull-request' } as const;
    assert.equal(evaluatePolicy(policy.value, change, { now: 0, score: scored(79) }).allowed, false);
    assert.equal(evaluatePolicy(policy.value, change, { now: 0, score: scored(80) }).allowed, true);
    for (const wrong of [
      'minScore: 101',
      'minScore: 80.5',
      'minScore: 80, severity: loud',
      'severity: blocking',
    ])
      assert.equal(parse(wrong).ok, false, wrong);
  });
});
