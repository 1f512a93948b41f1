import { criteria as table } from './criteria.ts';
import { type Check, type Criterion, type FixWay, fixWays, type Judgement, listNames } from './criterion.ts';
import { findSettings, type Setting, settingsOf } from './find-settings.ts';
import type { ScoreFacts } from './score-facts.ts';
import { inOrder, workloadsIn } from './workload-subjects.ts';

/** The cheapest way to get lost points back. */
export interface ScoreFix {
  /** One sentence, as `Run at least two replicas of Deployment web, by the setting replicas.` */
  readonly sentence: string;
  readonly way: FixWay;
  /** Fields of the form, by their dotted names. */
  readonly settings: readonly Setting[];
}

/** Points that one object costs. */
export interface LostPoints {
  /** Of the criterion. */
  readonly criterion: string;
  readonly object: string;
  readonly reason: string;
  /** What the score would rise by, before it is rounded down; to one decimal. */
  readonly points: number;
  readonly fix: ScoreFix;
}

/** What one criterion comes to. */
export interface CriterionScore {
  readonly id: string;
  readonly title: string;
  readonly weight: number;
  readonly applies: string;
  readonly rule: string;
  readonly sources: Criterion['sources'];
  readonly status: 'met' | 'partly' | 'lost' | 'not-applicable' | 'unknown';
  /** Of 100, to one decimal; 0 where it is left out. */
  readonly points: number;
  readonly earned: number;
  /** Why it is left out. */
  readonly why?: string;
  /** Most points first. */
  readonly lost: readonly LostPoints[];
}

/** The RE score of an Application with everything that it is made of. */
export interface ApplicationScore {
  /** 0 to 100, rounded down: 100 is reached only where nothing is lost. Undefined where no criterion applies. */
  readonly value: number | undefined;
  /** In the order of the table. */
  readonly criteria: readonly CriterionScore[];
  /** Of all criteria; the cheapest first, and of equally cheap ones those that bring most. */
  readonly lost: readonly LostPoints[];
}

interface Judged {
  readonly criterion: Criterion;
  readonly judgement: Judgement;
  readonly passed: number;
  readonly of: number;
}

const oneDecimal = (points: number) => Math.round(points * 10) / 10;

function judge(criterion: Criterion, subject: Parameters<Criterion['judge']>[0]): Judged {
  const judgement = criterion.judge(subject);
  const checks = judgement.kind === 'checked' ? judgement.checks : [];
  return {
    criterion,
    judgement,
    passed: checks.reduce((sum, check) => sum + check.passed, 0),
    of: checks.reduce((sum, check) => sum + check.of, 0),
  };
}

/**
 * The RE score: 100 × Σ weight × passed / of, divided by Σ weight, over the criteria that apply and of which the facts are known. Pure;
 * independent of the order of objects, Pods and settings; whoever fixes what it names never lowers it (docs/RE-SCORE.md).
 */
export function scoreApplication(
  facts: ScoreFacts,
  criteria: readonly Criterion[] = table,
): ApplicationScore {
  const objects = inOrder(facts.objects);
  const subject = { facts, objects, workloads: workloadsIn(objects) };
  const judged = criteria.map((criterion) => judge(criterion, subject));
  const counted = judged.filter(({ of }) => of > 0);
  const weights = counted.reduce((sum, { criterion }) => sum + criterion.weight, 0);
  const share = counted.reduce((sum, { criterion, passed, of }) => sum + criterion.weight * (passed / of), 0);
  const form = {
    blueprint: facts.blueprint,
    settings: settingsOf(facts.configSchema),
    alone: subject.workloads.filter(({ ends }) => !ends).length <= 1,
  };
  const described = judged.map((entry) =>
    describe(entry, weights, (check) => fixOf(entry.criterion, check, form)),
  );
  return {
    // What is added up in fractions may miss a whole number by a hair.
    value: weights > 0 ? Math.min(100, Math.floor((100 * share) / weights + 1e-9)) : undefined,
    criteria: described,
    lost: described.flatMap(({ lost }) => [...lost]).sort(cheapestFirst),
  };
}

function describe(
  { criterion, judgement, passed, of }: Judged,
  weights: number,
  fix: (check: Check) => ScoreFix,
): CriterionScore {
  const { id, title, weight, applies, rule, sources } = criterion;
  const full = of > 0 ? (100 * weight) / weights : 0;
  const lost =
    judgement.kind !== 'checked'
      ? []
      : judgement.checks
          .filter((check) => check.passed < check.of)
          .map((check) => ({
            criterion: id,
            object: check.object,
            reason: check.reason ?? `${check.object} does not meet it.`,
            points: oneDecimal((full * (check.of - check.passed)) / of),
            fix: fix(check),
          }))
          .sort(mostFirst);
  return {
    ...{ id, title, weight, applies, rule, sources: [...sources] },
    status:
      judgement.kind !== 'checked'
        ? judgement.kind
        : passed === of
          ? 'met'
          : passed === 0
            ? 'lost'
            : 'partly',
    points: oneDecimal(full),
    earned: of > 0 ? oneDecimal((full * passed) / of) : 0,
    ...(judgement.kind === 'checked' ? {} : { why: judgement.why }),
    lost,
  };
}

/** Names the fields of the form where it has such; where it has none, the chart must learn it. */
function fixOf(
  { fix }: Criterion,
  check: Check,
  form: { readonly blueprint: string; readonly settings: readonly Setting[]; readonly alone: boolean },
): ScoreFix {
  const remedy = check.remedy ?? fix.remedy.replace('{object}', check.object);
  if (fix.way !== 'settings') return { sentence: `${remedy}.`, way: fix.way, settings: [] };
  const { workload, withoutSetting } = check;
  if (withoutSetting) return { sentence: `${remedy}.`, way: 'blueprint', settings: [] };
  const { named, fitting } = findSettings(form.settings, fix.settings ?? [], { workload, alone: form.alone });
  if (named.length > 0) {
    const names = listNames(named.map(({ path }) => path));
    return {
      sentence: `${remedy}, by the ${named.length === 1 ? 'setting' : 'settings'} ${names}.`,
      way: 'settings',
      settings: named,
    };
  }
  return fitting
    ? { sentence: `${remedy}, if one of its settings reaches that.`, way: 'settings', settings: [] }
    : {
        sentence: `${remedy}. The settings of ${form.blueprint} do not reach that: its chart must.`,
        way: 'blueprint',
        settings: [],
      };
}

function mostFirst(left: LostPoints, right: LostPoints): number {
  return right.points - left.points || (left.object < right.object ? -1 : left.object > right.object ? 1 : 0);
}

function cheapestFirst(left: LostPoints, right: LostPoints): number {
  return (
    fixWays.indexOf(left.fix.way) - fixWays.indexOf(right.fix.way) ||
    mostFirst(left, right) ||
    (left.criterion < right.criterion ? -1 : 1)
  );
}
