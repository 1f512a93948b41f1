import type { Plan } from '@catalyst/model/views/plan.ts';
import type { Transaction } from '../../ports/database.ts';
import { type AppliedPlan, appliedPlansTable, type PlannedCommit } from './applied-plans.ts';
import { linkChange } from './changes.ts';

const largestBytes = 256 * 1024;

/**
 * Keeps what a plan said when it was carried out (or proposed: its commits come one merge at a time, by `linkChange`), and links its commits to it, so that history shows it and it can be undone. Fields
 * of changed objects are left out of one that is very large. Safe to repeat.
 */
export async function keepPlan(
  tables: Transaction,
  kept: {
    readonly organization: string;
    readonly plan: Plan;
    /** Who carried it out. */
    readonly by: string;
    readonly commits: readonly PlannedCommit[];
    readonly deletedVolumes?: readonly string[];
  },
): Promise<void> {
  const { plan } = kept;
  const present = await tables.table(appliedPlansTable).get(plan.id);
  const whole: AppliedPlan = {
    id: plan.id,
    organization: kept.organization,
    environment: plan.environment,
    planId: plan.id,
    madeAt: plan.createdAt,
    madeBy: kept.by,
    action: plan.action,
    consequences: plan.consequences,
    commits: kept.commits.length > 0 ? kept.commits : (present?.commits ?? []),
    deletedVolumes: kept.deletedVolumes ?? [],
    applications: plan.applications.map(({ application, change, objects }) => ({
      application,
      change,
      objects,
    })),
  };
  const small = JSON.stringify(whole).length <= largestBytes ? whole : withoutFields(whole);
  await tables.table(appliedPlansTable).put(small);
  for (const { application, revision } of kept.commits)
    await linkChange(tables, { environment: plan.environment, application, revision, planId: plan.id });
}

function withoutFields(plan: AppliedPlan): AppliedPlan {
  return {
    ...plan,
    applications: plan.applications.map((entry) => ({
      ...entry,
      objects: entry.objects.slice(0, 500).map(({ fields: _fields, ...object }) => object),
    })),
  };
}
