import type { Table } from '../../ports/database.ts';

/** Every row of a table in order of its key, a page at a time. */
export async function* eachRow<Row extends object>(
  table: Table<Row>,
  keyOf: (row: Row) => string,
): AsyncGenerator<Row> {
  const limit = 1_000;
  for (let after: string | undefined; ; ) {
    const rows: Row[] = await table.list({ limit, ...(after === undefined ? {} : { after }) });
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < limit) return;
    after = keyOf(last);
  }
}
