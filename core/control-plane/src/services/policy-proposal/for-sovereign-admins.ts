import type { PolicyProposalView } from '@catalyst/model/api/policies.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Database } from '../../ports/database.ts';
import type { Access } from '../access/access.ts';
import { type ProposalRow, proposalsTable } from './proposal-rows.ts';

const mostRead = 1_000;
const mostSeen = 100;

/** What waits for sovereign-admins alone, and how many open proposals were not looked at. */
export interface ForSovereignAdmins {
  readonly items: readonly PolicyProposalView[];
  readonly pending: number;
}

/**
 * Open proposals, oldest first, that nobody of their Organization may approve, for a sovereign-admin who is no member there. Reads open
 * ones only; those of an Organization with another active org-admin cost one question about its members.
 */
export function createForSovereignAdmins(deps: {
  readonly database: Database;
  readonly access: Pick<Access, 'members'>;
  readonly toView: (actor: Actor, row: ProposalRow) => Promise<PolicyProposalView>;
}): (actor: Actor) => Promise<ForSovereignAdmins> {
  const table = deps.database.table(proposalsTable);

  /** Rows that no org-admin may approve; whom the policy names is asked of the view. */
  async function withoutAdmin(rows: readonly ProposalRow[]): Promise<ProposalRow[]> {
    const admins = new Map<string, readonly string[]>();
    for (const organization of new Set(rows.map((row) => row.organization))) {
      const members = await deps.access.members(organization);
      const active = members.filter(({ user, role }) => user.active && role === 'org-admin');
      admins.set(
        organization,
        active.map(({ user }) => user.id),
      );
    }
    return rows.filter(({ organization, proposedBy }) =>
      (admins.get(organization) ?? []).every((id) => id === proposedBy.id),
    );
  }

  return async (actor) => {
    if (!actor.sovereignAdmin) return { items: [], pending: 0 };
    const where = { state: 'open' } as const;
    const rows = await table.list({ where, orderBy: 'at', limit: mostRead });
    const own = new Set(actor.memberships.map(({ organization }) => organization));
    const waiting = await withoutAdmin(rows.filter(({ organization }) => !own.has(organization)));
    const seen: PolicyProposalView[] = [];
    for (const row of waiting.slice(0, mostSeen)) seen.push(await deps.toView(actor, row));
    const unread = rows.length < mostRead ? 0 : Math.max(0, (await table.count(where)) - mostRead);
    return {
      items: seen.filter(({ approvers }) => approvers.every(({ as }) => as === 'sovereign-admin')),
      pending: unread + Math.max(0, waiting.length - mostSeen),
    };
  };
}
