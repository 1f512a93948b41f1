import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Database, TableDefinition } from './database.ts';

interface Row {
  readonly id: string;
  readonly organization?: string;
  readonly size: number;
  readonly active: boolean;
  readonly extra?: { readonly text: string };
}

const rows: TableDefinition<Row> = {
  name: 'contract_rows',
  key: 'id',
  indexes: ['organization', 'size', 'active'],
};

/** A database under test: `reopen` gives the same data as a new process would see it. */
export interface DatabaseUnderTest {
  readonly database: Database;
  reopen(): Promise<Database>;
  dispose(): Promise<void>;
}

function row(id: string, more: Partial<Row> = {}): Row {
  return { id, size: 1, active: true, ...more };
}

/** The laws of `Database`, for any adapter. */
export function databaseContract(name: string, create: () => Promise<DatabaseUnderTest>): void {
  const withDatabase =
    (work: (database: Database, subject: DatabaseUnderTest) => Promise<void>) => async () => {
      const subject = await create();
      try {
        await work(subject.database, subject);
      } finally {
        await subject.dispose();
      }
    };

  describe(`${name} keeps rows`, () => {
    it(
      'gives back what was put, and nothing for an unknown key',
      withDatabase(async (database) => {
        const table = database.table(rows);
        const stored = row('a', { extra: { text: "it's \u0000 % \u{1f600}" } });
        assert.equal(await table.get('a'), undefined);
        await table.put(stored);
        assert.deepEqual(await table.get('a'), stored);
        await table.put(row('a', { size: 2 }));
        assert.deepEqual(await table.get('a'), row('a', { size: 2 }));
      }),
    );

    it(
      'inserts once and deletes once',
      withDatabase(async (database) => {
        const table = database.table(rows);
        assert.equal(await table.insert(row('a')), true);
        assert.equal(await table.insert(row('a', { size: 9 })), false);
        assert.deepEqual(await table.get('a'), row('a'));
        assert.equal(await table.delete('a'), true);
        assert.equal(await table.delete('a'), false);
      }),
    );

    it(
      'lists by filter, order, page and limit, and counts',
      withDatabase(async (database) => {
        const table = database.table(rows);
        await table.put(row('b', { organization: 'acme', size: 3 }));
        await table.put(row('a', { organization: 'acme', size: 5, active: false }));
        await table.put(row('d', { size: 4 }));
        await table.put(row('c', { organization: "o'; DROP", size: 4 }));
        const ids = async (query: Parameters<typeof table.list>[0]) =>
          (await table.list(query)).map(({ id }) => id).join('');
        assert.equal(await ids({}), 'abcd');
        assert.equal(await ids({ descending: true }), 'dcba');
        assert.equal(await ids({ where: { organization: 'acme' } }), 'ab');
        assert.equal(await ids({ where: { organization: "o'; DROP" } }), 'c');
        assert.equal(await ids({ where: { active: false } }), 'a');
        assert.equal(await ids({ where: { size: 4, id: 'd' } }), 'd');
        assert.equal(await ids({ orderBy: 'size' }), 'bcda');
        assert.equal(await ids({ orderBy: 'size', descending: true, limit: 2 }), 'ad');
        assert.equal(await ids({ after: 'b', limit: 1 }), 'c');
        assert.equal(await table.count(), 4);
        assert.equal(await table.count({ organization: 'acme' }), 2);
        await assert.rejects(table.list({ limit: 0 }));
      }),
    );

    it(
      'refuses names that are no names before they reach the engine',
      withDatabase(async (database) => {
        for (const bad of [
          { name: 'rows; DROP TABLE x', key: 'id' },
          { name: 'Rows', key: 'id' },
          { name: 'x', key: "id') --" },
          { name: 'x', key: 'id', indexes: ["a'"] },
        ] as TableDefinition<Row>[])
          assert.throws(() => database.table(bad));
        const byNothing: object = { where: { extra: 'x' } };
        await assert.rejects(database.table(rows).list(byNothing));
      }),
    );

    it(
      'keeps acknowledged rows across a reopening',
      withDatabase(async (database, subject) => {
        await database.table(rows).put(row('a'));
        const again = await subject.reopen();
        assert.deepEqual(await again.table(rows).get('a'), row('a'));
      }),
    );
  });

  describe(`${name} runs transactions`, () => {
    it(
      'changes nothing when the work throws, and passes the error on',
      withDatabase(async (database) => {
        await database.table(rows).put(row('a'));
        const failure = new Error('no');
        await assert.rejects(
          database.transaction(async (tables) => {
            await tables.table(rows).put(row('a', { size: 2 }));
            await tables.table({ name: 'contract_other', key: 'id' }).put({ id: 'x' });
            throw failure;
          }),
          failure,
        );
        assert.deepEqual(await database.table(rows).get('a'), row('a'));
        assert.equal(await database.table<{ id: string }>({ name: 'contract_other', key: 'id' }).count(), 0);
      }),
    );

    it(
      'reads its own writes; others see committed rows only',
      withDatabase(async (database) => {
        await database.transaction(async (tables) => {
          await tables.table(rows).put(row('a'));
          assert.deepEqual(await tables.table(rows).get('a'), row('a'));
          assert.equal(await database.table(rows).get('a'), undefined);
        });
        assert.deepEqual(await database.table(rows).get('a'), row('a'));
      }),
    );

    it(
      'is serialisable: fifty concurrent increments count to fifty',
      withDatabase(async (database) => {
        await database.table(rows).put(row('n', { size: 0 }));
        const increment = () =>
          database.transaction(async (tables) => {
            const found = await tables.table(rows).get('n');
            await new Promise((resolve) => setImmediate(resolve));
            await tables.table(rows).put(row('n', { size: (found?.size ?? 0) + 1 }));
          });
        await Promise.all(Array.from({ length: 50 }, increment));
        assert.equal((await database.table(rows).get('n'))?.size, 50);
      }),
    );

    it(
      'runs writes from outside after the transaction, none is lost',
      withDatabase(async (database) => {
        const slow = database.transaction(async (tables) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          await tables.table(rows).put(row('a', { size: 1 }));
        });
        await Promise.all([slow, database.table(rows).put(row('a', { size: 2 }))]);
        assert.equal((await database.table(rows).get('a'))?.size, 2);
        await Promise.all(Array.from({ length: 600 }, (_, at) => database.table(rows).put(row(`k${at}`))));
        assert.equal(await database.table(rows).count(), 601);
      }),
    );

    it(
      'refuses to be used after its end and after close',
      withDatabase(async (database) => {
        const leaked = await database.transaction(async (tables) => ({ table: tables.table(rows) }));
        await assert.rejects(leaked.table.put(row('a')));
        await database.close();
        await assert.rejects(database.table(rows).put(row('a')));
        await database.close();
      }),
    );
  });
}
