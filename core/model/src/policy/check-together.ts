import { windowState } from '../change-window/change-window.ts';
import { windowOf } from './change-window-rule.ts';
import type { PolicySurroundings, RuleProblem } from './facts.ts';
import type { FreezeRule } from './freeze.ts';
import { kindOf, type PolicyRule } from './rule-kinds.ts';

const yearMs = 366 * 24 * 3_600_000;
/** The rarest window opens on a 29 February. */
const horizonMs = 5 * yearMs;

/** What of rules makes no sense together: one said twice, freezes that overlap, no moment at which anything could change. */
export function checkTogether(
  rules: readonly PolicyRule[],
  around: PolicySurroundings,
): (RuleProblem & { readonly at: number })[] {
  return [...saidTwice(rules), ...overlappingFreezes(rules), ...neverOpen(rules, around)];
}

function saidTwice(rules: readonly PolicyRule[]): (RuleProblem & { at: number })[] {
  const first = new Map<string, number>();
  return rules.flatMap((rule, at) => {
    const { of, field } = kindOf(rule).identity?.(rule) ?? { of: JSON.stringify(rule), field: 'kind' };
    const key = `${rule.kind} ${of}`;
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, at);
      return [];
    }
    return [
      {
        at,
        field,
        message: `Rule ${before + 1} is a ${rule.kind} for the same. Write what both are to say into one of them, and remove the other.`,
      },
    ];
  });
}

const span = ({ from, to }: FreezeRule) => ({ from: Date.parse(from), to: Date.parse(to) });

function overlappingFreezes(rules: readonly PolicyRule[]): (RuleProblem & { at: number })[] {
  return rules.flatMap((rule, at) => {
    if (rule.kind !== 'freeze') return [];
    const { from, to } = span(rule);
    const other = rules.findIndex((before, index) => {
      if (index >= at || before.kind !== 'freeze') return false;
      const earlier = span(before);
      return from < earlier.to && earlier.from < to;
    });
    // What is the same from its first moment on is said twice already.
    if (other < 0 || JSON.stringify(rules[other]) === JSON.stringify(rule)) return [];
    return [
      {
        at,
        field: 'from',
        message: `It overlaps the freeze of rule ${other + 1}. Let one begin when the other ends, or make one of both.`,
      },
    ];
  });
}

/** Freezes that except somebody can be passed; one that ends before it begins is told of by itself. */
function neverOpen(
  rules: readonly PolicyRule[],
  { now }: PolicySurroundings,
): (RuleProblem & { at: number })[] {
  const freezes = rules.flatMap((rule, at) =>
    rule.kind === 'freeze' && !rule.exceptions && span(rule).to > now ? [{ at, ...span(rule) }] : [],
  );
  const windows = rules.flatMap((rule) => (rule.kind === 'change-window' ? [windowOf(rule)] : []));
  let moment = now;
  let culprit: number | undefined;
  while (moment < now + horizonMs) {
    const frozen = freezes.find(({ from, to }) => moment >= from && moment < to);
    if (frozen) {
      culprit = frozen.at;
      moment = frozen.to;
      continue;
    }
    const states = windows.map((window) => windowState(window, moment));
    if (windows.length === 0 || states.some(({ open }) => open)) return [];
    const next = Math.min(
      ...states.map((state) => (state.open ? moment : (state.opensAt ?? Number.POSITIVE_INFINITY))),
    );
    moment = next;
  }
  // A window that never opens by itself is told of by itself.
  if (culprit === undefined) return [];
  return [
    {
      at: culprit,
      field: 'to',
      message:
        'Nothing could ever be let in: in the next five years no change window is open outside the freezes. End the freeze earlier, except somebody from it, or open a window at another time.',
    },
  ];
}
