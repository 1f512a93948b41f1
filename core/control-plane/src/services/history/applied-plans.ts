import type { PlanAtTheTime } from '@catalyst/model/api/history.ts';
import type { TableDefinition } from '../../ports/database.ts';

/** A commit that a plan made. */
export interface PlannedCommit {
  readonly application: string;
  readonly revision: string;
  /** Head that it was made on; null for the first one of its branch. */
  readonly before: string | null;
}

/** What a plan said when it was carried out: no contents of files, no values that were asked for. */
export interface AppliedPlan extends PlanAtTheTime {
  readonly id: string;
  readonly organization: string;
  readonly environment: string;
  /** In the order in which they were made. */
  readonly commits: readonly PlannedCommit[];
  /** Claims whose data the plan deleted. */
  readonly deletedVolumes: readonly string[];
}

/** Kept for as long as one of the changes that they made. */
export const appliedPlansTable: TableDefinition<AppliedPlan> = {
  name: 'applied_plans',
  key: 'id',
};
