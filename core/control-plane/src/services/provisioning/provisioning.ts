import type { UnfinishedPlan } from '@catalyst/model/api/applications.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';

/** What became of an applied plan. The commits are durable when this is answered. */
export interface Applied {
  readonly planId: string;
  readonly commits: readonly {
    readonly application: string;
    readonly repository: string;
    readonly branch: string;
    readonly revision: string;
  }[];
}

/** Plans changes of Applications and turns accepted plans into commits. Callers have authorised the actor. */
export interface Provisioning {
  /**
   * Changes nothing. Problems that forbid the change are inside the plan; a refused Result means that no plan could be made
   * (`NotFound`, `TooMany`). A plan without problems is kept for an hour; 200 of one person.
   */
  plan(actor: Actor, environment: string, request: PlanRequest): Promise<Result<Plan>>;
  /** As `plan`, but keeps nothing, cannot be applied, and waits behind everything else. */
  foresee(actor: Actor, environment: string, request: PlanRequest): Promise<Result<Plan>>;
  /**
   * Codes: `NotFound`, `Protected`, `Stale` (with what moved), `Invalid`, `Conflict`. Applying the same plan twice answers the same. Throws
   * where something does not answer: as it came where nothing was begun, and then nothing will be done unless it is applied again;
   * `Unfinished` where some of it is done, and then it is finished or taken back without being asked for again.
   */
  apply(actor: Actor, environment: string, planId: string): Promise<Result<Applied>>;
  /** Plans of an Environment that are begun and neither finished nor taken back; oldest first. */
  unfinished(environment: string): Promise<UnfinishedPlan[]>;
  /**
   * Finishes or takes back what a crash left begun, and forgets the wish to carry out what it left not begun: nobody was told that it is
   * done. Never fails; what cannot be settled yet is tried again until `stop`.
   */
  resume(): Promise<void>;
  stop(): Promise<void>;
}
