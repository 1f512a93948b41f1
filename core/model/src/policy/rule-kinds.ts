import type { TSchema } from 'typebox';
import type { GateVerdict } from '../views/plan.ts';
import { type ChangeWindowRule, changeWindow } from './change-window-rule.ts';
import { type ChecksRule, checksRule } from './checks-rule.ts';
import type { Directory, PolicyFacts, PolicySurroundings, RuleProblem } from './facts.ts';
import { type FreezeRule, freeze } from './freeze.ts';
import { type PrRequiredRule, prRequired } from './pr-required.ts';
import { type ReScoreGateRule, reScoreGate } from './re-score-gate.ts';
import { type SoakRule, soak } from './soak.ts';

/** A rule of any kind; its `kind` is an entry of the table. */
export type PolicyRule =
  | PrRequiredRule
  | SoakRule
  | ChangeWindowRule
  | FreezeRule
  | ReScoreGateRule
  | ChecksRule;

/** One kind of rule: its form, what of it can be wrong beyond the form, what it says of a change, and how it reads. */
export interface RuleKind<Rule extends { readonly kind: string }> {
  readonly schema: TSchema;
  /** Of several such rules one that is open is enough. */
  readonly alternatives?: true;
  /** Writes names in full, as `security` to `@acme/security`. */
  normalise(rule: Rule, organization: string): Rule;
  /** A rule that can never be met is wrong. */
  check(rule: Rule, directory: Directory, around: PolicySurroundings): readonly RuleProblem[];
  /** Two rules of the kind with the same answer are one too many; unless told, only those that say exactly the same. */
  identity?(rule: Rule): { readonly of: string; readonly field: string };
  evaluate(rule: Rule, facts: PolicyFacts): GateVerdict;
  /** One sentence. */
  describe(rule: Rule): string;
}

/** Every kind that there is. */
export const ruleKinds: {
  readonly [Kind in PolicyRule['kind']]: RuleKind<Extract<PolicyRule, { kind: Kind }>>;
} = {
  'pr-required': prRequired,
  soak,
  'change-window': changeWindow,
  freeze,
  're-score-gate': reScoreGate,
  checks: checksRule,
};

/** The kind of a rule. */
export function kindOf(rule: PolicyRule): RuleKind<PolicyRule> {
  // Each entry takes the rules of its own kind, and this is the entry of the rule's kind.
  return ruleKinds[rule.kind] as unknown as RuleKind<PolicyRule>;
}
