import type { VerdictDetail, VerdictSummary } from '@catalyst/model/api/verdicts.ts';
import type { PolicyOutcome } from '@catalyst/model/policy/policy.ts';
import { replayVerdict } from '@catalyst/model/policy/verdict.ts';
import type { Verdict } from './verdicts.ts';

/** One line of a list. */
export function toVerdictSummary(verdict: Verdict): VerdictSummary {
  const { outcome, further, number, change } = verdict;
  const closed = [...outcome.blocked, ...further.filter(({ allowed }) => !allowed)];
  return {
    id: verdict.id,
    at: verdict.at,
    environment: verdict.environment,
    application: verdict.application,
    branch: verdict.branch,
    way: change.way,
    ...(number === undefined ? {} : { number }),
    head: verdict.head,
    base: verdict.base,
    by: { ...verdict.by },
    allowed: verdict.allowed,
    ...(outcome.byBreakGlass ? { byBreakGlass: true } : {}),
    reasons: closed.map(({ reason }) => reason),
    times: verdict.times,
    lastAt: verdict.lastAt,
  };
}

/** All of it, with the question asked again now. */
export function toVerdictDetail(verdict: Verdict): VerdictDetail {
  const { policy, change, facts, configRevision } = verdict;
  const { outcome, same } = replayVerdict(verdict);
  return {
    ...toVerdictSummary(verdict),
    ...(configRevision === undefined ? {} : { configRevision }),
    ...(policy ? { policy: { ...policy, rules: policy.rules.map((rule) => ({ ...rule })) } } : {}),
    change: { ...change },
    facts: { ...facts },
    outcome: toOutcome(verdict.outcome),
    further: [...verdict.further],
    problems: [...verdict.problems],
    replayed: { ...(outcome ? { outcome: toOutcome(outcome) } : {}), same },
  };
}

function toOutcome({ allowed, gates, blocked, byBreakGlass }: PolicyOutcome) {
  return { allowed, gates: [...gates], blocked: [...blocked], ...(byBreakGlass ? { byBreakGlass } : {}) };
}
