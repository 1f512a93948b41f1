import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { Reason } from '@catalyst/model/workload/reasons.ts';
import type { Database, Table } from '../../../ports/database.ts';

/** What is remembered of one Application in one Environment, across restarts. */
export interface ReleaseRow {
  /** `<environment>/<application>` */
  readonly key: string;
  readonly environment: string;
  readonly organization: string;
  readonly application: string;
  readonly branch: string;
  /** The commit whose objects passed all checks and are being applied. */
  readonly revision: string;
  readonly declaration: ApplicationDeclaration;
  /** The last commit that became Ready, with what it declared. */
  readonly appliedRevision?: string;
  readonly appliedDeclaration?: ApplicationDeclaration;
  /** Hash of what led to a state in which no Pod is expected; then a start needs no render. */
  readonly restingInputs?: string;
  /** Reason of the `Ready` condition of that state; absent in rows of earlier versions, which are looked at once more. */
  readonly restingReason?: Reason;
  readonly inventory: ReleaseStatus['inventory'];
  readonly routes: ReleaseStatus['routes'];
  readonly claims: readonly string[];
}

/** A Job that succeeded, so that it is not run again. */
export interface JobRow {
  /** `<environment>/<application>/<job>`; of a binding Job: `<environment>/<provider>/binding/<dependent>/<alias>` */
  readonly key: string;
  /** `<environment>/<application>` whose Pods it ran among. */
  readonly release: string;
  /** `<environment>/<application>` of a binding's dependent; empty for other Jobs. */
  readonly dependent: string;
  readonly hash: string;
  readonly succeededAt: string;
}

/** Durable rows of the agent, mirrored in memory: reads cost nothing, a resolved write is durable. */
export interface ReleaseStore {
  load(): Promise<void>;
  all(): IterableIterator<ReleaseRow>;
  get(key: string): ReleaseRow | undefined;
  put(row: ReleaseRow): Promise<void>;
  job(key: string): JobRow | undefined;
  putJob(row: JobRow): Promise<void>;
  /** Forgets a release and every Job of it or for it. */
  forget(key: string): Promise<void>;
}

const releases = { name: 'agent_releases', key: 'key' } as const;
const jobs = { name: 'agent_jobs', key: 'key', indexes: ['release', 'dependent'] } as const;

/** Keeps the rows in tables `agent_releases` and `agent_jobs`. */
export function createReleaseStore(database: Database): ReleaseStore {
  const releaseTable = database.table<ReleaseRow>(releases);
  const jobTable = database.table<JobRow>(jobs);
  const releaseRows = new Map<string, ReleaseRow>();
  const jobRows = new Map<string, JobRow>();
  return {
    async load() {
      for (const row of await readAll(releaseTable)) releaseRows.set(row.key, row);
      for (const row of await readAll(jobTable)) jobRows.set(row.key, row);
    },
    all: () => releaseRows.values(),
    get: (key) => releaseRows.get(key),
    async put(row) {
      if (JSON.stringify(releaseRows.get(row.key)) === JSON.stringify(row)) return;
      await releaseTable.put(row);
      releaseRows.set(row.key, row);
    },
    job: (key) => jobRows.get(key),
    async putJob(row) {
      await jobTable.put(row);
      jobRows.set(row.key, row);
    },
    async forget(key) {
      const gone = [...jobRows.values()].filter((row) => row.release === key || row.dependent === key);
      await database.transaction(async (tables) => {
        await tables.table<ReleaseRow>(releases).delete(key);
        for (const row of gone) await tables.table<JobRow>(jobs).delete(row.key);
      });
      releaseRows.delete(key);
      for (const row of gone) jobRows.delete(row.key);
    },
  };
}

async function readAll<Row extends { readonly key: string }>(table: Table<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const last = rows.at(-1)?.key;
    const page = await table.list({ limit: 1000, ...(last === undefined ? {} : { after: last }) });
    rows.push(...page);
    if (page.length < 1000) return rows;
  }
}
