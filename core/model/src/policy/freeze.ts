import { type Static, Type } from 'typebox';
import { momentWords } from '../change-window/moment-words.ts';
import { isOwnerHandle } from '../codeowners/codeowners.ts';
import type { GateVerdict } from '../views/plan.ts';
import { listWords } from './approvals.ts';
import type { Directory, PolicyFacts, RuleProblem } from './facts.ts';
import { inFull } from './handles.ts';

const Freeze = Type.Object(
  {
    kind: Type.Literal('freeze'),
    from: Type.String({ format: 'date-time', description: 'With its offset, as 2026-12-20T00:00:00+04:00.' }),
    to: Type.String({ format: 'date-time' }),
    reason: Type.String({ minLength: 1, maxLength: 200 }),
    exceptions: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 254 }), {
        minItems: 1,
        maxItems: 20,
        uniqueItems: true,
        description:
          'Who may let changes in all the same, by who merges: teams (`org-admins`, `@<organization>/<team>`) or users by e-mail.',
      }),
    ),
  },
  { additionalProperties: false },
);
/** Nothing changes between two moments, unless one of the excepted merges it. */
export type FreezeRule = Static<typeof Freeze>;

function evaluate(rule: FreezeRule, { now, actor, people, review }: PolicyFacts): GateVerdict {
  const [from, to] = [Date.parse(rule.from), Date.parse(rule.to)];
  const opened = (reason: string): GateVerdict => ({ rule: rule.kind, allowed: true, reason });
  if (now < from) return opened(`Frozen from ${momentWords(from, 'UTC')}: ${rule.reason}`);
  if (now >= to) return opened(`The freeze ended at ${momentWords(to, 'UTC')}.`);
  const told = `Frozen until ${momentWords(to, 'UTC')}: ${rule.reason}`;
  const exceptions = rule.exceptions ?? [];
  const known = people ?? review?.people ?? {};
  const by = actor && exceptions.find((handle) => known[handle]?.includes(actor.id));
  if (actor && by !== undefined) return opened(`${told} ${actor.name} is excepted (${by}).`);
  const excepted =
    exceptions.length > 0 ? ` Only ${listWords(exceptions, 'or')} may let it in before, by merging it.` : '';
  return {
    rule: rule.kind,
    allowed: false,
    reason: `${told}${excepted}`,
    until: new Date(to).toISOString(),
  };
}

function check(rule: FreezeRule, directory: Directory): RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (!(Date.parse(rule.to) > Date.parse(rule.from)))
    problems.push({ field: 'to', message: 'A freeze ends after it begins. Choose a later end.' });
  for (const [at, name] of (rule.exceptions ?? []).entries()) {
    const found = isOwnerHandle(name) ? directory(name) : undefined;
    if (!found)
      problems.push({
        field: `exceptions.${at}`,
        message: `"${name.slice(0, 80)}" is neither a team nor a member of the Organization. Create the team or add the person first, or name somebody else.`,
      });
    else if (found.length === 0)
      problems.push({
        field: `exceptions.${at}`,
        message: `Nobody of ${name} may change anything, so this excepts nobody. Add members to it, or take it out.`,
      });
  }
  return problems;
}

/** The kind `freeze`. */
export const freeze = {
  schema: Freeze,
  normalise: (rule: FreezeRule, organization: string): FreezeRule =>
    rule.exceptions
      ? { ...rule, exceptions: rule.exceptions.map((name) => inFull(name, organization)) }
      : rule,
  check,
  evaluate,
  describe: ({ from, to, reason, exceptions }: FreezeRule): string => {
    const span = `Nothing changes from ${momentWords(Date.parse(from), 'UTC')} to ${momentWords(Date.parse(to), 'UTC')}`;
    return `${span}${exceptions ? `, unless ${listWords(exceptions, 'or')} merges it` : ''}: ${reason}`;
  },
};
