import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { replayVerdict } from '@catalyst/model/policy/verdict.ts';
import { codeOf, type Proposed, startProposals, twoOfSecurity } from '../review/testing/proposals.ts';
import type { BrokenGlass } from './break-glass.ts';

const minute = 60_000;
let offset = 0;
const clock = {
  now: () => Date.now() + offset,
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        done();
      });
    }),
};
const subject = await startProposals(clock);
const { kit, propose, merge, detail } = subject;
const { admin, ada, ben, viewer } = subject.people;
let omar: Actor;
let second: Actor;

const glass = () => kit.parts().breakGlass;
const grant = (by: Actor, to: Actor, granted = true) =>
  kit.parts().access.grantBreakGlass(by, 'acme', to.id, granted);
const open = (by: Actor, environment = 'acme-prod', request = { reason: 'The shop is down.', minutes: 30 }) =>
  glass().open(by, environment, request);
async function opened(by: Actor, environment = 'acme-prod'): Promise<BrokenGlass> {
  const done = await open(by, environment);
  assert.ok(done.ok, JSON.stringify(done));
  return done.value;
}
const lastVerdict = async ({ number }: Proposed) =>
  (await kit.parts().verdicts.list('acme-prod', { number, limit: 1 }))[0];

describe('breaking the glass', { timeout: 240_000 }, () => {
  before(async () => {
    second = await kit.addPerson('second', 'org-admin');
  });
  after(() => kit.dispose());

  it('no administrator merges through closed gates, and none has the right by being one', async () => {
    const proposed = await propose(subject.people.omar);
    for (const person of [admin, kit.boss]) {
      assert.equal(codeOf(await merge(person, proposed)), 'GateClosed');
      assert.equal(codeOf(await open(person)), 'Denied');
      assert.equal((await detail(proposed, person)).may.breakGlass, false);
    }
  });

  it('is granted by name: by an org-admin, to somebody else, who does not only view', async () => {
    assert.equal(codeOf(await grant(kit.boss, subject.people.omar)), 'Denied');
    assert.equal(codeOf(await grant(admin, admin)), 'Denied');
    assert.equal(codeOf(await grant(ada, ada)), 'Denied');
    assert.equal(codeOf(await grant({ ...admin, readOnly: true }, ada)), 'Denied');
    assert.equal(codeOf(await grant(admin, viewer)), 'Invalid');
    const granted = await grant(admin, subject.people.omar);
    assert.ok(granted.ok);
    assert.deepEqual(granted.value.breakGlass?.by, { id: admin.id, name: admin.name });
    omar = await kit.actorOf(subject.people.omar.id);
    // The role changes, the right stays.
    const { access } = kit.parts();
    const changed = await access.changeMember(admin, 'acme', omar.id, { role: 'org-developer' });
    assert.ok(changed.ok && changed.value.breakGlass);
  });

  it('opens for merges of that person alone, in that Environment alone, with a reason that the verdict keeps', async () => {
    await protectDevelop();
    const proposed = await propose(ada);
    const other = await propose(ada, { 'other.md': 'x' });
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.equal((await detail(proposed, omar)).may.breakGlass, true);
    assert.equal(codeOf(await open(omar, 'acme-prod', { reason: '  ', minutes: 30 })), 'Invalid');
    assert.equal(codeOf(await open(omar, 'acme-prod', { reason: 'x', minutes: 241 })), 'Invalid');

    const heard: BrokenGlass[] = [];
    glass().onBroken((one) => void heard.push(one));
    const broken = await opened(omar);
    assert.deepEqual(heard, [broken]);
    assert.equal(codeOf(await open(omar)), 'Conflict');
    for (const person of [ada, ben, admin, kit.boss])
      assert.equal(codeOf(await merge(person, proposed)), 'GateClosed');
    await assert.rejects(kit.commit(omar, 'main', { 'a.md': 'x' }), /Protected/);
    assert.equal(codeOf(await mergeIntoDevelop()), 'GateClosed');

    const seen = await detail(proposed, omar);
    assert.deepEqual([seen.mergeable, seen.may.merge, seen.breakGlass?.reason], [true, true, broken.reason]);
    assert.ok(seen.gates.some(({ allowed }) => !allowed));
    assert.equal((await detail(proposed, admin)).mergeable, false);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');

    const verdict = await lastVerdict(proposed);
    assert.deepEqual(verdict?.facts.breakGlass, {
      by: { id: omar.id, name: omar.name },
      reason: broken.reason,
      until: broken.until,
    });
    assert.deepEqual([verdict.allowed, verdict.outcome.byBreakGlass], [true, true]);
    assert.deepEqual(replayVerdict(verdict), { outcome: verdict.outcome, same: true });

    const done = await glass().close(omar, 'acme-prod', broken.id);
    assert.ok(done.ok && done.value.ended?.how === 'hand');
    assert.equal(codeOf(await merge(omar, other)), 'GateClosed');
    assert.deepEqual(
      kit.parts().told.map(({ change, id }) => [change, id]),
      [
        ['opened', broken.id],
        ['closed', broken.id],
      ],
    );
  });

  it('skips neither a hold nor the owners of CODEOWNERS', async () => {
    const overlay = 'overlays/prod/application.yaml';
    await kit.protect(null);
    await kit.commit(ada, 'main', { 'base/notes.md': 'one', [overlay]: 'spec: {}\n' });
    const held = { [overlay]: 'spec:\n  holds:\n    - reason: It leaks memory.\n' };
    await kit.commit(ada, 'main', held, { under: { kind: 'operation' } });
    await kit.protect(twoOfSecurity);
    const broken = await opened(omar);
    assert.equal(codeOf(await merge(omar, await propose(ada, { 'base/notes.md': 'two' }))), 'Held');
    const owners = await propose(ada, { CODEOWNERS: '* @acme/security\n' });
    const refused = await merge(omar, owners);
    assert.ok(!refused.ok);
    assert.deepEqual(
      refused.problems.map(({ field }) => field),
      ['codeowners'],
    );
    assert.ok((await glass().close(second, 'acme-prod', broken.id)).ok);
  });

  it('ends by time, when the clock is set back, and when the right is taken, and is there after a kill', async () => {
    const proposed = await propose(ada);
    const broken = await opened(omar);
    await kit.reopen();
    const [listed] = await glass().list('acme-prod', { open: true, limit: 1 });
    assert.deepEqual(listed, broken);
    assert.equal(codeOf(await glass().close(ada, 'acme-prod', broken.id)), 'Denied');
    assert.equal(codeOf(await glass().close(admin, 'acme-dev', broken.id)), 'NotFound');

    offset += 30 * minute;
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.equal(await howEnded(broken), 'time');

    const early = await opened(omar);
    offset -= 10 * minute;
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.equal(await howEnded(early), 'clock');
    offset += 10 * minute;
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');

    const taken = await opened(omar);
    assert.ok((await grant(second, omar, false)).ok);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.equal(await howEnded(taken), 'right');
    assert.equal(codeOf(await open(await kit.actorOf(omar.id))), 'Denied');
    const { length } = await glass().list('acme-prod', { limit: 200 });
    assert.equal(length, 5);
    assert.ok(
      (await kit.parts().verdicts.list('acme-prod', { limit: 200 })).every((one) => replayVerdict(one).same),
    );
  });

  it('writes down its end by itself', async () => {
    assert.ok((await grant(second, omar)).ok);
    const broken = await opened(await kit.actorOf(omar.id));
    await glass().start();
    offset = Date.parse(broken.until) - Date.now() - 150;
    // The loop was asleep for longer; a new one looks at once and then when it ends.
    await glass().stop();
    await kit.reopen();
    await glass().start();
    try {
      for (let tries = 0; tries < 100 && kit.parts().told.length === 0; tries += 1) await clock.sleep(50);
      assert.deepEqual(
        kit.parts().told.map(({ change, ended }) => [change, ended]),
        [['closed', 'time']],
      );
    } finally {
      await glass().stop();
    }
  });
});

async function howEnded({ id }: BrokenGlass): Promise<string | undefined> {
  const found = (await glass().list('acme-prod', { limit: 200 })).find((one) => one.id === id);
  return found?.ended?.how;
}

async function protectDevelop(): Promise<void> {
  const { policies } = kit.parts();
  assert.ok((await policies.put(kit.boss, 'acme-dev', twoOfSecurity, 'Because.')).ok);
}

async function mergeIntoDevelop() {
  const { repositories, pullRequests } = kit.parts();
  const from = (await repositories.head({ organization: 'acme', name: 'shop' }, 'develop')) ?? '';
  await kit.commit(ada, 'for-develop', { 'dev.md': 'x' }, { from });
  const made = await pullRequests.open(ada, 'acme', {
    application: 'shop',
    source: 'for-develop',
    destination: 'develop',
    title: 'For develop',
  });
  assert.ok(made.ok);
  const { number, head } = made.value;
  return pullRequests.merge(
    omar,
    { organization: 'acme', application: 'shop', number },
    { expectedHead: head },
  );
}
