import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import { databaseContract } from '../../../ports/database.contract.ts';
import { createSqliteDatabase } from './sqlite-database.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'catalyst-sqlite-'));

databaseContract('SQLite', async () => {
  const directory = folder();
  const path = join(directory, 'database.sqlite');
  const opened = [createSqliteDatabase({ path })];
  return {
    database: opened[0] ?? assert.fail(),
    reopen: async () => {
      const again = createSqliteDatabase({ path });
      opened.push(again);
      return again;
    },
    dispose: async () => {
      for (const database of opened) await database.close();
      rmSync(directory, { recursive: true });
    },
  };
});

const counters = { name: 'counters', key: 'id' } as const;

it('holds acknowledged rows after SIGKILL in the middle of writing', async () => {
  const directory = folder();
  const path = join(directory, 'database.sqlite');
  const script = `
    import { createSqliteDatabase } from ${JSON.stringify(import.meta.resolve('./sqlite-database.ts'))};
    const table = createSqliteDatabase({ path: ${JSON.stringify(path)} }).table(${JSON.stringify(counters)});
    for (let n = 1; ; n++) { await table.put({ id: 'n', n }); process.stdout.write(n + '\\n'); }`;
  let last = 0;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      last = Number(line);
      if (last === 20 + round * 7) child.kill('SIGKILL');
    }
    const database = createSqliteDatabase({ path });
    const found = await database.table<{ id: string; n: number }>(counters).get('n');
    assert.ok(found && found.n >= last && found.n <= last + 1, `${found?.n} of ${last}`);
    await database.close();
  }
  rmSync(directory, { recursive: true });
});

it('rolls back a transaction that takes too long, and goes on', async () => {
  const directory = folder();
  const database = createSqliteDatabase({ path: join(directory, 'd.sqlite'), transactionTimeoutMs: 20 });
  const stuck = database.transaction(async (tables) => {
    await tables.table<{ id: string }>(counters).put({ id: 'a' });
    await new Promise(() => undefined);
  });
  await assert.rejects(stuck, (error) => error instanceof CatalystError && error.code === 'Unavailable');
  assert.equal(await database.table<{ id: string }>(counters).get('a'), undefined);
  await database.table<{ id: string }>(counters).put({ id: 'b' });
  assert.equal(statSync(join(directory, 'd.sqlite')).mode & 0o777, 0o600);
  await database.close();
  rmSync(directory, { recursive: true });
});

it('says that a write from outside would wait for ever inside a transaction', async () => {
  const directory = folder();
  const database = createSqliteDatabase({ path: join(directory, 'd.sqlite') });
  await assert.rejects(
    database.transaction(() => database.table<{ id: string }>(counters).put({ id: 'a' })),
    (error) => error instanceof CatalystError && error.code === 'Internal',
  );
  await database.close();
  rmSync(directory, { recursive: true });
});

it('says Unavailable where the file cannot be opened or is none of ours', () => {
  const directory = folder();
  const garbage = join(directory, 'garbage');
  writeFileSync(garbage, 'no database '.repeat(100));
  for (const path of [join(garbage, 'x.sqlite'), garbage])
    assert.throws(
      () => createSqliteDatabase({ path }),
      (error) => error instanceof CatalystError && error.code === 'Unavailable',
    );
  rmSync(directory, { recursive: true });
});
