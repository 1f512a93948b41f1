import { type Static, Type } from 'typebox';
import { type ChangeWindow, checkChangeWindow, windowState } from '../change-window/change-window.ts';
import { durationPattern, parseDuration } from '../change-window/duration.ts';
import { momentWords } from '../change-window/moment-words.ts';
import type { GateVerdict } from '../views/plan.ts';
import type { PolicyFacts } from './facts.ts';

const ChangeWindowSchema = Type.Object(
  {
    kind: Type.Literal('change-window'),
    cron: Type.String({ minLength: 9, maxLength: 100, description: 'When it opens: five fields.' }),
    duration: Type.String({ pattern: durationPattern, description: 'How long it is open, as `2h`.' }),
    timeZone: Type.String({
      minLength: 1,
      maxLength: 60,
      description: 'IANA name of the zone whose clock `cron` follows, as `Asia/Muscat`.',
    }),
  },
  { additionalProperties: false },
);
/** Changes are let in while a window is open. Several such rules are alternatives. */
export type ChangeWindowRule = Static<typeof ChangeWindowSchema>;

/** The window of a rule. */
export function windowOf({ cron, duration, timeZone }: ChangeWindowRule): ChangeWindow {
  return { cron, timeZone, durationMs: parseDuration(duration) };
}

/** A verdict with the moments that it holds for: a window says the same until it opens or closes. */
interface Known {
  readonly from: number;
  readonly to: number;
  readonly gate: GateVerdict;
}

/** The last verdict of each rule, as the calendar is slow to ask; it changes no answer. */
const known = new WeakMap<ChangeWindowRule, Known>();

function evaluate(rule: ChangeWindowRule, { now }: PolicyFacts): GateVerdict {
  const last = known.get(rule);
  if (last && now >= last.from && now < last.to) return last.gate;
  const next = evaluateAt(rule, now);
  known.set(rule, next);
  return next.gate;
}

function evaluateAt(rule: ChangeWindowRule, now: number): Known {
  const state = windowState(windowOf(rule), now);
  if (state.open)
    return {
      from: now,
      to: state.until,
      gate: {
        rule: rule.kind,
        allowed: true,
        reason: `The change window is open until ${momentWords(state.until, rule.timeZone)}.`,
      },
    };
  const { opensAt } = state;
  const gate = { rule: rule.kind, allowed: false };
  return opensAt === undefined
    ? { from: now, to: Infinity, gate: { ...gate, reason: 'The change window never opens again.' } }
    : {
        from: now,
        to: opensAt,
        gate: {
          ...gate,
          reason: `Closed until the change window opens at ${momentWords(opensAt, rule.timeZone)}.`,
          until: new Date(opensAt).toISOString(),
        },
      };
}

/** The kind `change-window`. */
export const changeWindow = {
  schema: ChangeWindowSchema,
  alternatives: true as const,
  normalise: (rule: ChangeWindowRule): ChangeWindowRule => rule,
  // Any moment will do: a window that fires at all fires again within the years that are looked at.
  check: (rule: ChangeWindowRule) =>
    checkChangeWindow(windowOf(rule), Date.UTC(2026, 0, 1)).map(({ field = 'cron', message }) => ({
      field,
      message,
    })),
  identity: ({ cron, timeZone }: ChangeWindowRule) => ({
    of: `${cron.trim().split(/\s+/).join(' ')} ${timeZone}`,
    field: 'cron',
  }),
  evaluate,
  describe: ({ cron, duration, timeZone }: ChangeWindowRule): string =>
    `Changes are let in for ${duration} from each "${cron}" by the clock of ${timeZone}.`,
};
