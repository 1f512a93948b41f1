import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { clock, logger } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import type { Workloads } from '../../ports/workloads.ts';
import { startHistoryKit } from '../history/testing/history-kit.ts';
import { volumeDeletionsTable } from './plan-store.ts';
import { createVolumeDeletions } from './volume-deletions.ts';

const kit = await startHistoryKit([]);

describe('volumes that are to be deleted', { timeout: 60_000 }, () => {
  after(() => kit.close());

  it('one that cannot be deleted holds up no other one', async () => {
    const table = kit.database.table(volumeDeletionsTable);
    const of = (application: string) => ({
      ...{ id: `acme-dev/${application}/data`, organization: 'acme', environment: 'acme-dev' },
      ...{ branch: 'develop', application, claim: 'data' },
    });
    await table.put(of('a'));
    await table.put(of('b'));
    const workloads = {
      volumes: async () => [],
      async deleteVolumes(_environment: string, application: string, claims: readonly string[]) {
        if (application === 'a') throw new Error('its folder cannot be removed');
        return [...claims];
      },
    } as unknown as Workloads;
    const { database, repositories } = kit;
    const subject = createVolumeDeletions({ database, workloads, repositories, clock, logger });
    subject.start();
    try {
      for (let tries = 0; (await table.count()) > 1; tries += 1) {
        assert.ok(tries < 100, 'the second one waits for the first');
        await clock.sleep(20);
      }
      assert.ok(await table.get('acme-dev/a/data'));
    } finally {
      await subject.stop();
    }
  });
});
