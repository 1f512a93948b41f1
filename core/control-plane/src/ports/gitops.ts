import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';

/** What one branch says shall run: an Application in an Environment at a commit. */
export interface ReleaseTarget {
  readonly organization: string;
  readonly environment: string;
  readonly application: string;
  readonly branch: string;
  readonly revision: string;
  /** Null: the Application is uninstalled; prune everything but kept volumes. */
  readonly declaration: ApplicationDeclaration | null;
  /** Claims whose data goes too, asked for by name. */
  readonly deleteVolumes?: readonly string[];
}

/** What Catalyst itself knows and the engine asks for; the composition wires the answers. */
export interface GitOpsQuestions {
  /** Makes sure that the generated secrets of the Application exist (idempotent). */
  ensureSecrets(target: ReleaseTarget): Promise<void>;
}

/**
 * Makes the runtime agree with Git, level-triggered: `declare` states what is wanted (a later revision replaces an earlier one),
 * the engine renders, applies in order, prunes, repairs drift and reports. Reconciling twice is free. A declared target is
 * worked on until it is True or replaced; failures are retried with back-off. Containers that run and still agree are not touched.
 */
export interface GitOps {
  start(listener: (status: ReleaseStatus) => void): Promise<void>;
  /** Leaves everything running. */
  stop(): Promise<void>;
  declare(target: ReleaseTarget): void;
  /** Statuses as last reported, for a rebuild of the read model. */
  statuses(): readonly ReleaseStatus[];
  /** Objects of the applied revision, values of Secrets removed. */
  manifests(environment: string, application: string): Promise<readonly KubernetesObject[] | undefined>;
  /**
   * What a commit would render to, without applying it. In place of the values of Secrets stands what tells only whether two of
   * them are equal, until the next start. Files are the whole tree of the branch. In the background (plans) it gives
   * way to everything that is reconciled.
   */
  preview(
    target: Omit<ReleaseTarget, 'revision'>,
    files: ReadonlyMap<string, Uint8Array>,
    options?: { readonly background?: boolean },
  ): Promise<Result<readonly KubernetesObject[]>>;
}
