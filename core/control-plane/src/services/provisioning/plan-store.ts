import type { Problem } from '@catalyst/model/problem.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import type { TableDefinition } from '../../ports/database.ts';
import type { PlannedStep } from './planning-context.ts';
import type { Applied } from './provisioning.ts';

/** A plan with what is needed to carry it out, and how far that is. */
export interface PlanRow {
  readonly id: string;
  readonly environment: string;
  readonly organization: string;
  readonly branch: string;
  readonly actor: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly surface: 'console' | 'git' | 'api' | 'system';
  };
  /** `actor.id`, to find what one person planned. */
  readonly actorId?: string;
  readonly request: PlanRequest;
  readonly plan: Plan;
  readonly steps: readonly PlannedStep[];
  readonly deleteVolumes: readonly string[];
  /**
   * `refused` is final: what was done is taken back, but for repositories without an installation. `applying` may be begun or not: Git
   * tells. `set-aside` was begun and can be neither finished nor taken back until somebody acts.
   */
  readonly status: 'planned' | 'applying' | 'applied' | 'refused' | 'set-aside';
  /** One entry per finished step, in order. */
  readonly commits: Applied['commits'];
  /** Why a step was refused; set while the steps before it are being taken back. */
  readonly refusedBy?: readonly Problem[];
  /** When it was last begun. */
  readonly begunAt?: number;
  /** Why it is set aside. */
  readonly setAside?: Problem;
  readonly createdAt: number;
  /** Packages that the plan was made with. */
  readonly blueprints?: readonly {
    readonly name: string;
    readonly version: string;
    readonly digest: string;
  }[];
}

/** Plans live for an hour, those being applied until they are done. */
export const plansTable: TableDefinition<PlanRow> = {
  name: 'plans',
  key: 'id',
  indexes: ['status', 'createdAt', 'actorId'],
};

/** A claim to delete as soon as the uninstalled Application has let go of it. */
export interface VolumeDeletionRow {
  /** `<environment>/<application>/<claim>` */
  readonly id: string;
  readonly organization: string;
  readonly environment: string;
  readonly branch: string;
  readonly application: string;
  readonly claim: string;
}

/** Deletions that were asked for by name and are not done yet. */
export const volumeDeletionsTable: TableDefinition<VolumeDeletionRow> = {
  name: 'volume_deletions',
  key: 'id',
};
