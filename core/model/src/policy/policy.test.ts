import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ReviewFacts } from './facts.ts';
import {
  checkPolicy,
  describePolicy,
  evaluatePolicy,
  isProtected,
  type Policy,
  parsePolicyFile,
} from './policy.ts';

const head = 'a'.repeat(40);
const earlier = 'b'.repeat(40);
const policy = (minApprovals: number, ...approvers: string[]): Policy => ({
  name: 'acme-prod-policy',
  environment: 'acme-prod',
  rules: [{ kind: 'pr-required', approvers, minApprovals }],
  rollback: 'free',
});
const approve = (id: string, revision = head) => ({
  by: { id, name: id },
  verdict: 'approve' as const,
  revision,
});
const reject = (id: string) => ({ ...approve(id), verdict: 'request-changes' as const });
const facts = (more: Partial<ReviewFacts>): ReviewFacts => ({
  head,
  authors: ['omar'],
  reviews: [],
  people: { '@acme/security': ['ada', 'ben', 'omar'], '@acme/ops': ['cyd'], 'dana@example.net': ['dana'] },
  ownership: [],
  ...more,
});
const change = { environment: 'acme-prod', way: 'pull-request' } as const;

describe('pr-required', () => {
  for (const { name, of, given, want } of [
    { name: 'no approval', of: policy(1, '@acme/security'), given: {}, want: false },
    {
      name: 'one of one',
      of: policy(1, '@acme/security'),
      given: { reviews: [approve('ada')] },
      want: true,
    },
    {
      name: 'one of two',
      of: policy(2, '@acme/security'),
      given: { reviews: [approve('ada')] },
      want: false,
    },
    {
      name: 'the same person twice is one',
      of: policy(2, '@acme/security'),
      given: { reviews: [approve('ada'), approve('ada')] },
      want: false,
    },
    {
      name: 'two people',
      of: policy(2, '@acme/security'),
      given: { reviews: [approve('ada'), approve('ben')] },
      want: true,
    },
    {
      name: 'an author does not count',
      of: policy(1, '@acme/security'),
      given: { reviews: [approve('omar')] },
      want: false,
    },
    {
      name: 'an approval of an earlier head does not count',
      of: policy(1, '@acme/security'),
      given: { reviews: [approve('ada', earlier)] },
      want: false,
    },
    {
      name: 'nobody else counts',
      of: policy(1, '@acme/security'),
      given: { reviews: [approve('cyd')] },
      want: false,
    },
    {
      name: 'a user by e-mail',
      of: policy(1, 'dana@example.net'),
      given: { reviews: [approve('dana')] },
      want: true,
    },
    {
      name: 'one who asks for changes blocks',
      of: policy(1, '@acme/security'),
      given: { reviews: [approve('ada'), reject('ben')] },
      want: false,
    },
    {
      name: 'a later verdict replaces an earlier one',
      of: policy(1, '@acme/security'),
      given: { reviews: [reject('ada'), approve('ada')] },
      want: true,
    },
    {
      name: 'a stranger’s wish blocks nothing',
      of: policy(1, '@acme/security'),
      given: { reviews: [approve('ada'), reject('cyd')] },
      want: true,
    },
    {
      name: 'owners of every part that changes are needed',
      of: policy(1, 'codeowners'),
      given: {
        reviews: [approve('ada')],
        ownership: [
          { owners: ['@acme/security'], paths: ['a'] },
          { owners: ['@acme/ops'], paths: ['b'] },
        ],
      },
      want: false,
    },
    {
      name: 'owners of every part are there',
      of: policy(1, 'codeowners'),
      given: {
        reviews: [approve('ada'), approve('cyd')],
        ownership: [
          { owners: ['@acme/security'], paths: ['a'] },
          { owners: ['@acme/ops'], paths: ['b'] },
        ],
      },
      want: true,
    },
    {
      name: 'a team that is gone approves nothing',
      of: policy(1, '@acme/gone'),
      given: { reviews: [approve('ada')] },
      want: false,
    },
  ])
    it(`${name}: ${want ? 'open' : 'closed'}`, () =>
      assert.equal(evaluatePolicy(of, change, { now: 0, review: facts(given) }).allowed, want));

  it('says that approvals fell', () => {
    const { blocked } = evaluatePolicy(policy(1, '@acme/security'), change, {
      now: 0,
      review: facts({ reviews: [approve('ada', earlier)] }),
    });
    assert.match(blocked[0]?.reason ?? '', /1 more approval from @acme\/security.*One approval fell/);
    assert.deepEqual(blocked[0]?.needs, ['@acme/security']);
  });

  it('agrees with a naive count, and never counts an author', () => {
    const person = fc.constantFrom('ada', 'ben', 'cyd', 'dana', 'omar');
    const review = fc.record({
      by: person.map((id) => ({ id, name: id })),
      verdict: fc.constantFrom('approve' as const, 'request-changes' as const),
      revision: fc.constantFrom(head, earlier),
    });
    fc.assert(
      fc.property(
        fc.array(review, { maxLength: 8 }),
        fc.array(person, { maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (reviews, authors, min) => {
          const given = facts({ reviews, authors });
          const { allowed } = evaluatePolicy(policy(min, '@acme/security', 'dana@example.net'), change, {
            now: 0,
            review: given,
          });
          let count = 0;
          let against = false;
          for (const id of ['ada', 'ben', 'omar', 'dana'] as const) {
            if (authors.includes(id)) continue;
            const last = reviews.filter((entry) => entry.by.id === id && entry.revision === head).at(-1);
            if (last?.verdict === 'approve') count += 1;
            if (last?.verdict === 'request-changes') against = true;
          }
          assert.equal(allowed, count >= min && !against);
        },
      ),
    );
  });
});

describe('the way of a change', () => {
  const free = policy(1, '@acme/security');
  const gated = { ...free, rollback: 'gated' as const };
  const allowed = (of: Policy | undefined, way: 'direct' | 'rollback' | 'operation') =>
    evaluatePolicy(of, { environment: 'acme-prod', way }, { now: 0 }).allowed;
  it('direct changes are refused where pull requests are required', () => {
    assert.equal(allowed(free, 'direct'), false);
    assert.equal(allowed(undefined, 'direct'), true);
    assert.equal(isProtected(free), true);
    assert.equal(isProtected({ ...free, rules: [] }), false);
  });
  it('rollback is free unless gated; operations always are', () => {
    assert.equal(allowed(free, 'rollback'), true);
    assert.equal(allowed(gated, 'rollback'), false);
    assert.equal(allowed(gated, 'operation'), true);
  });
});

const file = (spec: string, name = 'acme-prod-policy') => `apiVersion: catalyst.openova.io/v1alpha1
kind: EnvironmentPolicy
metadata: { name: ${name} }
spec:
  appliesTo: { environments: [acme-prod] }
${spec}
`;
const path = 'policies/acme-prod-policy.yaml';
const rule = (fields: string) => `  rules: [{ kind: pr-required, ${fields} }]`;

describe('the file of a policy', () => {
  for (const { name, text, at = path, want } of [
    { name: 'an unknown kind', text: file('  rules: [{ kind: nonsense }]'), want: 'UnknownKind' },
    { name: 'a kind of every object', text: file('  rules: [{ kind: toString }]'), want: 'UnknownKind' },
    { name: 'no approvers', text: file(rule('approvers: [], minApprovals: 1')), want: 'InvalidField' },
    { name: 'none needed', text: file(rule('approvers: [a@b.c], minApprovals: 0')), want: 'InvalidField' },
    {
      name: 'an unknown field',
      text: file(rule('approvers: [a@b.c], minApprovals: 1, x: 1')),
      want: 'InvalidField',
    },
    { name: 'another file', text: file('  rules: []'), at: 'policies/x.yaml', want: 'InvalidName' },
    { name: 'another name', text: file('  rules: []', 'acme-dev-policy'), want: 'InvalidName' },
    { name: 'no YAML', text: ': [', want: 'InvalidFile' },
  ])
    it(`${name} is refused`, () => {
      const parsed = parsePolicyFile(at, text);
      assert.equal(parsed.ok ? 'ok' : parsed.problems[0]?.code, want);
    });

  const directory = (handle: string) =>
    ({ '@acme/security': ['ada', 'ben'], 'dana@example.net': ['dana'] })[handle];
  for (const { name, fields, want } of [
    { name: 'a team', fields: 'approvers: ["@acme/security"], minApprovals: 2', want: 0 },
    { name: 'a team by its bare name', fields: 'approvers: [security], minApprovals: 2', want: 0 },
    { name: 'the owners', fields: 'approvers: [codeowners], minApprovals: 2', want: 0 },
    { name: 'a team that is not there', fields: 'approvers: [nobody], minApprovals: 1', want: 1 },
    { name: 'no name at all', fields: 'approvers: ["?"], minApprovals: 1', want: 1 },
    { name: 'more than there are', fields: 'approvers: [security], minApprovals: 3', want: 1 },
  ])
    it(`${name}: ${want === 0 ? 'can be met' : 'can never be met'}`, () => {
      const parsed = parsePolicyFile(path, file(rule(fields)));
      assert.ok(parsed.ok);
      assert.equal(checkPolicy(parsed.value, directory, { now: 0 }).length, want);
    });

  it('reads as sentences', () => {
    const parsed = parsePolicyFile(path, file(rule('approvers: [codeowners, security], minApprovals: 2')));
    assert.ok(parsed.ok);
    assert.deepEqual(describePolicy(parsed.value), [
      'Only pull requests change it, each with 2 approvals from the owners of what changes or @acme/security.',
      'Going back to a state that was here before needs nothing.',
    ]);
  });
});
