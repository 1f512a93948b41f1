import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { healthIntervalsTable, healthStatesTable } from '../projector/health.ts';
import { watchTimesTable } from '../projector/watch-time.ts';
import { codeOf, startProposals } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';

const subject = await startProposals();
const { kit, propose, merge, detail } = subject;
const { omar } = subject.people;
const hourMs = 3_600_000;
const window = (cron: string) => ({
  rules: [{ kind: 'change-window', cron, duration: '1h', timeZone: 'Asia/Muscat' }],
});

/** What the projector would have written, had `acme-dev/shop` been in a state at a revision. */
async function wasIn(state: 'Running' | 'Failed', revision: string, from: number, to: number): Promise<void> {
  const target = 'acme-dev/shop';
  const time = (at: number) => new Date(at).toISOString();
  await kit
    .parts()
    .database.table(healthIntervalsTable)
    .put({
      id: `${target}/${time(from)}`,
      target,
      environment: 'acme-dev',
      application: 'shop',
      revision,
      state,
      from: time(from),
      to: time(to),
    });
}

describe('rules about time', { timeout: 120_000 }, () => {
  after(() => kit.dispose());

  it('a window without reviews lets direct changes in while it is open, and only then', async () => {
    await kit.protect(window('0 0 29 2 *'));
    await assert.rejects(
      kit.commit(omar, 'main', { 'a.md': 'x' }),
      /Protected.*opens at .*29 Feb[\s\S]*pull request/,
    );
    const verdict = await kit.parts().policies.ofDirectChange('acme-prod');
    assert.deepEqual([verdict.protected, verdict.allowed], [false, false]);
    await kit.protect(window('* * * * *'));
    await kit.commit(omar, 'main', { 'a.md': 'x' });
  });

  it('a pull request waits for what it brings to have run elsewhere, and the clock stops with it', async () => {
    await kit.protect({ rules: [{ kind: 'soak', sourceEnvironment: 'acme-dev', duration: '2h' }] });
    const proposed = await propose(omar, { 'base/notes.md': 'soaking' });
    const reasonNow = async () => (await detail(proposed)).gates.find(({ rule }) => rule === 'soak')?.reason;
    assert.match((await reasonNow()) ?? '', /has not run in acme-dev/);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');

    const now = Date.now();
    await wasIn('Running', proposed.head, now - 10 * hourMs, now - 9 * hourMs);
    await wasIn('Failed', proposed.head, now - 9 * hourMs, now - 3 * hourMs);
    assert.match((await reasonNow()) ?? '', /1 h of 2h, and is not Running/);

    const database = kit.parts().database;
    await database.table(healthStatesTable).put({
      id: 'acme-dev/shop',
      revision: proposed.head,
      state: 'Running',
      from: new Date(now - hourMs / 2).toISOString(),
    });
    const [gate] = (await detail(proposed)).gates.filter(({ rule }) => rule === 'soak');
    const opens = Date.parse(gate?.until ?? '') - now;
    assert.ok(Math.abs(opens - hourMs / 2) < 5_000, `opens in ${opens} ms`);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');

    await wasIn('Running', proposed.head, now - 3 * hourMs, now - 2 * hourMs);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  it('time in which nobody looked counts for nothing, however long it was Running before', async () => {
    await kit.protect({ rules: [{ kind: 'soak', sourceEnvironment: 'acme-dev', duration: '2h' }] });
    const proposed = await propose(omar, { 'base/notes.md': 'left alone' });
    const now = Date.now();
    const time = (at: number) => new Date(at).toISOString();
    const { database } = kit.parts();
    await database.table(healthStatesTable).put({
      id: 'acme-dev/shop',
      revision: proposed.head,
      state: 'Running',
      from: time(now - 72 * hourMs),
    });
    const seen = (at: number) => database.table(watchTimesTable).put({ id: 'projector', seenAt: time(at) });
    await seen(now - 71 * hourMs);
    const [gate] = (await detail(proposed)).gates.filter(({ rule }) => rule === 'soak');
    assert.match(gate?.reason ?? '', /1 h of 2h/);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    await seen(now);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
    await database.table(watchTimesTable).delete('projector');
  });

  it('what leaves base/ as it is brings nothing that would have to run elsewhere first', async () => {
    await kit.protect({ rules: [{ kind: 'soak', sourceEnvironment: 'acme-dev', duration: '2h' }] });
    const proposed = await propose(omar, { 'overlays/prod/notes.md': 'here alone' });
    const [gate] = (await detail(proposed)).gates.filter(({ rule }) => rule === 'soak');
    assert.match(gate?.reason ?? '', /leaves base\/ as it is/);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  it('time that other content was Running does not count', async () => {
    const { repositories } = kit.parts();
    const head = (await repositories.head(shop, 'main')) ?? '';
    const now = Date.now();
    await wasIn('Running', head, now - 20 * hourMs, now - 12 * hourMs);
    const proposed = await propose(omar, { 'base/notes.md': 'something else' });
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
  });
});
