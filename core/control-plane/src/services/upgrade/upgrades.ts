import type { BlastRadius, ProposedUpgrades, ProposeUpgrades } from '@catalyst/model/api/upgrades.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';

/** One page of a blast radius. */
export interface BlastRadiusRequest {
  readonly blueprint: string;
  readonly version: string;
  /** 1 to 50; 20 unless told. */
  readonly limit?: number;
  /** Where the page before ended. */
  readonly continue?: string;
}

/** What a version of a Blueprint would do to everything that uses another one, and the pull requests that bring it there. */
export interface Upgrades {
  /**
   * Only what the actor may see, in the order of Environments and names. Changes nothing; renders in the background, from the cache
   * where it can. Codes: `NotFound` (no such version that the actor may see), `Invalid` (`continue`).
   */
  blastRadius(actor: Actor, request: BlastRadiusRequest): Promise<Result<BlastRadius>>;
  /** A pull request for each of the given Applications; what cannot be proposed says why and keeps nothing from the others. `NotFound`. */
  propose(actor: Actor, blueprint: string, request: ProposeUpgrades): Promise<Result<ProposedUpgrades>>;
}
