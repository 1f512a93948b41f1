import type { BackflowOffer } from '@catalyst/model/api/lanes.ts';
import type { Database, TableDefinition, Transaction } from '../../../ports/database.ts';
import type { RepositoryName } from '../../../ports/repositories.ts';

/** Somebody's decision that a change of a higher Environment is not wanted in a lower one. */
export interface DeclinedBackflow {
  /** `<organization>/<application>/<lower environment>/<fingerprint>` */
  readonly id: string;
  /** `<organization>/<application>` */
  readonly target: string;
  readonly organization: string;
  readonly from: string;
  readonly to: string;
  readonly fingerprint: string;
  readonly reason: string;
  readonly by: { readonly id: string; readonly name: string };
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** At most 200 per Application; the oldest are dropped. */
export const declinedBackflowTable: TableDefinition<DeclinedBackflow> = {
  name: 'backflow_declined',
  key: 'id',
  indexes: ['target', 'organization', 'at'],
};

/** An Application whose offers are open, or have to be looked for because a branch moved. */
export interface WatchedBackflow {
  /** `<organization>/<application>` */
  readonly id: string;
  readonly organization: string;
  readonly application: string;
  /** Another one for each thing that may change its offers. */
  readonly moved: string;
  /** `moved` when the offers were looked for. */
  readonly seen?: string;
  readonly offers: readonly Omit<BackflowOffer, 'pullRequest' | 'declined'>[];
}

/** Nothing but the Applications that have offers or moved lately. */
export const watchedBackflowTable: TableDefinition<WatchedBackflow> = {
  name: 'backflow_watched',
  key: 'id',
  indexes: ['organization'],
};

const mostDeclined = 200;

/** Names an Application in the rows. */
export function targetOf({ organization, name }: RepositoryName): string {
  return `${organization}/${name}`;
}

/** Says that the offers of an Application may be others now. Safe to repeat. */
export async function markMoved(tables: Transaction, repository: RepositoryName): Promise<void> {
  const id = targetOf(repository);
  const present = await tables.table(watchedBackflowTable).get(id);
  await tables.table(watchedBackflowTable).put({
    id,
    organization: repository.organization,
    application: repository.name,
    offers: present?.offers ?? [],
    ...(present?.seen === undefined ? {} : { seen: present.seen }),
    moved: crypto.randomUUID(),
  });
}

/** Writes a decision down; the same one again changes nothing. */
export async function writeDeclined(database: Database, row: DeclinedBackflow): Promise<void> {
  await database.transaction(async (tables) => {
    const declined = tables.table(declinedBackflowTable);
    if (await declined.get(row.id)) return;
    await declined.put(row);
    const [organization = '', name = ''] = row.target.split('/');
    await markMoved(tables, { organization, name });
    const surplus = (await declined.count({ target: row.target })) - mostDeclined;
    if (surplus <= 0) return;
    const oldest = await declined.list({ where: { target: row.target }, orderBy: 'at', limit: surplus });
    for (const { id } of oldest) await declined.delete(id);
  });
}

/** Decisions about an Application, by lower Environment and fingerprint. */
export async function readDeclined(
  tables: Transaction,
  repository: RepositoryName,
): Promise<Map<string, DeclinedBackflow>> {
  const rows = await tables
    .table(declinedBackflowTable)
    .list({ where: { target: targetOf(repository) }, limit: mostDeclined });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Forgets an Organization that is deleted, so that no namesake inherits its decisions. Idempotent. */
export async function forgetBackflow(database: Database, organization: string): Promise<void> {
  await forgetRows(database, declinedBackflowTable, { organization });
  await forgetRows(database, watchedBackflowTable, { organization });
}

async function forgetRows<Row extends { readonly id: string }>(
  database: Database,
  definition: TableDefinition<Row>,
  where: Partial<Row>,
): Promise<void> {
  const table = database.table(definition);
  for (;;) {
    const rows = await table.list({ where, limit: 1_000 });
    for (const { id } of rows) await table.delete(id);
    if (rows.length < 1_000) return;
  }
}
