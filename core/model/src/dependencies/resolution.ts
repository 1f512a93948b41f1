import type { JsonObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import type { DependencyChoice } from '../views/plan.ts';

/** An Application that is there already and may be used. Which ones these are is the caller's decision. */
export interface ExistingApplication {
  readonly application: string;
  readonly blueprint: string;
  readonly version: string;
  /** Applications that it is bound to itself; a circle through them is refused. */
  readonly boundTo?: readonly string[];
}

/** What is to be installed, or looked at again, with all it depends on. */
export interface ResolutionRequest {
  readonly organization: string;
  readonly environment: string;
  readonly root: {
    /** Name of the Application; of the set, where the Blueprint is a composite. */
    readonly application: string;
    readonly blueprint: string;
    readonly version: string;
    /** Configuration as set, without the defaults of the Blueprint. */
    readonly values: JsonObject;
  };
  /** By path of aliases from the root down, joined by dots. */
  readonly choices: Readonly<Record<string, DependencyChoice>>;
  readonly existing: readonly ExistingApplication[];
}

/** One requirement as the Blueprint states it. */
export interface Requirement {
  readonly alias: string;
  readonly blueprint: string;
  /** Range of versions. */
  readonly version: string;
  readonly when?: string;
}

/** One Application to make; composites are not among them. */
export interface ResolvedApplication {
  readonly application: string;
  readonly blueprint: string;
  readonly version: string;
  /** Aliases from the root down to it; empty for the root. */
  readonly path: readonly string[];
  /** What it is configured with, templates filled. */
  readonly values: JsonObject;
  /** Every dependency of its Blueprint, those whose condition is false too. */
  readonly requires: readonly Requirement[];
  /** The dependencies that are asked for now, and who meets them. */
  readonly bindings: readonly { readonly alias: string; readonly application: string }[];
  /** The set that it is a member of. */
  readonly set?: string;
}

/** How one requirement is met, and how else it could be. */
export interface ResolvedChoice {
  /** Path of aliases, joined by dots. */
  readonly alias: string;
  readonly blueprint: string;
  readonly version: string;
  /** Applications that fit, members of the set among them. */
  readonly existing: readonly string[];
  readonly newName: string;
  readonly chosen: DependencyChoice;
  /** The Application that meets it. */
  readonly application: string;
  /** `new`: made for it; `existing`: there already; `shared`: made in the same plan for another requirement. */
  readonly met: 'new' | 'existing' | 'shared';
}

/** All that has to be made, and why. */
export interface Resolution {
  /** What is depended on comes first. */
  readonly applications: readonly ResolvedApplication[];
  readonly choices: readonly ResolvedChoice[];
  /** Requirements whose condition is false, by path. */
  readonly skipped: readonly { readonly alias: string; readonly blueprint: string; readonly when: string }[];
}

/** The answer, or why there is none, with the choices that were open when it was found. */
export type ResolutionOutcome =
  | { readonly ok: true; readonly value: Resolution }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly choices: readonly ResolvedChoice[];
    };
