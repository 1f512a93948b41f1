import type { Actor } from '@catalyst/model/authorization.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Database, TableDefinition } from '../../ports/database.ts';
import type { Person } from '../../ports/reviews.ts';

/** Somebody's decision. */
export interface Decision {
  readonly by: Person;
  /** RFC 3339, UTC; so are all times here. */
  readonly at: string;
  readonly reason?: string;
}

/** What became of a proposal. `approved` is durable before its commit is made; `refused`: the commit could not be made any more. */
export type ProposalState = 'open' | 'approved' | 'committed' | 'withdrawn' | 'refused';

/** A proposed change of one policy. What it wants, and what it was made from, never changes. */
export interface ProposalRow {
  readonly id: string;
  readonly organization: string;
  readonly environment: string;
  readonly state: ProposalState;
  readonly proposedBy: Person;
  readonly surface: Actor['surface'];
  readonly at: string;
  readonly reason: string;
  /** The file as it is to be; null: it is to go. */
  readonly wanted: string | null;
  /** Blob and text of the file that it was made from. */
  readonly base: { readonly blob: string; readonly text: string };
  readonly approved?: Decision & {
    /** By its own proposer, because there was nobody else. */
    readonly alone: boolean;
    /** Head of `system/catalyst-config` at that time: the commit, if there is one, comes after it. */
    readonly head: string;
  };
  readonly withdrawn?: Decision;
  readonly committed?: { readonly revision: string; readonly at: string };
  readonly refusal?: readonly Problem[];
}

/** Proposals of all Organizations. */
export const proposalsTable: TableDefinition<ProposalRow> = {
  name: 'policy_proposals',
  key: 'id',
  indexes: ['organization', 'environment', 'state', 'at'],
};

/** Most open proposals of one Environment. */
export const mostOpen = 20;

/** The refusal for what is not there and what the caller may not know of. */
export const noProposal: Problem = {
  code: codes.NotFound,
  message: 'There is no such proposal, or you may not see it.',
};

/** Decides on the row as it is now and writes it, in one transaction: of two who decide at once one comes second. */
export function changeProposal(
  database: Database,
  id: string,
  decide: (row: ProposalRow) => Result<ProposalRow>,
): Promise<Result<ProposalRow>> {
  return database.transaction(async (tables) => {
    const rows = tables.table(proposalsTable);
    const row = await rows.get(id);
    if (!row) return refused(noProposal);
    const decided = decide(row);
    if (decided.ok && decided.value !== row) await rows.put(decided.value);
    return decided;
  });
}

/** Why a proposal that is not open cannot be decided. */
export function alreadyDecided(row: ProposalRow): Problem {
  const what: Readonly<Record<ProposalState, string>> = {
    open: 'is open',
    approved: `was approved by ${row.approved?.by.name ?? 'somebody'} already`,
    committed: `was approved by ${row.approved?.by.name ?? 'somebody'} already`,
    withdrawn: `was withdrawn by ${row.withdrawn?.by.name ?? 'somebody'}`,
    refused: 'could not be committed any more',
  };
  return {
    code: codes.Conflict,
    message: `This proposal ${what[row.state]}. Look at the policy as it is now, and propose again what you miss.`,
  };
}

/** Removes every proposal of an Organization or Environment that is gone. Idempotent. */
export async function forgetProposals(
  database: Database,
  where: Partial<Pick<ProposalRow, 'organization' | 'environment'>>,
): Promise<void> {
  for (;;) {
    const some = await database.table(proposalsTable).list({ where, limit: 500 });
    if (some.length === 0) return;
    await database.transaction(async (tables) => {
      for (const { id } of some) await tables.table(proposalsTable).delete(id);
    });
  }
}

/** A row, when it is of that Environment. */
export async function findProposal(
  database: Database,
  environment: string,
  id: string,
): Promise<Result<ProposalRow>> {
  const row = await database.table(proposalsTable).get(id);
  return row?.environment === environment ? ok(row) : refused(noProposal);
}
