import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { healthIntervalsTable } from '../projector/health.ts';
import { startWatchKit, until } from './testing/watch-kit.ts';
import { watchesTable } from './watch-rows.ts';

const minuteMs = 60_000;
const failed = {
  why: { reason: 'CrashLoopBackOff', message: 'The container web ends again and again.' },
  instances: [
    {
      name: 'db-7f-1',
      component: 'db',
      phase: 'Running',
      ready: false,
      restarts: 5,
      containers: [
        {
          name: 'web',
          image: 'x',
          init: false,
          state: 'waiting',
          restarts: 5,
          reason: 'CrashLoopBackOff',
          lastExitCode: 3,
        },
      ],
    },
  ],
};

describe('automatic rollback', { timeout: 300_000 }, () => {
  let kit: Awaited<ReturnType<typeof startWatchKit>>;
  before(async () => {
    kit = await startWatchKit();
  });
  after(() => kit.dispose());

  const endOf = async (revision: string) => (await kit.row(revision))?.end;
  const ended = (revision: string) => until(async () => (await endOf(revision)) !== undefined);
  const watching = (revision: string) => until(async () => (await kit.row(revision))?.state === 'watching');
  const release = () => kit.change({ action: 'release', application: 'db', reason: 'Looked at.' });
  const historyOf = () => kit.repositories.history(kit.repository('db'), 'develop');

  it('a first install that does not come to run stays, and it is said why', async () => {
    await kit.start();
    const first = await kit.merged(() => kit.install('1.0.0'));
    await watching(first.revision);
    await kit.observed('Failed', first.revision, failed);
    await wait(300);
    kit.clock.advance(9 * minuteMs);
    await wait(300);
    assert.equal(await endOf(first.revision), undefined);
    kit.clock.advance(12 * minuteMs);
    await ended(first.revision);
    assert.equal(await endOf(first.revision), 'not-rolled-back');
    assert.equal(await kit.headOf(), first.revision);
    assert.match((await kit.comments(first.number)).join(), /nothing to go back to.*not installed/);
    await kit.observed('Running', first.revision);
  });

  it('goes back to what was there before, held, with the evidence, in the name of Catalyst', async () => {
    const good = await kit.headOf();
    const bad = await kit.merged(() => kit.upgrade('1.1.0'));
    await watching(bad.revision);
    await kit.observed('Failed', bad.revision, failed);
    await wait(400);
    kit.clock.advance(11 * minuteMs);
    await ended(bad.revision);
    const row = await kit.row(bad.revision);
    assert.equal(row?.end, 'rolled-back');
    assert.equal(await kit.headOf(), row?.rollbackRevision);
    assert.equal(await kit.baseOf(await kit.headOf()), await kit.baseOf(good));
    const [commit] = await historyOf();
    assert.equal(commit?.pusher?.surface, 'system');
    assert.equal(commit?.pusher?.name, 'Catalyst');
    assert.match(commit?.message ?? '', /not Running within 10m.*CrashLoop|ends again and again/);
    assert.match(commit?.message ?? '', /db-7f-1: Running, 5 restarts, exit code 3/);
    const overlay = await kit.repositories.read(
      kit.repository('db'),
      await kit.headOf(),
      'overlays/dev/application.yaml',
    );
    assert.match(new TextDecoder().decode(overlay), /holds:[\s\S]*Rolled back by itself[\s\S]*by: Catalyst/);
    const comments = await kit.comments(bad.number);
    assert.equal(comments.length, 1);
    assert.match(comments.join(), /exit code 3[\s\S]*held until somebody releases it/);
    const shown = await kit.watches().ofApplication({
      environment: 'acme-dev',
      name: 'db',
      revision: await kit.headOf(),
      holds: [],
    });
    assert.equal(shown?.state, 'rolled-back');
    assert.equal(shown?.rolledBackTo, good);
    await release();
  });

  it('what comes to run in time stays, also where nobody looked just then', async () => {
    const fine = await kit.merged(() => kit.upgrade('1.2.0'));
    await watching(fine.revision);
    const at = (ms: number) => new Date(kit.clock.now() + ms).toISOString();
    await kit.database.table(healthIntervalsTable).put({
      id: 'acme-dev/db/x',
      target: 'acme-dev/db',
      environment: 'acme-dev',
      application: 'db',
      revision: fine.revision,
      state: 'Running',
      from: at(0),
      to: at(1),
    });
    await kit.observed('Failed', fine.revision, failed);
    await ended(fine.revision);
    assert.equal(await endOf(fine.revision), 'healthy');
    kit.clock.advance(30 * minuteMs);
    await wait(300);
    assert.equal(await kit.headOf(), fine.revision);
  });

  it('what somebody changed meanwhile is his; of merges in a row it goes back to before the first', async () => {
    const good = await kit.headOf();
    const bad = await kit.merged(() => kit.upgrade('1.3.0'));
    await watching(bad.revision);
    await kit.observed('Failed', bad.revision, failed);
    const worse = await kit.merged(() => kit.upgrade('1.4.0'));
    await kit.observed('Failed', worse.revision, failed);
    await wait(400);
    kit.clock.advance(11 * minuteMs);
    await ended(worse.revision);
    assert.equal(await endOf(bad.revision), 'superseded');
    assert.equal(await endOf(worse.revision), 'rolled-back');
    assert.equal(await kit.baseOf(await kit.headOf()), await kit.baseOf(good));
    await release();

    const other = await kit.merged(() => kit.upgrade('1.5.0'));
    await watching(other.revision);
    await kit.observed('Failed', other.revision, failed);
    const fixed = await kit.upgrade('1.6.0');
    kit.clock.advance(20 * minuteMs);
    await ended(other.revision);
    assert.equal(await endOf(other.revision), 'superseded');
    assert.equal(await kit.headOf(), fixed);
    await kit.observed('Running', fixed);
  });

  it('unknown is not unhealthy: it has its whole time again', async () => {
    const good = await kit.headOf();
    const bad = await kit.merged(() => kit.upgrade('1.7.0'));
    await watching(bad.revision);
    await kit.observed('Unknown', bad.revision, { why: { reason: 'EngineUnavailable', message: 'Away.' } });
    await wait(300);
    kit.clock.advance(60 * minuteMs);
    await wait(500);
    assert.equal(await endOf(bad.revision), undefined);
    assert.equal((await kit.row(bad.revision))?.unknown, true);
    await kit.observed('Failed', bad.revision, failed);
    await until(async () => (await kit.row(bad.revision))?.unknown === false);
    kit.clock.advance(9 * minuteMs);
    await wait(400);
    assert.equal(await endOf(bad.revision), undefined);
    kit.clock.advance(2 * minuteMs);
    await ended(bad.revision);
    assert.equal(await endOf(bad.revision), 'rolled-back');
    assert.equal(await kit.baseOf(await kit.headOf()), await kit.baseOf(good));
    await release();
  });

  it('does nothing where the policy does not ask for it, or asks for gates since', async () => {
    kit.setPolicy({});
    const free = await kit.merged(() => kit.upgrade('1.8.0'));
    await until(async () => (await kit.row(free.revision)) === undefined);
    kit.setPolicy({ automaticRollback: { after: '10m' } });
    const bad = await kit.merged(() => kit.upgrade('1.9.0'));
    await watching(bad.revision);
    await kit.observed('Failed', bad.revision, failed);
    kit.setPolicy({ rollback: 'gated' });
    kit.clock.advance(20 * minuteMs);
    await ended(bad.revision);
    assert.equal(await endOf(bad.revision), 'unwanted');
    assert.match((await kit.row(bad.revision))?.message ?? '', /policy does not ask/);
    assert.equal(await kit.headOf(), bad.revision);
    kit.setPolicy({ automaticRollback: { after: '10m' } });
    await kit.observed('Running', bad.revision);
  });

  it('what is scaled to zero stays, and is not said to have come to run', async () => {
    const idle = await kit.merged(() => kit.upgrade('1.10.0'));
    await watching(idle.revision);
    const why = { reason: 'ScaledToZero', message: 'It is scaled to zero: nothing runs.' };
    await kit.observed('Paused', idle.revision, { why });
    await ended(idle.revision);
    const row = await kit.row(idle.revision);
    assert.equal(row?.end, 'unwanted');
    assert.match(row?.message ?? '', /scaled to zero, as was asked for: .* nothing has shown/);
    kit.clock.advance(30 * minuteMs);
    await wait(300);
    assert.equal(await kit.headOf(), idle.revision);
    await kit.observed('Running', idle.revision);
  });

  it('a kill between any two steps loses nothing, and it goes back once', async () => {
    let deaths = 0;
    for (let moment = 1; moment <= 14; moment += 1) {
      const good = await kit.headOf();
      const bad = await kit.merged(() => kit.upgrade('2.0.0'));
      await watching(bad.revision);
      await kit.observed('Failed', bad.revision, failed);
      let steps = Number.NEGATIVE_INFINITY;
      await kit.start(() => {
        steps += 1;
        if (steps >= moment) throw new Error('killed');
      });
      await wait(300);
      steps = 0;
      kit.clock.advance(25 * minuteMs);
      await until(async () => steps >= moment || (await endOf(bad.revision)) !== undefined);
      if (steps >= moment) deaths += 1;
      await kit.start();
      await wait(100);
      kit.clock.advance(2 * minuteMs);
      await ended(bad.revision);
      assert.equal(await endOf(bad.revision), 'rolled-back', `at ${moment}`);
      assert.equal(await kit.baseOf(await kit.headOf()), await kit.baseOf(good));
      const back = (await historyOf()).filter(({ message }) =>
        message.includes(`pull request #${bad.number} `),
      );
      assert.equal(back.length, 1);
      assert.equal((await kit.comments(bad.number)).length, 1);
      await kit.observed('Running', await release());
    }
    assert.ok(deaths >= 9, String(deaths));
  });

  it('a watch that nothing can be made of ends no start, and holds up no other one', async () => {
    const bad = await kit.merged(() => kit.upgrade('2.0.0'));
    await watching(bad.revision);
    const row = await kit.row(bad.revision);
    assert.ok(row);
    const rows = kit.database.table(watchesTable);
    const broken = { ...row, application: 'gone', target: 'acme-dev/gone', environment: 'nowhere' };
    await rows.put({ ...broken, id: '0', after: 'soon', mergedAt: 'once' });
    await rows.put({ ...broken, id: '1', state: 'rolling-back' });
    await kit.start();
    await kit.observed('Failed', bad.revision, failed);
    await wait(100);
    kit.clock.advance(25 * minuteMs);
    await ended(bad.revision);
    assert.equal(await endOf(bad.revision), 'rolled-back');
  });
});
