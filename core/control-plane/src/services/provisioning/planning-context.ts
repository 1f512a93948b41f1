import type { Actor } from '@catalyst/model/authorization.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { OverlayEdit } from '@catalyst/model/promotion/promoted-content.ts';
import type { Plan, PlannedApplication, PolicyVerdict, Resources } from '@catalyst/model/views/plan.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GitOps } from '../../ports/gitops.ts';
import type { ChangeUnder, Repositories } from '../../ports/repositories.ts';
import type { Workloads } from '../../ports/workloads.ts';
import type { Installations } from '../application-controller/installations.ts';
import type { Catalog } from '../catalog/catalog.ts';

/** What planning asks of the rest of the system. Planning writes nothing. */
export interface PlanningDeps {
  readonly catalog: Catalog;
  readonly repositories: Repositories;
  readonly installations: Installations;
  readonly gitops: GitOps;
  readonly workloads: Workloads;
  readonly clock: Clock;
  /** Domain of the Applications' hosts, as `localhost`. */
  readonly domain: string;
  readonly urlOf: (host: string) => string;
  /** What the policy of an Environment says of a change that would be made there now. */
  readonly policy: (scope: {
    readonly organization: string;
    readonly environment: string;
    /** Who would make it. */
    readonly actor?: { readonly id: string; readonly name: string };
  }) => Promise<PolicyVerdict>;
  /** Environments of an Organization, with the preset of sizes that each takes for what is new there. */
  readonly environmentsOf: (
    organization: string,
  ) => Promise<readonly { readonly envType: EnvType; readonly size?: string }[]>;
  /** What the machine has in all; undefined where nobody can say. */
  readonly capacity?: () => Resources | undefined;
}

/** Where a plan is made, and by whom. */
export interface PlanningScope {
  readonly actor: Actor;
  readonly organization: string;
  readonly environment: string;
  readonly envType: EnvType;
  readonly branch: string;
}

/** A commit of one Environment's branch that is to reach the next one. */
export interface PlannedPromotion {
  /** Environment. */
  readonly from: string;
  readonly branch: string;
  readonly revision: string;
  /** What changes in the destination's own overlay with it. */
  readonly overlay: Readonly<Record<string, OverlayEdit>>;
}

/** One durable step of an accepted plan: a repository made whole, or one commit. */
export interface PlannedStep {
  readonly application: string;
  readonly kind: 'create-repository' | 'commit';
  /** Head that the plan was made from; null where the branch does not exist. */
  readonly expectedHead: string | null;
  readonly changes: Readonly<Record<string, string | null>>;
  /** Files that become what they were at an earlier revision, byte for byte, by path. */
  readonly restored?: Readonly<Record<string, string>>;
  readonly message: string;
  /** A promotion: it is proposed as a pull request with this commit as its head, and never applied. */
  readonly promotion?: PlannedPromotion;
  /** Why it may be committed although the branch is protected or held. */
  readonly under?: ChangeUnder;
}

/** A branch that the plan depends on. */
export type Pin = NonNullable<Plan['pins']>[number];

/** What one kind of change comes to. */
export interface Draft {
  readonly applications: PlannedApplication[];
  readonly steps: PlannedStep[];
  readonly problems: Problem[];
  readonly consequences: string[];
  readonly choices: Plan['choices'];
  /** Claims to delete once the Application is gone. */
  readonly deleteVolumes: readonly string[];
  /** Branches that it was made from beyond those of its steps and of the Applications that it uses. */
  readonly pins?: readonly Pin[];
}

/** A draft in which nothing is said yet. */
export function emptyDraft(): Draft {
  return { applications: [], steps: [], problems: [], consequences: [], choices: [], deleteVolumes: [] };
}
