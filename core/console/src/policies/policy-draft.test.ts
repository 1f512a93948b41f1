import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ruleKinds } from '@catalyst/model/policy/rule-kinds.ts';
import { checkSchema } from '@catalyst/model/schema/check-schema.ts';
import { Type } from 'typebox';
import { fromLocalField, toLocalField } from './moments.ts';
import {
  moveRule,
  otherProblems,
  problemOf,
  rollbackAfter,
  setField,
  setRollbackAfter,
  toDraft,
  toSpec,
} from './policy-draft.ts';
import { blankRule, type RuleDraft, ruleForms, toRuleForm } from './rule-forms.ts';

const place = {
  organization: 'acme',
  environment: 'acme-prod',
  environments: ['acme-prod', 'acme-stg'],
};
const review: RuleDraft = { kind: 'pr-required', approvers: ['@acme/security'], minApprovals: 2 };
const soak: RuleDraft = { kind: 'soak', sourceEnvironment: 'acme-stg', duration: '72h' };

describe('the form of a policy', () => {
  it('has every field of every kind, and asks for each by the way that it is made for', () => {
    for (const { kind, fields } of ruleForms) {
      const { schema } = ruleKinds[kind as keyof typeof ruleKinds];
      const { properties } = schema as { properties?: object };
      assert.deepEqual(
        fields.map(({ name }) => name),
        Object.keys(properties ?? {}).filter((name) => name !== 'kind'),
      );
    }
    const field = (kind: string, name: string) =>
      ruleForms.find((form) => form.kind === kind)?.fields.find((one) => one.name === name);
    assert.equal(field('pr-required', 'approvers')?.widget, 'approvers');
    assert.deepEqual(
      [field('pr-required', 'minApprovals')?.widget, field('pr-required', 'minApprovals')?.maximum],
      ['number', 20],
    );
    assert.equal(field('freeze', 'exceptions')?.required, false);
    assert.equal(field('checks', 'names')?.widget, 'list');
  });

  it('shows a kind that nobody wrote words for by its schema', () => {
    const schema = Type.Object({
      kind: Type.Literal('new-kind'),
      minScore: Type.Integer({ minimum: 1, maximum: 100, description: 'Of 100.' }),
      severity: Type.Union([Type.Literal('blocking'), Type.Literal('warning')]),
      strict: Type.Optional(Type.Boolean()),
    });
    const form = toRuleForm('new-kind', schema);
    assert.equal(form.title, 'New kind');
    assert.deepEqual(
      form.fields.map(({ name, label, widget, required }) => [name, label, widget, required]),
      [
        ['minScore', 'Min score', 'number', true],
        ['severity', 'Severity', 'choice', true],
        ['strict', 'Strict', 'switch', false],
      ],
    );
    assert.deepEqual(blankRule(form, place), { kind: 'new-kind', minScore: 1, severity: 'blocking' });
  });

  it('begins with rules that only miss what people must say', () => {
    const missing: Readonly<Record<string, readonly string[]>> = {
      freeze: ['from', 'to', 'reason'],
      checks: ['names'],
    };
    for (const form of ruleForms) {
      const { schema } = ruleKinds[form.kind as keyof typeof ruleKinds];
      const fields = checkSchema(schema, blankRule(form, place)).map(({ field }) => field);
      assert.deepEqual(fields, missing[form.kind] ?? [], form.kind);
    }
  });

  it('says the same when nothing was changed, with what it does not know', () => {
    const spec = { rules: [soak, review], rollback: 'gated', note: 'x' };
    const draft = toDraft(spec, place);
    assert.ok(draft);
    assert.deepEqual(toSpec(draft), spec);
  });

  it('proposes something sensible where there is no policy, and nothing when no rule is left', () => {
    const draft = toDraft(undefined, place);
    assert.deepEqual(draft && toSpec(draft), {
      rules: [
        {
          kind: 'pr-required',
          approvers: ['@acme/org-admins', '@acme/org-developers'],
          minApprovals: 1,
        },
      ],
      rollback: 'free',
    });
    assert.equal(draft && toSpec({ ...draft, rules: [] }), null);
  });

  for (const [name, spec] of [
    ['rules that are no list', { rules: 'all' }],
    ['a rule that is no object', { rules: ['soak'] }],
    ['a rule without a kind', { rules: [{ duration: '1h' }] }],
  ] as const)
    it(`cannot show ${name}`, () => assert.equal(toDraft(spec, place), undefined));

  it('takes an optional field away when it is emptied, and leaves a required one empty', () => {
    const freeze: RuleDraft = { kind: 'freeze', reason: 'x', exceptions: ['a'] };
    assert.deepEqual(setField(freeze, 'exceptions', [], false), { kind: 'freeze', reason: 'x' });
    assert.deepEqual(setField(freeze, 'reason', '', true), { ...freeze, reason: '' });
  });

  it('moves rules within their list', () => {
    assert.deepEqual(moveRule([soak, review], 1, 0), [review, soak]);
    assert.deepEqual(moveRule([soak, review], 0, 1), [review, soak]);
    assert.deepEqual(moveRule([soak, review], 0, -1), [soak, review]);
    assert.deepEqual(moveRule([soak, review], 1, 2), [soak, review]);
  });

  it('puts problems at their fields, and the rest beside', () => {
    const draft = toDraft({ rules: [soak, review] }, place);
    assert.ok(draft);
    const problems = [
      { code: 'NeverMet', field: 'spec.rules.1.approvers.0', message: 'Nobody.' },
      { code: 'NeverMet', field: 'spec.rules.10.approvers', message: 'Another.' },
      { code: 'InvalidField', field: 'spec.note', message: 'There is no such field.' },
    ];
    assert.equal(problemOf(problems, 1, 'approvers'), 'Nobody.');
    assert.equal(problemOf(problems, 0, 'duration'), undefined);
    assert.deepEqual(otherProblems(problems, draft), problems.slice(1));
  });

  it('knows in what time a merge has to come to run, and leaves everything else', () => {
    const spec = { rules: [review], rollback: 'free', automaticRollback: { after: '10m' }, note: 'x' };
    const draft = toDraft(spec, place);
    assert.ok(draft);
    assert.equal(rollbackAfter(draft), '10m');
    assert.deepEqual(toSpec(draft), spec);
    assert.deepEqual(toSpec(setRollbackAfter(draft, '2h')), { ...spec, automaticRollback: { after: '2h' } });
    const { automaticRollback: _gone, ...without } = spec;
    assert.deepEqual(toSpec(setRollbackAfter(draft, '')), without);
    assert.equal(rollbackAfter(setRollbackAfter(draft, '')), '');
  });

  it('shows moments by the clock of the device and keeps them to the minute', () => {
    for (const text of ['2026-12-20T00:00:00+04:00', '2026-07-01T12:30:00Z', '2027-01-01T23:59:00-03:30']) {
      const back = fromLocalField(toLocalField(text));
      assert.equal(Date.parse(back), Date.parse(text));
      assert.match(back, /^\d{4}-\d\d-\d\dT\d\d:\d\d:00[+-]\d\d:\d\d$/);
    }
    for (const wrong of ['', 'tomorrow', undefined, 7]) assert.equal(toLocalField(wrong), '');
    assert.equal(fromLocalField(''), '');
  });
});
