import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Actor } from '@catalyst/model/authorization.ts';
import { healthStatesTable } from '../projector/health.ts';
import { createManualClock } from '../waiting/testing/manual-clock.ts';
import { codeOf, type Proposed, startProposals, twoOfSecurity } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';

const clock = createManualClock();
const { kit, people, propose, approve, detail, headOf } = await startProposals(clock);
const { admin, omar, ada, ben, viewer, limited } = people;
const minuteMs = 60_000;

const ask = (by: Actor, { ref, head }: Proposed, expectedHead = head) =>
  kit.parts().pullRequests.askAutoMerge(by, ref, { expectedHead });
const stop = (by: Actor, { ref }: Proposed) => kit.parts().pullRequests.stopAutoMerge(by, ref);

async function until(condition: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const began = Date.now();
  while (!(await condition())) {
    assert.ok(Date.now() - began < withinMs, 'it did not come');
    await wait(20);
  }
}

const isMerged = (proposed: Proposed) => async () => (await detail(proposed)).state === 'merged';
const isDisarmed = (proposed: Proposed) => async () => (await detail(proposed)).autoMerge === undefined;
const said = async (proposed: Proposed) =>
  (await detail(proposed)).comments.filter(({ by }) => by.name === 'Catalyst').map(({ text }) => text);

/** A window that opens at the next full hour, for an hour. */
function nextWindow() {
  const opensAt = Math.ceil((clock.now() + minuteMs) / 3_600_000) * 3_600_000;
  const hour = new Date(opensAt).getUTCHours();
  const rule = { kind: 'change-window', cron: `0 ${hour} * * *`, duration: '1h', timeZone: 'UTC' };
  return { opensAt, policy: { rules: [rule] } };
}

describe('merging by itself', { timeout: 300_000 }, () => {
  before(() => kit.reopen());
  after(() => kit.dispose());

  it('merges in the name of who asked, as soon as the last approval comes', async () => {
    const proposed = await propose(omar);
    const asked = await ask(ada, proposed);
    assert.ok(asked.ok);
    assert.match(asked.value.autoMerge?.waits ?? '', /approval/);
    assert.equal(asked.value.autoMerge?.by.name, 'ada');
    await approve(ada, proposed);
    await wait(400);
    assert.equal((await detail(proposed)).state, 'open');
    await approve(ben, proposed);
    await until(isMerged(proposed));
    const [commit] = await kit.parts().repositories.history(shop, 'main', { limit: 1 });
    assert.equal(commit?.pusher?.id, ada.id);
    assert.equal(commit?.author.name, 'ada');
    assert.match(commit?.message ?? '', /Merged by itself when its gates were open, as ada asked/);
    assert.equal((await detail(proposed)).mergedBy?.name, 'ada');
  });

  it('a window that opens merges what waits, and nothing before', async () => {
    const { opensAt, policy } = nextWindow();
    await kit.protect(policy);
    const waiting = [await propose(omar), await propose(omar), await propose(ben)];
    for (const proposed of waiting) {
      const asked = await ask(omar, proposed);
      assert.ok(asked.ok);
      assert.equal(asked.value.autoMerge?.until, new Date(opensAt).toISOString());
    }
    clock.set(opensAt - 5_000);
    await wait(600);
    for (const proposed of waiting) assert.equal((await detail(proposed)).state, 'open');
    clock.set(opensAt);
    for (const proposed of waiting) await until(isMerged(proposed));
    await kit.protect(twoOfSecurity);
  });

  it('a policy that asks for less opens it at once', async () => {
    const proposed = await propose(omar);
    assert.ok((await ask(omar, proposed)).ok);
    await kit.protect({ rules: [] });
    await until(isMerged(proposed));
    await kit.protect(twoOfSecurity);
  });

  it('a soak that begins to run wakes it, and it merges when the soak is over', async () => {
    await kit.protect({ rules: [{ kind: 'soak', sourceEnvironment: 'acme-dev', duration: '30m' }] });
    const proposed = await propose(omar, { 'base/notes.md': 'soaks' });
    const asked = await ask(omar, proposed);
    assert.ok(asked.ok);
    assert.equal(asked.value.autoMerge?.until, undefined);
    const row = { id: 'acme-dev/shop', revision: proposed.head, state: 'Running' } as const;
    const from = new Date(clock.now()).toISOString();
    await kit
      .parts()
      .database.table(healthStatesTable)
      .put({ ...row, from });
    kit.parts().pullRequests.healthChanged({ environment: 'acme-dev', application: 'shop' });
    await wait(500);
    clock.advance(29 * minuteMs);
    await wait(400);
    assert.equal((await detail(proposed)).state, 'open');
    clock.advance(minuteMs + 1_000);
    await until(isMerged(proposed));
    await kit.protect(twoOfSecurity);
  });

  it('a moved head ends it, says so once, and what was pushed is not merged', async () => {
    const proposed = await propose(omar);
    assert.ok((await ask(omar, proposed)).ok);
    await kit.commit(omar, proposed.source, { 'later.md': 'x' });
    await until(async () => (await said(proposed)).length > 0);
    assert.match((await said(proposed)).join(), /somebody pushed.*ask again/);
    const now = await detail(proposed);
    assert.equal(now.may.autoMerge, true);
    assert.equal(now.may.stopAutoMerge, false);
    for (const person of [ada, ben]) await approve(person, proposed, now.head);
    await wait(500);
    assert.equal((await detail(proposed)).state, 'open');
    assert.equal((await said(proposed)).length, 1);
  });

  it('who may not change the Environment any more merges nothing', async () => {
    const proposed = await propose(omar);
    const dora = await kit.addPerson('dora', 'org-developer');
    assert.ok((await ask(dora, proposed)).ok);
    assert.ok((await kit.parts().access.removeMember(admin, 'acme', dora.id)).ok);
    for (const person of [ada, ben]) await approve(person, proposed);
    await until(isDisarmed(proposed));
    assert.match((await said(proposed)).join(), /dora may not change acme-prod any more/);
    assert.equal((await detail(proposed)).state, 'open');
  });

  it('a conflict ends it with its file', async () => {
    const proposed = await propose(omar, { 'same.md': 'a' });
    assert.ok((await ask(omar, proposed)).ok);
    const other = await propose(omar, { 'same.md': 'b' });
    for (const person of [ada, ben]) await approve(person, other);
    assert.equal(
      codeOf(await kit.parts().pullRequests.merge(omar, other.ref, { expectedHead: other.head })),
      'ok',
    );
    await until(isDisarmed(proposed));
    assert.match((await said(proposed)).join(), /same\.md changed in main too/);
  });

  it('is asked for and stopped by those who may merge, and by who asked', async () => {
    const proposed = await propose(omar);
    for (const person of [viewer, limited]) assert.equal(codeOf(await ask(person, proposed)), 'Denied');
    assert.equal(codeOf(await ask(omar, proposed, 'b'.repeat(40))), 'Stale');
    assert.ok((await ask(omar, proposed)).ok);
    const again = await ask(omar, proposed);
    assert.ok(again.ok);
    assert.equal(codeOf(await stop(limited, proposed)), 'Denied');
    assert.equal((await detail(proposed, limited)).may.stopAutoMerge, false);
    assert.equal(codeOf(await stop(ada, proposed)), 'ok');
    for (const person of [ada, ben]) await approve(person, proposed);
    await wait(500);
    assert.equal((await detail(proposed)).state, 'open');
    assert.equal(codeOf(await stop(ada, proposed)), 'ok');
    assert.ok((await ask(omar, proposed)).ok);
    await until(isMerged(proposed));
    assert.equal(codeOf(await ask(omar, proposed)), 'Conflict');
  });

  it('a set is merged in its order, whichever was asked for first', async () => {
    const made = await kit.parts().pullRequests.propose(omar, 'acme-prod', 'auto', {});
    assert.ok(made.ok);
    const members = made.value.map(({ application, number, head }) => ({
      ref: { organization: 'acme', application, number },
      head,
      number,
      source: '',
    }));
    for (const member of members.toReversed()) {
      for (const person of [ada, ben]) await approve(person, member);
      assert.ok((await ask(omar, member)).ok);
      await wait(300);
    }
    for (const member of members) await until(isMerged(member));
    const merges = await Promise.all(members.map((member) => detail(member)));
    const [first, second] = merges.map(({ mergedAt = '' }) => mergedAt);
    assert.ok(first && second && first < second, `${first} ${second}`);
  });

  it('a policy that asks for gates and for going back without them is refused', async () => {
    const spec = { rules: [], rollback: 'gated', automaticRollback: { after: '10m' } };
    const put = await kit.parts().policies.put(kit.boss, 'acme-prod', spec, 'Because.');
    assert.equal(codeOf(put), 'Contradiction');
  });

  it('what is armed goes on after a kill at any moment between two steps', async () => {
    for (let moment = 1; moment <= 5; moment += 1) {
      const { opensAt, policy } = nextWindow();
      await kit.protect(policy);
      const proposed = await propose(omar);
      assert.ok((await ask(omar, proposed)).ok);
      let steps = Number.NEGATIVE_INFINITY;
      await kit.reopen(() => {
        steps += 1;
        if (steps >= moment) throw new Error('killed');
      });
      steps = 0;
      clock.set(opensAt);
      await wait(700);
      await kit.reopen();
      await until(isMerged(proposed));
      const history = await kit.parts().repositories.history(shop, 'main');
      assert.equal(history.filter(({ parents }) => parents[1] === proposed.head).length, 1);
      assert.equal(await headOf('main'), history[0]?.revision);
    }
    await kit.protect(twoOfSecurity);
  });
});
