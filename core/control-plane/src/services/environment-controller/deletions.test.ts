import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { ok } from '@catalyst/model/problem.ts';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { clock, logger } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import type { Repositories } from '../../ports/repositories.ts';
import { deletionsTable } from '../organization-controller/resource-tables.ts';
import { createDeletions } from './deletions.ts';

it('a deletion that cannot go on ends no start, and holds up no other one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-deletions-'));
  const database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
  const rows = database.table(deletionsTable);
  const actor = { id: 'u1', name: 'Ada', email: 'ada@example.net', surface: 'api' } as const;
  const row = { kind: 'Organization', actor, startedAt: '2026-01-01T00:00:00Z', progress: '' } as const;
  await rows.put({ ...row, name: 'a', organization: 'a', actor: undefined, startedAt: undefined } as never);
  await rows.put({ ...row, name: 'b', organization: 'b' });
  const repositories = {
    async list(organization: string) {
      if (organization === 'a') throw new Error('its folder cannot be read');
      return [];
    },
    head: async () => undefined,
  } as unknown as Repositories;
  const deletions = createDeletions({
    repositories,
    database,
    workloads: { volumes: async () => [], deleteVolumes: async () => [] },
    secrets: { delete: async () => undefined },
    applications: { list: async () => [], remove: async () => undefined },
    removeMemberships: async () => undefined,
    forgetEnvironment: async () => undefined,
    clock,
    logger,
    commit: async (_actor, _message, decide) => {
      await decide();
      return ok(undefined);
    },
    forget: async ({ name }) => void (await rows.delete(name)),
  });
  await deletions.start();
  try {
    for (let tries = 0; (await rows.count()) > 1; tries += 1) {
      assert.ok(tries < 100, 'the second one waits for the first');
      await clock.sleep(20);
    }
    assert.ok(await rows.get('a'));
  } finally {
    await deletions.stop();
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
