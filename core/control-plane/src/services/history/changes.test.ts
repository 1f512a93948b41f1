import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RefUpdated, ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { testClock, testLogger } from '../../events/testing/nats-kit.ts';
import type { Database } from '../../ports/database.ts';
import { appliedPlansTable } from './applied-plans.ts';
import {
  changesOfPlan,
  changesTable,
  findChange,
  forgetOrganization,
  openChangesTable,
  recordChange,
} from './changes.ts';
import { keepPlan } from './keep-plan.ts';
import { createOutcomes, outcomeOf } from './outcomes.ts';

const environment = 'acme-dev';
const declaration: ApplicationDeclaration = {
  application: 'shop',
  organization: 'acme',
  environment,
  blueprint: { name: 'bp-web-app', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
  requires: [],
  bindings: [],
  hosts: [],
  paused: false,
};
const revisionOf = (sequence: number) => String(sequence).padStart(40, '0');

function update(sequence: number, more: Partial<RefUpdated> = {}): RefUpdated & { environment: string } {
  return {
    organization: 'acme',
    repository: 'shop',
    ref: 'refs/heads/develop',
    oldRevision: revisionOf(sequence - 1),
    newRevision: revisionOf(sequence),
    sequence,
    pusher: { id: 'u1', name: 'Layla', surface: 'git' },
    subject: `Change ${sequence}`,
    time: new Date(Date.UTC(2026, 0, 1) + sequence * 1000).toISOString(),
    declaration,
    environment,
    ...more,
  };
}

function status(sequence: number, ready: 'True' | 'False' | 'Unknown', more: Partial<ReleaseStatus> = {}) {
  return {
    environment,
    organization: 'acme',
    application: 'shop',
    revision: revisionOf(sequence),
    appliedRevision: revisionOf(sequence),
    ready: {
      type: 'Ready',
      status: ready,
      reason: ready === 'False' ? 'CrashLoopBackOff' : 'Ready',
      message: 'so',
    },
    replicas: { ready: 1, desired: 1 },
    routes: [],
    inventory: [],
    declaration,
    ...more,
  } as ReleaseStatus;
}

describe('changes of an Application', () => {
  let directory: string;
  let database: Database;
  const facts = { application: 'shop', branch: 'develop', installed: true };
  const record = (sequence: number, more?: Partial<RefUpdated>, installed = true) =>
    database.transaction((tables) => recordChange(tables, update(sequence, more), { ...facts, installed }));
  const outcomeAt = async (sequence: number) =>
    (await findChange(database, environment, 'shop', revisionOf(sequence)))?.outcome;
  const report = async (...statuses: readonly ReleaseStatus[]) => {
    const outcomes = createOutcomes({ database, clock: testClock, logger: testLogger });
    for (const each of statuses) {
      outcomes.reported(each);
      await outcomes.settled();
    }
  };

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'catalyst-changes-'));
    database = createSqliteDatabase({ path: join(directory, 'database.sqlite') });
  });
  after(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('are written once, however often they are told, newest first', async () => {
    await record(1);
    await record(2);
    await record(1);
    await record(2);
    const rows = await database.table(changesTable).list({ where: { target: 'acme-dev/shop' } });
    assert.deepEqual(
      rows.map(({ sequence, previous, pusher }) => [sequence, previous, pusher.name]),
      [
        [2, revisionOf(1), 'Layla'],
        [1, revisionOf(0), 'Layla'],
      ],
    );
  });

  it('are superseded by a later one, unless something had come of them', async () => {
    assert.equal((await outcomeAt(1))?.state, 'superseded');
    assert.equal((await outcomeAt(2))?.state, 'pending');
    await report(status(1, 'True'), status(2, 'Unknown'));
    assert.equal((await outcomeAt(2))?.state, 'pending', 'another revision, or not yet');
    await report(status(2, 'True'));
    await record(3);
    assert.equal((await outcomeAt(2))?.state, 'running');
  });

  it('that failed may come to run later; the reason is kept until then', async () => {
    await report(status(3, 'False'));
    assert.deepEqual(
      { ...(await outcomeAt(3)), settledAt: '' },
      { state: 'failed', reason: 'so', settledAt: '' },
    );
    await report(status(3, 'True'));
    assert.equal((await outcomeAt(3))?.state, 'running');
    await report(status(3, 'False'));
    assert.equal((await outcomeAt(3))?.state, 'running', 'what was reached stays reached');
  });

  it('that failed stay failed when they are replaced', async () => {
    await record(4);
    await report(status(4, 'False'));
    await record(5);
    assert.equal((await outcomeAt(4))?.state, 'failed');
  });

  it('count only while not all copies are ready', async () => {
    await report(status(5, 'True', { replicas: { ready: 1, desired: 2 } }));
    assert.equal((await outcomeAt(5))?.state, 'pending');
    await report(
      status(5, 'True', {
        ready: { ...status(5, 'True').ready, reason: 'Paused' },
        replicas: { ready: 0, desired: 0 },
        declaration: { ...declaration, paused: true },
      }),
    );
    assert.equal((await outcomeAt(5))?.state, 'running');
    const atZero = status(5, 'True', {
      ready: { ...status(5, 'True').ready, reason: 'ScaledToZero' },
      replicas: { ready: 0, desired: 0 },
    });
    const change = { revision: revisionOf(5), removing: false };
    assert.match(outcomeOf(atZero, change)?.reason ?? '', /scaled to zero/);
  });

  it('that uninstall are done when everything is removed; later ones on the empty branch have no outcome', async () => {
    await record(6, { declaration: null });
    await report(status(6, 'True'));
    assert.equal((await outcomeAt(6))?.state, 'pending');
    await report(status(6, 'True', { removed: true }));
    assert.equal((await outcomeAt(6))?.state, 'removed');
    await record(7, { declaration: null }, false);
    assert.equal(await outcomeAt(7), undefined);
    assert.equal(await database.table(openChangesTable).get('acme-dev/shop'), undefined);
  });

  it('find their plan, whichever of the two is written down first', async () => {
    const plan = { id: 'p1', environment, createdAt: 'then', action: 'configure', consequences: ['x'] };
    await database.transaction(async (tables) => {
      await keepPlan(tables, {
        organization: 'acme',
        by: 'Layla',
        plan: { ...plan, applications: [] } as unknown as Plan,
        commits: [7, 8].map((sequence) => ({
          application: 'shop',
          revision: revisionOf(sequence),
          before: revisionOf(sequence - 1),
        })),
      });
    });
    await record(8);
    assert.deepEqual(
      (await changesOfPlan(database, 'p1')).map(({ sequence }) => sequence),
      [7, 8],
    );
  });

  it('go with their Organization, with the plans that made them', async () => {
    assert.ok(await database.table(appliedPlansTable).get('p1'));
    await database.transaction((tables) => forgetOrganization(tables, 'acme'));
    assert.equal(await database.table(changesTable).count(), 0);
    assert.equal(await database.table(openChangesTable).count(), 0);
    assert.equal(await database.table(appliedPlansTable).get('p1'), undefined);
  });

  it('are bounded: the oldest go', { timeout: 60_000 }, async () => {
    await database.transaction(async (tables) => {
      for (let sequence = 1; sequence <= 10_050; sequence += 1)
        await recordChange(tables, update(sequence), facts);
    });
    assert.equal(await database.table(changesTable).count(), 10_000);
    assert.equal(await outcomeAt(50), undefined);
    assert.equal((await outcomeAt(51))?.state, 'superseded');
  });
});
