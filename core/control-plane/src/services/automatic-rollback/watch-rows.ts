import type { RollbackEvidence } from '@catalyst/model/policy/rollback-evidence.ts';
import type { TableDefinition, Transaction } from '../../ports/database.ts';
import type { PullRequest } from '../../ports/reviews.ts';

/** How a watch ended. */
export type WatchEnd = 'healthy' | 'superseded' | 'unwanted' | 'rolled-back' | 'not-rolled-back';

/** A merge whose Application has to come to run in its time. Written with the merge, so that no crash forgets it. */
export interface WatchRow {
  /** `<environment>/<application>/<revision>` */
  readonly id: string;
  /** `<environment>/<application>` */
  readonly target: string;
  readonly organization: string;
  readonly environment: string;
  readonly application: string;
  readonly branch: string;
  readonly pullRequest: number;
  /** The merge. */
  readonly revision: string;
  /** Head of the branch before it: what there is to go back to. */
  readonly before: string;
  /** RFC 3339, UTC; so are all times here. */
  readonly mergedAt: string;
  /**
   * `new`: the policy has not been asked yet. `rolling-back`: decided, with the plan that does it; from here on nothing else is decided.
   */
  readonly state: 'new' | 'watching' | 'rolling-back' | 'ended';
  /** As the policy says it, from `watching` on. */
  readonly after?: string;
  readonly deadline?: string;
  /** Nobody could say how it is when it was looked at last. */
  readonly unknown?: boolean;
  readonly plan?: { readonly id: string; readonly to: string; readonly reason: string };
  readonly evidence?: RollbackEvidence;
  readonly end?: WatchEnd;
  readonly endedAt?: string;
  readonly message?: string;
  readonly rollbackRevision?: string;
}

/** At most 20 ended ones per Application and Environment. */
export const watchesTable: TableDefinition<WatchRow> = {
  name: 'rollback_watches',
  key: 'id',
  indexes: ['target', 'state', 'organization', 'mergedAt'],
};

const mostEnded = 20;

/** `<environment>/<application>/<revision>` of the merge of a pull request. */
export function watchId(environment: string, application: string, revision: string): string {
  return `${environment}/${application}/${revision}`;
}

/** Begins a watch when a pull request becomes merged, whoever found that; give it to the transaction that writes the row. */
export async function beginWatch(
  tables: Transaction,
  after: PullRequest,
  before?: PullRequest,
): Promise<void> {
  const { merged, environment, repository, destination } = after;
  if (!merged || before?.merged) return;
  const watches = tables.table(watchesTable);
  const id = watchId(environment, repository.name, merged.revision);
  const target = `${environment}/${repository.name}`;
  await watches.insert({
    id,
    target,
    organization: repository.organization,
    environment,
    application: repository.name,
    branch: destination,
    pullRequest: after.number,
    revision: merged.revision,
    before: merged.base,
    mergedAt: merged.at,
    state: 'new',
  });
  const known = await watches.list({ where: { target }, orderBy: 'mergedAt', limit: 200 });
  const ended = known.filter(({ state }) => state === 'ended');
  for (const row of ended.slice(0, Math.max(0, ended.length - mostEnded))) await watches.delete(row.id);
}

/** Forgets an Organization whose repositories are gone. Idempotent. */
export async function forgetWatches(tables: Transaction, organization: string): Promise<void> {
  const watches = tables.table(watchesTable);
  for (;;) {
    const some = await watches.list({ where: { organization }, limit: 1_000 });
    for (const { id } of some) await watches.delete(id);
    if (some.length < 1_000) return;
  }
}
