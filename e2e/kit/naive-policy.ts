/**
 * A second opinion on policies, written from their description alone and as plainly as possible: slow, and of nothing of the product. It
 * knows only cron expressions of `*` and single numbers.
 */

/** A rule as people write it. */
export type NaiveRule =
  | { readonly kind: 'pr-required'; readonly approvers: readonly string[]; readonly minApprovals: number }
  | { readonly kind: 'soak'; readonly sourceEnvironment: string; readonly duration: string }
  | {
      readonly kind: 'change-window';
      readonly cron: string;
      readonly duration: string;
      readonly timeZone: string;
    }
  | {
      readonly kind: 'freeze';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly exceptions?: readonly string[];
    }
  | { readonly kind: 'checks'; readonly names: readonly string[] };

/** `base/`: what is there by path, as real git says it. */
export type NaiveBase = Readonly<Record<string, string>>;

/** What the test itself knows of a change. */
export interface NaiveFacts {
  readonly now: number;
  /** Whether it comes by a pull request. */
  readonly reviewed: boolean;
  /** Who merges or pushes it. */
  readonly who: string;
  /** Everybody who opened it or brought a part of it. */
  readonly authors: readonly string[];
  /** The last verdict of each person, and whether it is about the present content. */
  readonly verdicts: Readonly<
    Record<string, { readonly verdict: 'approve' | 'request-changes'; readonly fresh: boolean }>
  >;
  /** People by the name that a rule gives them. */
  readonly people: Readonly<Record<string, readonly string[]>>;
  /** Last result of each check for the present content. */
  readonly checks: Readonly<Record<string, 'pending' | 'success' | 'failure'>>;
  /** `base/` of the destination, as real git merges it, and of the head that people look at. */
  readonly base: { readonly before: NaiveBase; readonly merged: NaiveBase; readonly head: NaiveBase };
  /** How long what the head has in `base/` has been Running in the Environment before; undefined: never. */
  readonly soakedMs: number | undefined;
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function toMs(duration: string): number {
  return Number(duration.slice(0, -1)) * (units[duration.slice(-1)] ?? Number.NaN);
}

function clockOf(at: number, timeZone: string): number[] {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    minute: 'numeric',
    hour: 'numeric',
    day: 'numeric',
    month: 'numeric',
    weekday: 'short',
  }).formatToParts(at);
  const part = (type: string) => parts.find((entry) => entry.type === type)?.value ?? '';
  const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part('weekday'));
  return [Number(part('minute')), Number(part('hour')), Number(part('day')), Number(part('month')), weekday];
}

/** Looks at every minute that could have opened the window. */
function isOpen(rule: Extract<NaiveRule, { kind: 'change-window' }>, now: number): boolean {
  const fields = rule.cron.split(' ');
  for (let at = Math.floor(now / 60_000) * 60_000; at > now - toMs(rule.duration); at -= 60_000) {
    const clock = clockOf(at, rule.timeZone);
    if (fields.every((field, index) => field === '*' || Number(field) === clock[index])) return true;
  }
  return false;
}

function isApproved(rule: Extract<NaiveRule, { kind: 'pr-required' }>, facts: NaiveFacts): boolean {
  if (!facts.reviewed) return false;
  let approvals = 0;
  for (const [person, { verdict, fresh }] of Object.entries(facts.verdicts)) {
    const counts = rule.approvers.some((name) => facts.people[name]?.includes(person));
    if (!counts || !fresh || facts.authors.includes(person)) continue;
    if (verdict === 'request-changes') return false;
    approvals += 1;
  }
  return approvals >= rule.minApprovals;
}

/** Nothing new comes, or what comes is what ran elsewhere, and for long enough. */
function isSoaked(rule: Extract<NaiveRule, { kind: 'soak' }>, { base, soakedMs }: NaiveFacts): boolean {
  const { before, merged, head } = base;
  const differ = (left: NaiveBase, right: NaiveBase) =>
    Object.keys({ ...left, ...right }).filter((path) => left[path] !== right[path]);
  const changed = differ(before, merged);
  if (changed.length === 0) return true;
  if (changed.includes('base/application.yaml') && changed.every((path) => merged[path] === undefined))
    return true;
  return differ(merged, head).length === 0 && soakedMs !== undefined && soakedMs >= toMs(rule.duration);
}

function isMet(rule: NaiveRule, facts: NaiveFacts): boolean {
  switch (rule.kind) {
    case 'pr-required':
      return isApproved(rule, facts);
    case 'soak':
      return facts.reviewed && isSoaked(rule, facts);
    case 'change-window':
      return isOpen(rule, facts.now);
    case 'freeze': {
      const frozen = facts.now >= Date.parse(rule.from) && facts.now < Date.parse(rule.to);
      return !frozen || (rule.exceptions ?? []).some((name) => facts.people[name]?.includes(facts.who));
    }
    case 'checks':
      return facts.reviewed && rule.names.every((name) => facts.checks[name] === 'success');
  }
}

/** Kinds of the rules that are not met, each once; of several windows one that is open is enough. */
export function naivelyClosed(rules: readonly NaiveRule[], facts: NaiveFacts): string[] {
  const closed = new Set<string>();
  const windows = rules.filter(({ kind }) => kind === 'change-window');
  for (const rule of rules) if (rule.kind !== 'change-window' && !isMet(rule, facts)) closed.add(rule.kind);
  if (windows.length > 0 && !windows.some((rule) => isMet(rule, facts))) closed.add('change-window');
  return [...closed].sort();
}
