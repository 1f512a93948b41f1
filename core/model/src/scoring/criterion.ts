import type { KubernetesObject } from '../kubernetes.ts';
import type { ScoreFacts } from './score-facts.ts';
import type { WorkloadSubject } from './workload-subjects.ts';

/** What a criterion looks at: the facts, and the workloads found in their objects. Both in an order of their own. */
export interface ScoreSubject {
  readonly facts: ScoreFacts;
  readonly objects: readonly KubernetesObject[];
  readonly workloads: readonly WorkloadSubject[];
}

/** What was found at one object: `passed` of `of`. */
export interface Check {
  /** As sentences name it: `Deployment web`, `the Blueprint`. */
  readonly object: string;
  /** Name of the workload, to find its own setting among several. */
  readonly workload?: string;
  readonly passed: number;
  readonly of: number;
  /** One sentence; there unless all passed. */
  readonly reason?: string;
  /** What to do, where the words of the criterion do not fit: imperative, without a full stop. */
  readonly remedy?: string;
  /** A field alone does not do it: none is named. */
  readonly withoutSetting?: true;
}

/** What a criterion says. Without a check it does not apply. */
export type Judgement =
  | { readonly kind: 'checked'; readonly checks: readonly Check[] }
  | { readonly kind: 'not-applicable'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Where a fix is made, from the cheapest to the dearest. */
export const fixWays = ['settings', 'codeowners', 'upgrade', 'look', 'blueprint'] as const;
/** `settings`: a field of the form; `look`: somebody must find the cause; `blueprint`: the chart must learn it. */
export type FixWay = (typeof fixWays)[number];

/** One row of the table. */
export interface Criterion {
  readonly id: string;
  /** Its share of the score before scaling. */
  readonly weight: number;
  readonly title: string;
  /** What it looks at; where there is no such thing it is left out. */
  readonly applies: string;
  /** When it is met, in one sentence. */
  readonly rule: string;
  /** Where the rule comes from. */
  readonly sources: readonly { readonly title: string; readonly url: string }[];
  readonly fix: {
    /** Imperative, without a full stop; `{object}` stands for what it is done to. */
    readonly remedy: string;
    /** `settings` becomes `blueprint` where the form has no such field. */
    readonly way: Exclude<FixWay, 'blueprint'>;
    /** Ends of the dotted names of fields that charts commonly use for it. */
    readonly settings?: readonly string[];
  };
  judge(subject: ScoreSubject): Judgement;
}

/** Judges by checks; without any it does not apply. */
export function checked(checks: readonly Check[], whyNot: string): Judgement {
  return checks.some(({ of }) => of > 0)
    ? { kind: 'checked', checks }
    : { kind: 'not-applicable', why: whyNot };
}

/** `a, b and c` */
export function listNames(names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : [...names];
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}
