import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { testLogger } from '../../events/testing/nats-kit.ts';
import { healthIntervalsTable, healthStatesTable } from './health.ts';
import { createHealthWatch } from './watch-health.ts';
import { beatMs, countsUntil, gapMs, readSeenAt } from './watch-time.ts';

const hourMs = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'catalyst-health-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A database of its own and a clock that stands still until it is set. */
function openWorld(name: string) {
  const database = createSqliteDatabase({ path: join(folder, `${name}.sqlite`) });
  let now = Date.parse('2026-03-01T12:00:00.000Z');
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const openWatch = () => createHealthWatch({ database, clock, logger: testLogger });
  const of = { environment: 'acme-dev', application: 'shop' };
  return {
    database,
    openWatch,
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
    async see(watch: ReturnType<typeof openWatch>, state: 'Running' | 'Failed') {
      const change = watch.changeOf(of, { state, revision: 'a'.repeat(40) });
      await watch.record(change ? [change] : []);
    },
    present: () => database.table(healthStatesTable).get('acme-dev/shop'),
    /** State and length of each closed interval, the oldest first. */
    async past() {
      const rows = await database
        .table(healthIntervalsTable)
        .list({ where: { target: 'acme-dev/shop' }, orderBy: 'from' });
      return rows.map(({ state, from, to }) => [state, Date.parse(to) - Date.parse(from)]);
    },
  };
}

describe('time Running', () => {
  it('ends at the last beat before a stop, and what came after it is Unknown until it is seen again', async () => {
    const world = openWorld('stop');
    const before = world.openWatch();
    await before.start();
    await world.see(before, 'Running');
    world.pass(beatMs);
    await before.beat();
    world.pass(72 * hourMs);
    const next = world.openWatch();
    await next.start();
    assert.deepEqual(await world.past(), [['Running', beatMs]]);
    assert.equal((await world.present())?.state, 'Unknown');
    // Whoever has looked already by then finds it running from now on, not since the stop.
    await world.see(next, 'Running');
    assert.deepEqual(await world.past(), [
      ['Running', beatMs],
      ['Unknown', 72 * hourMs],
    ]);
    assert.equal(Date.parse((await world.present())?.from ?? ''), world.now());
    await world.database.close();
  });

  it('has no part of a sleep of the machine or a jump of the clock, forwards or back', async () => {
    for (const jump of [72 * hourMs, -72 * hourMs]) {
      const world = openWorld(`jump${jump}`);
      const watch = world.openWatch();
      await watch.start();
      await world.see(watch, 'Running');
      await watch.beat();
      world.pass(beatMs);
      await watch.beat();
      world.pass(jump);
      await watch.beat();
      assert.deepEqual(await world.past(), [['Running', jump > 0 ? beatMs : 0]]);
      assert.equal((await world.present())?.state, 'Running');
      assert.equal(Date.parse((await world.present())?.from ?? ''), world.now());
      await world.database.close();
    }
  });

  it('goes on through beats in time, and every other state through everything', async () => {
    const world = openWorld('steady');
    const watch = world.openWatch();
    await watch.start();
    await world.see(watch, 'Running');
    for (let beats = 0; beats < 5; beats += 1) {
      await watch.beat();
      world.pass(gapMs);
    }
    await watch.beat();
    assert.deepEqual(await world.past(), []);
    await world.see(watch, 'Failed');
    world.pass(hourMs);
    await watch.beat();
    await world.openWatch().start();
    assert.deepEqual(await world.past(), [['Running', 5 * gapMs]]);
    assert.equal((await world.present())?.state, 'Failed');
    await world.database.close();
  });

  it('counts while an interval is open, and not far beyond the last beat', async () => {
    const world = openWorld('open');
    assert.equal(countsUntil(await readSeenAt(world.database), world.now()), world.now());
    const watch = world.openWatch();
    await watch.start();
    await watch.beat();
    const seenAt = await readSeenAt(world.database);
    assert.equal(seenAt, world.now());
    assert.equal(countsUntil(seenAt, world.now() + beatMs), world.now() + beatMs);
    assert.equal(countsUntil(seenAt, world.now() + 72 * hourMs), world.now() + gapMs);
    await world.database.close();
  });
});
