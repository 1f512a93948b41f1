import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { DependencyChoice } from '@catalyst/model/views/plan.ts';
import type { RepositoryName } from '../../ports/repositories.ts';
import type { BranchFiles } from '../provisioning/branch-files.ts';
import type { Draft, PlanningDeps, PlanningScope } from '../provisioning/planning-context.ts';
import type { Provider } from './promoted-dependencies.ts';
import type { SourceScope } from './promotion-sources.ts';

/** One promotion being planned, with all that comes along. */
export interface Promoting {
  readonly deps: PlanningDeps;
  readonly scope: PlanningScope;
  readonly source: SourceScope;
  readonly draft: Draft;
  readonly choices: Readonly<Record<string, DependencyChoice>>;
  /** Applications that are planned already. */
  readonly done: Map<string, Provider>;
}

/** Which Application, and why. */
export interface Wanted {
  readonly application: string;
  /** Aliases from the Application that was asked for down to this one; of a set, after the name of that Application. */
  readonly path: readonly string[];
  /** Applications that it is promoted for. */
  readonly above: readonly string[];
  /** Of the source's branch; its head unless told. */
  readonly revision?: string;
  /** What differs in the destination; for its first promotion only. */
  readonly values?: JsonObject;
}

/** What is promoted: the commit of the source, and the destination as it is now. */
export interface Sides {
  readonly repository: RepositoryName;
  readonly revision: string;
  readonly from: BranchFiles;
  /** Undefined where the branch is not there yet. */
  readonly to: BranchFiles | undefined;
}
