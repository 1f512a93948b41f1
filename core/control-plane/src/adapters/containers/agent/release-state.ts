import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { hashOf } from '@catalyst/model/workload/canonical.ts';
import type { ResolvedTemplate } from '@catalyst/model/workload/pod-template.ts';
import type { ReleaseTarget } from '../../../ports/gitops.ts';
import type { ProgressMemory } from './advance-workloads.ts';
import type { ReleaseDefinition } from './release-definition.ts';
import type { Rendered } from './render-release.ts';

/** What is known of one Application in one Environment between two looks; everything in it can be found again. */
export interface Release {
  readonly key: string;
  target: ReleaseTarget;
  /** Counts declarations, so that a look that was overtaken writes nothing. */
  generation: number;
  /** Failed attempts in a row. */
  attempt: number;
  /** Set while the objects of a generation were rendered and checked. */
  rendered?: { readonly generation: number; readonly rendered: Rendered };
  /** The definition in force, which may be of an earlier revision than the target. */
  definition?: ReleaseDefinition;
  /** The declaration that it was made for, and when. */
  definedFor?: ReleaseTarget;
  definedAt: number;
  /** Generation whose secrets exist. */
  securedGeneration: number;
  /** Templates that running Pods may be of, by hash. */
  readonly templates: Map<string, ResolvedTemplate>;
  readonly progress: ProgressMemory;
  readonly failedJobs: Map<string, { readonly hash: string; readonly message: string }>;
  /** What binding Jobs that have not succeeded are doing, in words, by `<dependent>/<alias>`. */
  readonly bindingMessages: Map<string, string>;
  status?: ReleaseStatus;
}

/** A release that nobody has looked at yet. */
export function createRelease(key: string, target: ReleaseTarget): Release {
  return {
    key,
    target,
    generation: 1,
    attempt: 0,
    definedAt: 0,
    securedGeneration: 0,
    templates: new Map(),
    progress: new Map(),
    failedJobs: new Map(),
    bindingMessages: new Map(),
  };
}

/** `<environment>/<application>` */
export function releaseKey(environment: string, application: string): string {
  return `${environment}/${application}`;
}

/** Inputs that decide whether a release without Pods would change anything when looked at. */
export function restingInputs({ revision, declaration }: ReleaseTarget): string {
  return hashOf([revision, declaration]);
}

/** Forgets what can be rendered again: a release without Pods should cost no memory. */
export function forgetDefinition(release: Release): void {
  delete release.rendered;
  delete release.definition;
  delete release.definedFor;
  release.templates.clear();
  release.progress.clear();
}
