import type { Problem } from '@catalyst/model/problem.ts';
import { blankRule, type FormPlace, type RuleDraft, ruleForms } from './rule-forms.ts';

/** The `spec` of a policy, without what it applies to. */
export type PolicySpec = Readonly<Record<string, unknown>>;

/** A policy while it is edited as a form. */
export interface PolicyDraft {
  readonly rules: readonly RuleDraft[];
  readonly rollbackGated: boolean;
  /** What the form does not know; it stays. */
  readonly rest: PolicySpec;
}

const isRule = (value: unknown): value is RuleDraft =>
  typeof value === 'object' && value !== null && typeof (value as RuleDraft).kind === 'string';

/** The form of what a policy says; where there is none, one that is often wanted. Undefined: a form cannot show it. */
export function toDraft(spec: PolicySpec | undefined, place: FormPlace): PolicyDraft | undefined {
  if (spec === undefined) {
    const first = ruleForms.find(({ kind }) => kind === 'pr-required');
    return { rules: first ? [blankRule(first, place)] : [], rollbackGated: false, rest: {} };
  }
  const { rules = [], rollback, ...rest } = spec;
  if (!Array.isArray(rules) || !rules.every(isRule)) return undefined;
  return { rules, rollbackGated: rollback === 'gated', rest };
}

/** What the form says. Null: no rule is left, so there is no policy. */
export function toSpec({ rules, rollbackGated, rest }: PolicyDraft): PolicySpec | null {
  if (rules.length === 0) return null;
  return { ...rest, rules: [...rules], rollback: rollbackGated ? 'gated' : 'free' };
}

/** In what time a merge has to come to run, or goes back by itself; empty: it stays. */
export function rollbackAfter({ rest }: PolicyDraft): string {
  const { automaticRollback } = rest as { automaticRollback?: { after?: unknown } };
  return typeof automaticRollback?.after === 'string' ? automaticRollback.after : '';
}

/** With another such time. */
export function setRollbackAfter(draft: PolicyDraft, after: string): PolicyDraft {
  const { automaticRollback: _before, ...rest } = draft.rest;
  return { ...draft, rest: after === '' ? rest : { ...rest, automaticRollback: { after } } };
}

/** With another value of one field; an optional one that is emptied goes. */
export function setField(rule: RuleDraft, name: string, value: unknown, required: boolean): RuleDraft {
  const { [name]: _before, ...others } = rule;
  const empty = value === '' || value === undefined || (Array.isArray(value) && value.length === 0);
  return { ...others, kind: rule.kind, ...(empty && !required ? {} : { [name]: value }) };
}

/** With one rule in another place; out of bounds changes nothing. */
export function moveRule(rules: readonly RuleDraft[], from: number, to: number): readonly RuleDraft[] {
  const moved = rules[from];
  if (moved === undefined || to < 0 || to >= rules.length) return rules;
  const others = rules.filter((_rule, at) => at !== from);
  return [...others.slice(0, to), moved, ...others.slice(to)];
}

/** The message of what is wrong with one field of one rule. */
export function problemOf(problems: readonly Problem[], at: number, name: string): string | undefined {
  const field = `spec.rules.${at}.${name}`;
  const found = problems.filter(
    (problem) => problem.field === field || problem.field?.startsWith(`${field}.`),
  );
  return found.length === 0 ? undefined : found.map(({ message }) => message).join(' ');
}

/** What is wrong beside the fields that the form shows. */
export function otherProblems(problems: readonly Problem[], { rules }: PolicyDraft): readonly Problem[] {
  const shown = rules.flatMap((rule, at) =>
    (ruleForms.find(({ kind }) => kind === rule.kind)?.fields ?? []).map(
      ({ name }) => `spec.rules.${at}.${name}`,
    ),
  );
  return problems.filter(
    ({ field }) => !shown.some((name) => field === name || field?.startsWith(`${name}.`)),
  );
}
