import { type Static, Type } from 'typebox';
import type { GateVerdict } from '../views/plan.ts';
import { listWords } from './approvals.ts';
import type { PolicyFacts } from './facts.ts';

const Checks = Type.Object(
  {
    kind: Type.Literal('checks'),
    names: Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,79}$' }), {
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      description: 'Results that must be posted as successful for exactly the head.',
    }),
  },
  { additionalProperties: false },
);
/** Named external results must be good. */
export type ChecksRule = Static<typeof Checks>;

function evaluate(rule: ChecksRule, { review, checks = [] }: PolicyFacts): GateVerdict {
  const statusOf = (name: string) =>
    checks.find((check) => check.name === name && check.revision === review?.head)?.status;
  const failed = rule.names.filter((name) => statusOf(name) === 'failure');
  const open = rule.names.filter((name) => !['success', 'failure'].includes(statusOf(name) ?? ''));
  if (failed.length + open.length === 0)
    return { rule: rule.kind, allowed: true, reason: `${listWords(rule.names)} passed.` };
  const parts = [
    ...(failed.length > 0 ? [`${listWords(failed)} failed`] : []),
    ...(open.length > 0
      ? [`${listWords(open)} ${open.length === 1 ? 'has' : 'have'} not reported on this head`]
      : []),
  ];
  return { rule: rule.kind, allowed: false, reason: `${parts.join('; ')}.`, needs: [...failed, ...open] };
}

/** The kind `checks`. */
export const checksRule = {
  schema: Checks,
  normalise: (rule: ChecksRule): ChecksRule => rule,
  check: () => [],
  identity: () => ({ of: 'checks', field: 'names' }),
  evaluate,
  describe: ({ names }: ChecksRule): string => `${listWords(names)} must have passed for what is merged.`,
};
