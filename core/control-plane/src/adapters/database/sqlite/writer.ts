import type { DatabaseSync } from 'node:sqlite';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import { type CheckedTable, createStatements, schemaOf, toCatalystError } from './statements.ts';

const maximumGroup = 256;

/** A change that runs inside a transaction of the writer. */
export type Change<T> = (connection: WriterConnection) => T;

/** The connection as a change sees it. */
export interface WriterConnection {
  readonly statement: ReturnType<typeof createStatements>;
  /** Makes the table where it is missing. */
  ensure(table: CheckedTable): void;
}

/** The one writer: changes and transactions in the order of asking. */
export interface Writer {
  /** Runs a change; changes that wait together share one commit and so one flush of the disk. */
  change<T>(change: Change<T>): Promise<T>;
  /** Runs a transaction that may wait in between; nobody else writes meanwhile. */
  transaction<T>(work: (connection: WriterConnection) => Promise<T>): Promise<T>;
  /** True once the table is known to be committed. */
  knows(table: CheckedTable): boolean;
  /** Waits for what was asked before, then refuses everything. */
  close(): Promise<void>;
}

interface Waiting {
  /** Runs inside the group's transaction and says how to settle the caller after the commit. */
  run(): () => void;
  fail(error: unknown): void;
}

/** Puts one queue in front of a connection. */
export function createWriter(connection: DatabaseSync): Writer {
  const known = new Set<string>();
  let fresh: string[] = [];
  let group: Waiting[] = [];
  let tail: Promise<void> = Promise.resolve();
  let closed = false;
  const writer: WriterConnection = {
    statement: createStatements(connection),
    ensure(table) {
      const signature = signatureOf(table);
      if (known.has(signature) || fresh.includes(signature)) return;
      for (const sql of schemaOf(table)) connection.exec(sql);
      fresh.push(signature);
    },
  };

  const begin = () => {
    fresh = [];
    connection.exec('BEGIN IMMEDIATE');
  };
  const commit = () => {
    connection.exec('COMMIT');
    for (const signature of fresh) known.add(signature);
  };
  const rollBack = () => {
    fresh = [];
    if (connection.isTransaction) connection.exec('ROLLBACK');
  };

  /** One after another; a failure is the caller's, never the queue's. */
  function queue<T>(work: () => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new CatalystError(codes.Unavailable, 'The database is closed.'));
    const result = tail.then(work);
    tail = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  function commitGroup(members: readonly Waiting[]): void {
    const settle: (() => void)[] = [];
    try {
      begin();
      for (const member of members) settle.push(member.run());
      commit();
    } catch (error) {
      rollBack();
      if (members.length > 1) {
        // One change that cannot be made must not fail those that merely waited beside it.
        for (const member of members) commitGroup([member]);
        return;
      }
      members[0]?.fail(toCatalystError(error));
      return;
    }
    for (const done of settle) done();
  }

  return {
    change<T>(change: Change<T>) {
      return new Promise<T>((resolve, reject) => {
        const joining = group;
        joining.push({
          run() {
            const value = change(writer);
            return () => resolve(value);
          },
          fail: reject,
        });
        if (joining.length === maximumGroup) group = [];
        if (joining.length > 1) return;
        queue(async () => {
          if (group === joining) group = [];
          commitGroup(joining);
        }).catch((error: unknown) => {
          if (group === joining) group = [];
          for (const member of joining) member.fail(error);
        });
      });
    },
    transaction(work) {
      return queue(async () => {
        try {
          begin();
          const value = await work(writer);
          commit();
          return value;
        } catch (error) {
          rollBack();
          throw toCatalystError(error);
        }
      });
    },
    knows: (table) => known.has(signatureOf(table)),
    async close() {
      const last = tail;
      closed = true;
      await last;
    },
  };
}

function signatureOf(table: CheckedTable): string {
  return [table.name, table.key, ...table.indexes].join(' ');
}
