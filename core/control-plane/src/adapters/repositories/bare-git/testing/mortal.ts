import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { Database, Table, TableDefinition } from '../../../../ports/database.ts';

/** One life: it ends before its n-th durable step (a write, a flush, a rename, a transaction). */
export interface Life {
  /** Runs work in it; resolves with `dead` when it ended before the work did. Nothing of it goes on after that. */
  run<T>(work: () => Promise<T>): Promise<T | 'dead'>;
  /** A step of the test's own. */
  step(): Promise<void>;
  /** Closes the files that it left open. */
  bury(): Promise<void>;
  readonly steps: number;
}

interface Fate {
  steps: number;
  readonly diesAt: number;
  readonly die: () => void;
  readonly open: Set<FileHandle>;
}

const lives = new AsyncLocalStorage<Fate>();
const never = () => new Promise<never>(() => undefined);
let everywhere: Fate | undefined;

async function pass(fate = lives.getStore() ?? everywhere, lastAct?: () => Promise<unknown>): Promise<void> {
  if (!fate) return;
  fate.steps += 1;
  if (fate.steps < fate.diesAt) return;
  if (fate.steps === fate.diesAt) {
    await lastAct?.();
    fate.die();
  }
  await never();
}

/** A life inside this process: what belongs to it stops for ever, as if it had been killed. */
export function createLife(diesAt: number): Life {
  const death = Promise.withResolvers<'dead'>();
  const fate: Fate = { steps: 0, diesAt, die: () => death.resolve('dead'), open: new Set() };
  return {
    run: (work) => Promise.race([lives.run(fate, work), death.promise]),
    step: () => pass(fate),
    async bury() {
      for (const handle of fate.open) await handle.close();
    },
    get steps() {
      return fate.steps;
    },
  };
}

/** Makes this whole process die by SIGKILL before its n-th durable step from now; says how many there were. */
export function dieAt(diesAt: number): () => number {
  const die = () => void process.kill(process.pid, 'SIGKILL');
  const fate: Fate = { steps: 0, diesAt, die, open: new Set() };
  everywhere = fate;
  return () => fate.steps;
}

/** A database whose writes are steps. */
export function mortalDatabase(database: Database): Database {
  const mortal = <Row extends object>(table: Table<Row>): Table<Row> => ({
    ...table,
    insert: async (row) => pass().then(() => table.insert(row)),
    put: async (row) => pass().then(() => table.put(row)),
    delete: async (key) => pass().then(() => table.delete(key)),
  });
  return {
    ...database,
    table: <Row extends object>(definition: TableDefinition<Row>) => mortal(database.table(definition)),
    transaction: async (work) => pass().then(() => database.transaction(work)),
  };
}

/** Makes every change of the disk by this process a step. A file whose writing is the last act is half written. */
export function makeDiskMortal(): void {
  const { promises } = fs;
  const { rename, rm, mkdir, open, writeFile } = promises;
  const mortalHandle = (handle: FileHandle): FileHandle => {
    const write = handle.writeFile.bind(handle);
    const sync = handle.sync.bind(handle);
    const fate = lives.getStore();
    fate?.open.add(handle);
    const close = handle.close.bind(handle);
    handle.close = async () => {
      fate?.open.delete(handle);
      return close();
    };
    handle.writeFile = async (data) => {
      const half =
        typeof data === 'string' || data instanceof Uint8Array ? data.slice(0, data.length / 2) : '';
      await pass(undefined, () => write(half));
      return write(data);
    };
    handle.sync = async () => pass().then(sync);
    return handle;
  };
  promises.rename = async (...args) => pass().then(() => rename(...args));
  promises.rm = async (...args) => pass().then(() => rm(...args));
  promises.writeFile = async (...args) => pass().then(() => writeFile(...args));
  promises.open = async (...args) => mortalHandle(await open(...args));
  promises.mkdir = (async (...args: Parameters<typeof mkdir>) => {
    await pass();
    return mkdir(...args);
  }) as typeof mkdir;
  syncBuiltinESMExports();
}
