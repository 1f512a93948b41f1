import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Database } from '../../../../ports/database.ts';
import type { Logger } from '../../../../ports/logger.ts';
import { type RepositoriesUnderTest, testJudge } from '../../../../ports/repositories.kit.contract.ts';
import type { PullRequestDoor, Repositories } from '../../../../ports/repositories.ts';
import { createSqliteDatabase } from '../../../database/sqlite/sqlite-database.ts';
import { type BareGitRepositoriesOptions, createBareGitRepositories } from '../bare-git-repositories.ts';

/** The clock of the machine. */
export const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};

/** Says nothing, unless `CATALYST_TEST_LOG` is set. */
export const logger: Logger = {
  debug: (fields, message) => say(fields, message),
  info: (fields, message) => say(fields, message),
  warn: (fields, message) => say(fields, message),
  error: (fields, message) => say(fields, message),
  child: () => logger,
};

function say(fields: object, message: string): void {
  if (process.env['CATALYST_TEST_LOG']) console.error(message, fields);
}

/** Opens repositories below a folder with a database beside them. */
export function openRepositories(
  directory: string,
  more: Partial<BareGitRepositoriesOptions> = {},
  wrap: (database: Database) => Database = (database) => database,
): { repositories: Repositories; close(): Promise<void> } {
  const database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
  const root = join(directory, 'repositories');
  const repositories = createBareGitRepositories({
    root,
    database: wrap(database),
    judge: testJudge,
    clock,
    logger,
    ...more,
  });
  return {
    repositories,
    async close() {
      await repositories.stop();
      await database.close();
    },
  };
}

/** Repositories in a folder of their own, with a sink that remembers. */
export async function startKit(
  more: Partial<BareGitRepositoriesOptions> = {},
  door?: PullRequestDoor,
): Promise<RepositoriesUnderTest & { readonly directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-repositories-'));
  const told: RefUpdated[] = [];
  let fails = false;
  const sink = async (update: RefUpdated) => {
    if (fails) throw new Error('The sink refuses.');
    told.push(update);
  };
  let opened = openRepositories(directory, more);
  await opened.repositories.start(sink, door);
  return {
    directory,
    repositories: opened.repositories,
    told,
    failSink: (value) => {
      fails = value;
    },
    async reopen() {
      await opened.close();
      opened = openRepositories(directory, more);
      await opened.repositories.start(sink, door);
      return opened.repositories;
    },
    async dispose() {
      await opened.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
