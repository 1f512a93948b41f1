import type { JsonObject } from '../kubernetes.ts';
import { parseEnvironmentName } from '../names.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import { EnvironmentPolicyFile, policyName, policyPath } from '../resources/environment-policy.ts';
import { checkSchema } from '../schema/check-schema.ts';
import type { GateVerdict } from '../views/plan.ts';
import { parseYamlObject } from '../yaml/parse-yaml.ts';
import { checkAutomaticRollback, describeAutomaticRollback } from './automatic-rollback.ts';
import { checkTogether } from './check-together.ts';
import type { Directory, PolicyChange, PolicyFacts, PolicySurroundings } from './facts.ts';
import { kindOf, type PolicyRule, ruleKinds } from './rule-kinds.ts';

/** What protects one Environment. */
export interface Policy {
  readonly name: string;
  readonly environment: string;
  readonly rules: readonly PolicyRule[];
  readonly rollback: 'free' | 'gated';
  /** What a merge brought goes back by itself when it does not come to run in this time, as `10m`. */
  readonly automaticRollback?: { readonly after: string };
}

/**
 * What a policy says of a change. `blocked` are the gates that are closed, in the order of the rules; it may be allowed all the same
 * where the glass is broken.
 */
export interface PolicyOutcome {
  readonly allowed: boolean;
  readonly gates: readonly GateVerdict[];
  readonly blocked: readonly GateVerdict[];
  /** Only because somebody broke the glass. */
  readonly byBreakGlass?: true;
}

/**
 * The one evaluation, for the console's preview, the API, the merge and the Git receive: pure, so that the same facts give the same
 * answer for ever. Nothing is asked of an operation; a rollback passes where the policy leaves it free.
 */
export function evaluatePolicy(
  policy: Policy | undefined,
  change: PolicyChange,
  facts: PolicyFacts,
): PolicyOutcome {
  const free = change.way === 'operation' || (change.way === 'rollback' && policy?.rollback !== 'gated');
  const gates = !policy || free ? [] : evaluateRules(policy.rules, facts);
  const blocked = gates.filter(({ allowed }) => !allowed);
  if (blocked.length === 0) return { allowed: true, gates, blocked };
  // Breaking the glass is for merges: there is still something that people can look at afterwards.
  const broken = change.way === 'pull-request' && isBroken(facts);
  return { allowed: broken, gates, blocked, ...(broken ? { byBreakGlass: true } : {}) };
}

function isBroken({ breakGlass, now }: PolicyFacts): boolean {
  return breakGlass !== undefined && now < Date.parse(breakGlass.until);
}

/** Gates in the order of the rules; of alternatives, those that are closed while another is open are left out. */
function evaluateRules(rules: readonly PolicyRule[], facts: PolicyFacts): GateVerdict[] {
  const gates = rules.map((rule) => kindOf(rule).evaluate(rule, facts));
  const alternatives = gates.filter((_gate, at) => isAlternative(rules[at]));
  if (alternatives.length === 0) return gates;
  const open = new Set(alternatives.filter(({ allowed }) => allowed).map(({ rule }) => rule));
  const soonest = new Map<string, string>();
  for (const { rule, until } of alternatives)
    if (until !== undefined && until < (soonest.get(rule) ?? '9')) soonest.set(rule, until);
  return gates.filter(
    ({ rule, allowed, until }, at) =>
      allowed ||
      !isAlternative(rules[at]) ||
      (!open.has(rule) && (until ?? '') === (soonest.get(rule) ?? '')),
  );
}

function isAlternative(rule: PolicyRule | undefined): boolean {
  return rule !== undefined && kindOf(rule).alternatives === true;
}

/** Whether only pull requests change the Environment. */
export function isProtected(policy: Policy | undefined): boolean {
  return policy?.rules.some(({ kind }) => kind === 'pr-required') === true;
}

/** Each rule in words, and what the policy says of going back. */
export function describePolicy(policy: Policy): string[] {
  return [
    ...policy.rules.map((rule) => kindOf(rule).describe(rule)),
    policy.rollback === 'gated'
      ? 'Going back to an earlier state needs the same.'
      : 'Going back to a state that was here before needs nothing.',
    ...(policy.automaticRollback ? [describeAutomaticRollback(policy.automaticRollback)] : []),
  ];
}

/** Parses the file of a policy; whether its Environment and approvers exist is not looked at. */
export function parsePolicyFile(path: string, text: string): Result<Policy> {
  const parsed = parseYamlObject(text, path);
  if (!parsed.ok) return refused(...parsed.problems.map((problem) => ({ ...problem, code: 'InvalidFile' })));
  return parsePolicy(path, parsed.value);
}

/** The same for what was parsed already. */
export function parsePolicy(path: string, value: JsonObject): Result<Policy> {
  const problems = checkSchema(EnvironmentPolicyFile, value, path);
  if (problems.length > 0) return refused(...problems);
  // What the schema just accepted is what its type says.
  const { metadata, spec } = value as unknown as EnvironmentPolicyFile;
  const environment = spec.appliesTo.environments[0] ?? '';
  const organization = parseEnvironmentName(environment)?.organization;
  if (path !== policyPath(environment) || metadata.name !== policyName(environment) || !organization)
    return refused({
      code: 'InvalidName',
      file: path,
      field: 'spec.appliesTo.environments',
      message:
        'A policy is named for its Environment: policies/<environment>-policy.yaml applies to exactly that one.',
    });
  const rules: PolicyRule[] = [];
  for (const [at, rule] of spec.rules.entries()) {
    const found = checkRule(rule, path, `spec.rules.${at}`);
    if (found.length > 0) problems.push(...found);
    else {
      const known = rule as unknown as PolicyRule;
      rules.push(kindOf(known).normalise(known, organization));
    }
  }
  problems.push(...checkAutomaticRollback(spec, path));
  if (problems.length > 0) return refused(...problems);
  const { rollback = 'free', automaticRollback } = spec;
  return ok({
    name: metadata.name,
    environment,
    rules,
    rollback,
    ...(automaticRollback ? { automaticRollback } : {}),
  });
}

function checkRule(rule: { readonly kind: string }, file: string, field: string): Problem[] {
  if (!Object.hasOwn(ruleKinds, rule.kind))
    return [
      {
        code: 'UnknownKind',
        file,
        field: `${field}.kind`,
        message: `There is no rule "${rule.kind.slice(0, 40)}". Known are ${Object.keys(ruleKinds).join(', ')}.`,
      },
    ];
  const { schema } = ruleKinds[rule.kind as PolicyRule['kind']];
  return checkSchema(schema, rule).map((problem) => ({
    ...problem,
    file,
    field: [field, problem.field].filter(Boolean).join('.'),
  }));
}

/**
 * What of a policy can never be met or makes no sense, with its field and the way out: approvers who do not exist, more approvals than
 * there are people, a soak in itself, rules that contradict one another.
 */
export function checkPolicy(
  policy: Policy,
  directory: Directory,
  { now, environments }: Omit<PolicySurroundings, 'environment'>,
): Problem[] {
  const around: PolicySurroundings = {
    environment: policy.environment,
    now,
    ...(environments ? { environments } : {}),
  };
  const alone = policy.rules.flatMap((rule, at) =>
    kindOf(rule)
      .check(rule, directory, around)
      .map((problem) => ({ ...problem, at })),
  );
  // What is wrong by itself would only be told of again.
  const together = alone.length > 0 ? [] : checkTogether(policy.rules, around);
  return [...alone, ...together].map(({ at, field, message }) => ({
    code: 'NeverMet',
    file: policyPath(policy.environment),
    field: `spec.rules.${at}.${field}`,
    message,
  }));
}

/** Every team and user that the rules name. */
export function handlesOfPolicy(policy: Policy): string[] {
  const named = policy.rules.flatMap((rule) => [
    ...('approvers' in rule ? rule.approvers : []),
    ...('exceptions' in rule ? (rule.exceptions ?? []) : []),
  ]);
  return [...new Set(named)].filter((name) => name !== 'codeowners');
}

/** Whom the rules name as approvers, by name; owners of files are not among them. */
export function approversOfPolicy(policy: Policy): string[] {
  const named = policy.rules.flatMap((rule) => (rule.kind === 'pr-required' ? rule.approvers : []));
  return [...new Set(named)].filter((name) => name !== 'codeowners');
}
