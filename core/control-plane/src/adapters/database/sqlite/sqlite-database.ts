import { AsyncLocalStorage } from 'node:async_hooks';
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Database, RowQuery, Table, TableDefinition, Transaction } from '../../../ports/database.ts';
import {
  type CheckedTable,
  checkDefinition,
  countOf,
  createStatements,
  type Query,
  selectOf,
  toCatalystError,
  toStored,
} from './statements.ts';
import { type Change, createWriter, type Writer, type WriterConnection } from './writer.ts';

/** Where the database is, and how long one transaction may hold the others up. */
export interface SqliteDatabaseOptions {
  /** File of the database; made, with its folder, where it is missing (mode 0600). */
  readonly path: string;
  /** A transaction that takes longer is rolled back with `Unavailable`; 30 s unless told. */
  readonly transactionTimeoutMs?: number;
}

interface Access {
  /** `empty` is the answer while the table has never been written. */
  read<T>(table: CheckedTable, empty: T, work: (statement: (sql: string) => StatementSync) => T): Promise<T>;
  write<T>(table: CheckedTable, change: Change<T>): Promise<T>;
}

/**
 * `Database` in one SQLite file: write-ahead log, a commit is on the disk before it is acknowledged, and writes that wait
 * together share one flush. Reads go through a connection of their own and never wait for a transaction.
 */
export function createSqliteDatabase(options: SqliteDatabaseOptions): Database {
  const { transactionTimeoutMs = 30_000 } = options;
  const { writing, reading } = open(options.path);
  const writer = createWriter(writing);
  const readStatement = createStatements(reading);
  const inside = new AsyncLocalStorage<{ open: boolean }>();
  let closing: Promise<void> | undefined;

  const refuseNesting = () => {
    // Waiting for the writer inside of its own transaction would wait for ever.
    if (inside.getStore()?.open)
      throw new CatalystError(codes.Internal, 'Inside a transaction, write through its own tables.');
  };
  const outside: Access = {
    async read(table, empty, work) {
      if (!writer.knows(table)) {
        if (!inside.getStore()?.open) await writer.change((connection) => connection.ensure(table));
        else if (!tableExists(readStatement, table)) return empty;
      }
      return translated(() => work(readStatement));
    },
    async write(table, change) {
      refuseNesting();
      return writer.change((connection) => {
        connection.ensure(table);
        return change(connection);
      });
    },
  };

  return {
    table: (definition) => createTable(definition, outside),
    async transaction(work) {
      refuseNesting();
      return runTransaction(writer, inside, transactionTimeoutMs, work);
    },
    close() {
      closing ??= writer.close().then(() => {
        reading.close();
        writing.close();
      });
      return closing;
    },
  };
}

function open(path: string): { writing: DatabaseSync; reading: DatabaseSync } {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
    const writing = new DatabaseSync(path, { timeout: 5000 });
    writing.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -8000',
    );
    const reading = new DatabaseSync(path, { timeout: 5000, readOnly: true });
    return { writing, reading };
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new CatalystError(codes.Unavailable, `The database file ${path} cannot be opened.`, {
        cause: error,
      });
    throw toCatalystError(error);
  }
}

async function runTransaction<T>(
  writer: Writer,
  inside: AsyncLocalStorage<{ open: boolean }>,
  timeoutMs: number,
  work: (tables: Transaction) => Promise<T>,
): Promise<T> {
  return writer.transaction(async (connection) => {
    const scope = { open: true };
    const tables = transactionTables(connection, scope);
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(new CatalystError(codes.Unavailable, 'A transaction took too long.', { retry: 'later' })),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([inside.run(scope, () => work(tables)), overdue]);
    } finally {
      scope.open = false;
      clearTimeout(timer);
    }
  });
}

function transactionTables(connection: WriterConnection, scope: { readonly open: boolean }): Transaction {
  const within = <T>(table: CheckedTable, work: () => T): T => {
    if (!scope.open) throw new CatalystError(codes.Internal, 'The transaction is over.');
    return translated(() => {
      connection.ensure(table);
      return work();
    });
  };
  const access: Access = {
    read: async (table, _empty, work) => within(table, () => work(connection.statement)),
    write: async (table, change) => within(table, () => change(connection)),
  };
  return { table: (definition) => createTable(definition, access) };
}

function createTable<Row extends object>(definition: TableDefinition<Row>, access: Access): Table<Row> {
  const table = checkDefinition(definition);
  const name = `t_${table.name}`;
  const rowsOf = (statement: (sql: string) => StatementSync, query: Query): Row[] =>
    statement(query.sql)
      .all(...query.bound)
      .map((found) => JSON.parse(String(found.row)));
  return {
    get: (key) =>
      access.read<Row | undefined>(
        table,
        undefined,
        (statement) => rowsOf(statement, { sql: `SELECT row FROM ${name} WHERE key = ?`, bound: [key] })[0],
      ),
    async insert(row) {
      const { key, text } = toStored(table, row);
      return access.write(table, ({ statement }) => {
        const sql = `INSERT INTO ${name} (key, row) VALUES (?, ?) ON CONFLICT DO NOTHING`;
        return statement(sql).run(key, text).changes === 1;
      });
    },
    async put(row) {
      const { key, text } = toStored(table, row);
      await access.write(table, ({ statement }) => {
        const sql = `INSERT INTO ${name} (key, row) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET row = excluded.row`;
        statement(sql).run(key, text);
      });
    },
    delete: (key) =>
      access.write(
        table,
        ({ statement }) => statement(`DELETE FROM ${name} WHERE key = ?`).run(key).changes === 1,
      ),
    async list(query: RowQuery<Row> = {}) {
      const select = selectOf(table, query);
      return access.read<Row[]>(table, [], (statement) => rowsOf(statement, select));
    },
    async count(where) {
      const { sql, bound } = countOf(table, where);
      return access.read(table, 0, (statement) => Number(statement(sql).get(...bound)?.n ?? 0));
    },
  };
}

function tableExists(statement: (sql: string) => StatementSync, table: CheckedTable): boolean {
  return statement('SELECT 1 FROM sqlite_master WHERE name = ?').get(`t_${table.name}`) !== undefined;
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toCatalystError(error);
  }
}
