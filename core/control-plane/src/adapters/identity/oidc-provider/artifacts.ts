import { createHash } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../../../ports/clock.ts';
import type { Database, Table, TableDefinition } from '../../../ports/database.ts';

/** What the issuer keeps for a while: sessions, interactions, codes, grants. Keys are hashes of the secret identifiers. */
interface Artifact {
  readonly key: string;
  readonly grant: string;
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  readonly payload: AdapterPayload;
}

const artifacts: TableDefinition<Artifact> = {
  name: 'issuer_artifacts',
  key: 'key',
  indexes: ['grant', 'uid', 'expires'],
};

const sweepEvery = 100;
const sweepRows = 500;

/** The storage of `oidc-provider` on the `Database` port. Expired rows are swept while new ones are written. */
export function createArtifacts({
  database,
  clock,
}: {
  database: Database;
  clock: Clock;
}): (model: string) => Adapter {
  const table = database.table(artifacts);
  let writes = 0;

  return (model) => {
    const keyOf = (id: string) => createHash('sha256').update(`${model}:${id}`).digest('base64url');
    const read = (row: Artifact | undefined) => (row && row.expires > clock.now() ? row.payload : undefined);
    return {
      async upsert(id, payload, expiresIn) {
        if (writes++ % sweepEvery === 0) await sweep(table, clock.now());
        await table.put({
          key: keyOf(id),
          grant: payload.grantId ?? '',
          uid: model === 'Session' ? (payload.uid ?? '') : '',
          expires: clock.now() + (expiresIn ?? 86_400) * 1000,
          payload,
        });
      },
      find: async (id) => read(await table.get(keyOf(id))),
      findByUserCode: async () => undefined,
      async findByUid(uid) {
        const [row] = await table.list({ where: { uid }, limit: 1 });
        return read(row);
      },
      async consume(id) {
        await database.transaction(async (tables) => {
          const row = await tables.table(artifacts).get(keyOf(id));
          if (row)
            await tables
              .table(artifacts)
              .put({ ...row, payload: { ...row.payload, consumed: Math.floor(clock.now() / 1000) } });
        });
      },
      async destroy(id) {
        await table.delete(keyOf(id));
      },
      async revokeByGrantId(grant) {
        if (grant === '') return;
        for (const row of await table.list({ where: { grant } })) await table.delete(row.key);
      },
    };
  };
}

async function sweep(table: Table<Artifact>, now: number): Promise<void> {
  const oldest = await table.list({ orderBy: 'expires', limit: sweepRows });
  for (const row of oldest) {
    if (row.expires > now) return;
    await table.delete(row.key);
  }
}
