import type { TableDefinition, Transaction } from '../../ports/database.ts';

/** A team that people made. */
export interface TeamRow {
  /** `<organization>/<team>` */
  readonly key: string;
  readonly organization: string;
  readonly name: string;
  readonly description?: string;
  /** Ids of members of the Organization. */
  readonly members: readonly string[];
}

/** Teams of all Organizations. */
export const teamsTable: TableDefinition<TeamRow> = {
  name: 'teams',
  key: 'key',
  indexes: ['organization'],
};

/** Most teams of one Organization. */
export const teamsPerOrganization = 200;

/** Whoever leaves an Organization leaves its teams, and does not come back into them by a later membership. */
export async function leaveTeams(tables: Transaction, organization: string, user: string): Promise<void> {
  const rows = tables.table(teamsTable);
  for (const row of await rows.list({ where: { organization }, limit: teamsPerOrganization }))
    if (row.members.includes(user))
      await rows.put({ ...row, members: row.members.filter((member) => member !== user) });
}

/** Forgets the teams of an Organization that is being deleted. */
export async function forgetTeams(tables: Transaction, organization: string): Promise<void> {
  const rows = tables.table(teamsTable);
  for (const row of await rows.list({ where: { organization }, limit: teamsPerOrganization }))
    await rows.delete(row.key);
}
