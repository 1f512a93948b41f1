import { type Static, Type } from 'typebox';
import type { GateVerdict } from '../views/plan.ts';
import { listWords } from './approvals.ts';
import type { PolicyFacts, ScoreFact } from './facts.ts';

const ReScoreGate = Type.Object(
  {
    kind: Type.Literal('re-score-gate'),
    minScore: Type.Integer({ minimum: 0, maximum: 100, description: 'Of 100.' }),
    severity: Type.Optional(
      Type.Union([Type.Literal('blocking'), Type.Literal('warning')], {
        description: '`warning`: what scores less is let in, and told so. Blocking unless told.',
      }),
    ),
  },
  { additionalProperties: false },
);
/** What is let in has at least so high an RE score, as it would run in the Environment (docs/RE-SCORE.md). */
export type ReScoreGateRule = Static<typeof ReScoreGate>;

/** `Cheapest: set limits on Deployment web (+10).` */
function cheapestWords({ lost }: Extract<ScoreFact, { kind: 'scored' }>): string {
  const [cheapest] = lost;
  if (!cheapest) return '';
  const sentence = cheapest.fix.replace(/\.$/, '');
  const [first = '', ...rest] = sentence;
  return ` Cheapest: ${first.toLowerCase()}${rest.join('')} (+${cheapest.points}).`;
}

function unknownWords({ unknown }: Extract<ScoreFact, { kind: 'scored' }>): string {
  return unknown.length === 0 ? '' : ` Not known, and left out: ${listWords(unknown)}.`;
}

function evaluate({ kind: rule, minScore, severity }: ReScoreGateRule, { score }: PolicyFacts): GateVerdict {
  const below = (reason: string): GateVerdict =>
    severity === 'warning'
      ? { rule, allowed: true, severity: 'warning', reason }
      : { rule, allowed: false, reason };
  if (!score)
    return below(
      `The RE score must be at least ${minScore}; it is looked at in pull requests${severity === 'warning' ? ' only' : ', so propose it as one'}.`,
    );
  if (score.kind === 'nothing') return { rule, allowed: true, reason: score.why };
  if (score.kind === 'unknown')
    return below(`At least ${minScore} is asked for, and the RE score cannot be told: ${score.why}`);
  if (score.value >= minScore)
    return {
      rule,
      allowed: true,
      reason: `The RE score is ${score.value}, at least ${minScore} is asked for.${unknownWords(score)}`,
    };
  return below(
    `The RE score is ${score.value}, at least ${minScore} is asked for.${cheapestWords(score)}${unknownWords(score)}`,
  );
}

/** The kind `re-score-gate`. */
export const reScoreGate = {
  schema: ReScoreGate,
  normalise: (rule: ReScoreGateRule): ReScoreGateRule => rule,
  check: () => [],
  evaluate,
  describe: ({ minScore, severity }: ReScoreGateRule): string =>
    severity === 'warning'
      ? `What has an RE score below ${minScore} is let in with a warning.`
      : `What is let in has an RE score of at least ${minScore}.`,
};
