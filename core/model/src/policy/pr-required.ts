import { type Static, Type } from 'typebox';
import { isOwnerHandle, type OwnerHandle } from '../codeowners/codeowners.ts';
import { parseEnvironmentName } from '../names.ts';
import type { GateVerdict } from '../views/plan.ts';
import { countApprovals, eligible, listWords, staleApprovals } from './approvals.ts';
import type { Directory, PolicyFacts, PolicySurroundings, ReviewFacts, RuleProblem } from './facts.ts';
import { inFull } from './handles.ts';

/** In `approvers`: the owners of what changes, by CODEOWNERS at the head of the destination. */
const codeowners = 'codeowners';

const PrRequired = Type.Object(
  {
    kind: Type.Literal('pr-required'),
    approvers: Type.Array(Type.String({ minLength: 1, maxLength: 254 }), {
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      description: 'Teams (`@<organization>/<team>` or `<team>`), users by e-mail, or `codeowners`.',
    }),
    minApprovals: Type.Integer({ minimum: 1, maximum: 20 }),
  },
  { additionalProperties: false },
);
/** Only pull requests change the Environment, approved by so many who neither opened it nor brought a commit of it. */
export type PrRequiredRule = Static<typeof PrRequired>;

/** With `codeowners`, those of one part do not stand for those of another: each part that changes needs one of its own. */
function uncoveredParts(facts: ReviewFacts): readonly (readonly OwnerHandle[])[] {
  return facts.ownership
    .map(({ owners }) => owners)
    .filter((owners) => countApprovals(facts, eligible(facts, owners)).approved.length === 0);
}

/** Whom each rule asks of each pull request's facts. */
const asked = new WeakMap<ReviewFacts, Map<PrRequiredRule, readonly OwnerHandle[]>>();

function handlesOf(rule: PrRequiredRule, facts: ReviewFacts): readonly OwnerHandle[] {
  if (!rule.approvers.includes(codeowners)) return rule.approvers;
  const known = asked.get(facts) ?? new Map<PrRequiredRule, readonly OwnerHandle[]>();
  asked.set(facts, known);
  const present = known.get(rule);
  if (present) return present;
  const named = rule.approvers.filter((name) => name !== codeowners);
  const handles = [...new Set([...named, ...facts.ownership.flatMap(({ owners }) => [...owners])])];
  known.set(rule, handles);
  return handles;
}

function evaluateReview(rule: PrRequiredRule, facts: ReviewFacts): GateVerdict {
  const handles = handlesOf(rule, facts);
  const group = eligible(facts, handles);
  const { approved, against } = countApprovals(facts, group);
  if (against.length > 0)
    return {
      rule: rule.kind,
      allowed: false,
      reason: `${listWords(against)} asked for changes.`,
      needs: [...against],
    };
  const missing = rule.minApprovals - approved.length;
  const uncovered = rule.approvers.includes(codeowners) ? uncoveredParts(facts) : [];
  if (missing <= 0 && uncovered.length === 0)
    return {
      rule: rule.kind,
      allowed: true,
      reason: `Approved by ${listWords(approved.map(({ name }) => name))}.`,
    };
  const needs = uncovered.length > 0 ? [...new Set(uncovered.flat())] : handles;
  const count = Math.max(missing, 1);
  const fallen = staleApprovals(facts, group);
  const why =
    fallen > 0
      ? ` ${fallen === 1 ? 'One approval' : `${fallen} approvals`} fell when the content changed.`
      : '';
  return {
    rule: rule.kind,
    allowed: false,
    reason: `Needs ${count} more ${count === 1 ? 'approval' : 'approvals'} from ${listWords(needs, 'or')}, by people who neither opened it nor pushed to it.${why}`,
    needs: [...needs],
  };
}

/** Everybody of an Organization who may approve anything. */
function builtInTeams({ environment }: PolicySurroundings): OwnerHandle[] {
  const organization = parseEnvironmentName(environment)?.organization;
  return ['org-admins', 'org-developers'].map((team) => `@${organization}/${team}`);
}

function describe(rule: PrRequiredRule): string {
  const names = rule.approvers.map((name) => (name === codeowners ? 'the owners of what changes' : name));
  const count = `${rule.minApprovals} ${rule.minApprovals === 1 ? 'approval' : 'approvals'}`;
  return `Only pull requests change it, each with ${count} from ${listWords(names, 'or')}.`;
}

function check(rule: PrRequiredRule, directory: Directory, around: PolicySurroundings): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const people = new Set<string>();
  for (const [at, name] of rule.approvers.entries()) {
    if (name === codeowners) continue;
    const found = isOwnerHandle(name) ? directory(name) : undefined;
    if (!found)
      problems.push({
        field: `approvers.${at}`,
        message: `"${name.slice(0, 80)}" is neither a team nor a member of the Organization. Create the team or add the person first, or name somebody else.`,
      });
    for (const id of found ?? []) people.add(id);
  }
  if (problems.length > 0) return problems;
  const byFile = rule.approvers.includes(codeowners);
  const everybody = byFile ? builtInTeams(around).map(directory) : [];
  // Owners are people of the Organization; where those are not known, nothing is said.
  if (everybody.includes(undefined)) return [];
  for (const id of everybody.flatMap((ids) => [...(ids ?? [])])) people.add(id);
  if (people.size >= rule.minApprovals) return [];
  const where = byFile ? 'the Organization' : listWords(rule.approvers, 'or');
  return [
    {
      field: 'minApprovals',
      message: `${rule.minApprovals} approvals can never be met: only ${people.size} ${people.size === 1 ? 'person' : 'people'} may approve. Add members to ${where}, or ask for fewer.`,
    },
  ];
}

/** The kind `pr-required`. */
export const prRequired = {
  schema: PrRequired,
  normalise: (rule: PrRequiredRule, organization: string): PrRequiredRule => ({
    ...rule,
    approvers: rule.approvers.map((name) => (name === codeowners ? name : inFull(name, organization))),
  }),
  check,
  identity: ({ approvers }: PrRequiredRule) => ({ of: [...approvers].sort().join(' '), field: 'approvers' }),
  evaluate: (rule: PrRequiredRule, facts: PolicyFacts): GateVerdict =>
    facts.review
      ? evaluateReview(rule, facts.review)
      : { rule: rule.kind, allowed: false, reason: describe(rule), needs: [...rule.approvers] },
  describe,
};
