import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { RowQuery, TableDefinition } from '../../../ports/database.ts';

const tablePattern = /^[a-z][a-z_]{0,40}$/;
const fieldPattern = /^[a-zA-Z][a-zA-Z0-9_]{0,40}$/;
const maximumRowBytes = 16 * 1024 * 1024;
const maximumStatements = 200;

/** What SQLite binds. */
export type Bound = string | number | null;
/** A statement and what it binds. */
export interface Query {
  readonly sql: string;
  readonly bound: readonly Bound[];
}

/** A table definition whose names have been checked, so that they may stand in SQL. */
export interface CheckedTable {
  readonly name: string;
  readonly key: string;
  readonly indexes: readonly string[];
}

/** Checks the names of a definition against a whitelist; a wrong one is a programming error. */
export function checkDefinition<Row extends object>(definition: TableDefinition<Row>): CheckedTable {
  const indexes = [...(definition.indexes ?? [])].filter((field) => field !== definition.key);
  if (!tablePattern.test(definition.name)) throw misuse(`"${definition.name}" is no table name`);
  for (const field of [definition.key, ...indexes])
    if (!fieldPattern.test(field)) throw misuse(`"${field}" is no field name of table ${definition.name}`);
  return { name: definition.name, key: definition.key, indexes };
}

/** Statements that make the table and its indexes where they are missing. */
export function schemaOf(table: CheckedTable): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS t_${table.name} (key TEXT NOT NULL PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID`,
    ...table.indexes.map(
      (field) =>
        `CREATE INDEX IF NOT EXISTS i_${table.name}__${field} ON t_${table.name} (${expressionOf(table, field)}, key)`,
    ),
  ];
}

/** The row as text with its key; throws `TooLarge` and on a key that is no text. */
export function toStored(table: CheckedTable, row: object): { key: string; text: string } {
  const key: unknown = Reflect.get(row, table.key);
  if (typeof key !== 'string') throw misuse(`a row of table ${table.name} lacks its key "${table.key}"`);
  const text = JSON.stringify(row);
  if (text.length > maximumRowBytes)
    throw new CatalystError(codes.TooLarge, `A row of table ${table.name} is over 16 MB.`);
  return { key, text };
}

/** `SELECT` for a query of rows. */
export function selectOf<Row extends object>(table: CheckedTable, query: RowQuery<Row>): Query {
  const { limit = 1000 } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw misuse('the limit of a query is 1 to 10,000');
  const where = whereOf(table, query.where, query.after);
  const direction = query.descending ? ' DESC' : '';
  const order = expressionOf(table, query.orderBy ?? table.key);
  const ordering = order === 'key' ? `key${direction}` : `${order}${direction}, key${direction}`;
  return {
    sql: `SELECT row FROM t_${table.name}${where.sql} ORDER BY ${ordering} LIMIT ?`,
    bound: [...where.bound, limit],
  };
}

/** `SELECT count(*)` for a filter. */
export function countOf(table: CheckedTable, filter: object | undefined): Query {
  const where = whereOf(table, filter, undefined);
  return { sql: `SELECT count(*) AS n FROM t_${table.name}${where.sql}`, bound: where.bound };
}

function whereOf(table: CheckedTable, filter: object | undefined, after: string | undefined): Query {
  const parts: string[] = [];
  const bound: Bound[] = [];
  for (const [field, value] of Object.entries(filter ?? {})) {
    // `IS` finds rows without the field when the value is undefined; dropping the condition would widen the answer.
    parts.push(`${expressionOf(table, field)} IS ?`);
    bound.push(toBound(value));
  }
  if (after !== undefined) {
    parts.push('key > ?');
    bound.push(after);
  }
  return { sql: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, bound };
}

function expressionOf(table: CheckedTable, field: string): string {
  if (field === table.key) return 'key';
  if (!table.indexes.includes(field)) throw misuse(`field "${field}" of table ${table.name} has no index`);
  return `json_extract(row, '$.${field}')`;
}

function toBound(value: unknown): Bound {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === undefined || value === null) return null;
  throw misuse('rows are filtered by text, numbers and booleans only');
}

function misuse(what: string): CatalystError {
  return new CatalystError(codes.Internal, `The database was asked for something impossible: ${what}.`);
}

/** Prepares each statement once; the least recently used of more than 200 are dropped. */
export function createStatements(connection: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.delete(sql);
    statements.set(sql, statement);
    const oldest = statements.size > maximumStatements ? statements.keys().next().value : undefined;
    if (oldest !== undefined) statements.delete(oldest);
    return statement;
  };
}

/** Errors of SQLite as ours: `Unavailable` where the disk refuses, our own as they are. */
export function toCatalystError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CatalystError) return error;
  const errcode: unknown = Reflect.get(error, 'errcode');
  if (typeof errcode !== 'number') return error;
  const reason = diskReasons[errcode & 0xff];
  if (reason)
    return new CatalystError(codes.Unavailable, `The database cannot be used: ${reason}.`, {
      cause: error,
      retry: 'later',
    });
  return new CatalystError(codes.Internal, 'The database refused a statement.', { cause: error });
}

const diskReasons: Record<number, string> = {
  5: 'another process holds it',
  6: 'another process holds it',
  8: 'its file cannot be written',
  10: 'the disk reports an error',
  11: 'its file is damaged',
  13: 'the disk is full',
  14: 'its file cannot be opened',
  26: 'its file is no database',
};
