import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { replayVerdict } from '@catalyst/model/policy/verdict.ts';
import { codeOf, startProposals, twoOfSecurity } from '../review/testing/proposals.ts';
import { createVerdicts } from './create-verdicts.ts';
import type { Decision } from './verdicts.ts';
import { toVerdictDetail } from './views.ts';

const subject = await startProposals();
const { kit, propose, approve, merge, headOf } = subject;
const { admin, omar, ada, ben } = subject.people;
const verdictsOf = (number?: number) =>
  kit.parts().verdicts.list('acme-prod', { limit: 200, ...(number === undefined ? {} : { number }) });

describe('recorded verdicts', { timeout: 240_000 }, () => {
  after(() => kit.dispose());

  it('hold every decision about a merge, from the facts of that moment; the same refusal again is counted', async () => {
    const proposed = await propose(omar, { 'secret.md': 'the-content-of-a-file' });
    const base = await headOf('main');
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    await approve(ada, proposed);
    await approve(ben, proposed);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');

    const [let_, refused, ...others] = await verdictsOf(proposed.number);
    assert.ok(let_ && refused);
    assert.equal(others.length, 0);
    assert.deepEqual([refused.allowed, refused.times, let_.allowed, let_.times], [false, 2, true, 1]);
    for (const verdict of [let_, refused])
      assert.deepEqual(
        [verdict.head, verdict.base, verdict.by, verdict.application, verdict.branch],
        [proposed.head, base, { id: omar.id, name: omar.name, surface: 'console' }, 'shop', 'main'],
      );
    assert.equal(let_.configRevision, await configHead());
    assert.deepEqual(let_.policy?.rules, [
      { kind: 'pr-required', approvers: ['@acme/security'], minApprovals: 2 },
    ]);
    assert.deepEqual(let_.facts.review?.reviews.map(({ by }) => by.id).sort(), [ada.id, ben.id].sort());
    assert.deepEqual(let_.facts.review?.authors, [omar.id]);
  });

  it('hold no e-mail of those who acted, and nothing of the files', async () => {
    const text = JSON.stringify(await verdictsOf());
    assert.ok(text.includes(ada.id));
    for (const secret of ['example.net', 'the-content-of-a-file']) assert.ok(!text.includes(secret), secret);
  });

  it('hold refused pushes and rollbacks with their way', async () => {
    await assert.rejects(kit.commit(admin, 'main', { 'a.md': 'x' }), /Protected/);
    const [push] = await verdictsOf();
    assert.deepEqual(
      [push?.change.way, push?.allowed, push?.by.id, push?.outcome.blocked.map(({ rule }) => rule)],
      ['direct', false, admin.id, ['pr-required']],
    );

    await kit.protect(null);
    const overlay = { 'overlays/prod/application.yaml': 'spec: {}\n' };
    await kit.commit(omar, 'main', { 'base/notes.md': 'one', ...overlay });
    const earlier = await headOf('main');
    await kit.commit(omar, 'main', { 'base/notes.md': 'two' });
    await kit.protect({ ...twoOfSecurity, rollback: 'gated' });
    const rollback = { under: { kind: 'rollback', revision: earlier } as const };
    await assert.rejects(kit.commit(omar, 'main', { 'base/notes.md': 'one' }, rollback), /Protected/);
    await kit.protect(twoOfSecurity);
    await assert.rejects(kit.commit(omar, 'main', { 'base/notes.md': 'else' }, rollback), /not that of/);
    const revision = await kit.commit(omar, 'main', { 'base/notes.md': 'one' }, rollback);
    const [done, wrong, gated] = await verdictsOf();
    assert.deepEqual(
      [done, wrong, gated].map((verdict) => [verdict?.change.way, verdict?.allowed, verdict?.problems]),
      [
        ['rollback', true, []],
        ['rollback', false, ['Denied']],
        ['rollback', false, []],
      ],
    );
    assert.equal(done?.head, revision);
  });

  it('hold what a hold refused, beside the policy', async () => {
    const hold = 'spec:\n  holds:\n    - reason: It leaks memory.\n';
    const operation = { under: { kind: 'operation' } as const };
    await kit.protect(null);
    await kit.commit(omar, 'main', { 'overlays/prod/application.yaml': hold }, operation);
    await assert.rejects(kit.commit(omar, 'main', { 'base/notes.md': 'three' }), /Held/);
    const [verdict] = await verdictsOf();
    assert.deepEqual(
      [
        verdict?.allowed,
        verdict?.outcome.allowed,
        verdict?.further.map(({ rule, allowed }) => [rule, allowed]),
      ],
      [false, true, [['hold', false]]],
    );
    await kit.commit(omar, 'main', { 'overlays/prod/application.yaml': 'spec: {}\n' });
  });

  it('are there after a kill, and give the same answer again', async () => {
    const before = await verdictsOf();
    await kit.reopen();
    const again = await verdictsOf();
    assert.deepEqual(again, before);
    assert.ok(again.length >= 6);
    for (const verdict of again) {
      assert.deepEqual(replayVerdict(verdict), { outcome: verdict.outcome, same: true });
      assert.equal(toVerdictDetail(verdict).replayed.same, true);
      assert.deepEqual(await kit.parts().verdicts.find('acme-prod', verdict.id), verdict);
      assert.equal(await kit.parts().verdicts.find('acme-dev', verdict.id), undefined);
    }
  });

  it('are written before the ref moves: where that fails, nothing moves', async () => {
    const proposed = await propose(omar);
    const base = await headOf('main');
    const { verdicts } = kit.parts();
    const record = verdicts.record;
    let headThen: string | undefined;
    Object.assign(verdicts, {
      record: async () => {
        headThen = await headOf('main');
        throw new Error('the disk is full');
      },
    });
    await assert.rejects(merge(omar, proposed), /disk is full/);
    Object.assign(verdicts, { record });
    assert.deepEqual([headThen, await headOf('main')], [base, base]);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });
});

describe('the number of verdicts', { timeout: 60_000 }, () => {
  it('is bounded for refusals, the oldest of which go; what was let through stays', async () => {
    const other = await startProposals();
    try {
      let [now, count] = [Date.UTC(2026, 0, 1), 0];
      const verdicts = createVerdicts({
        database: other.kit.parts().database,
        clock: { now: () => now, sleep: async () => {} },
        createId: () => {
          count += 1;
          return `v${String(count).padStart(6, '0')}`;
        },
        mostSpare: 5,
      });
      const decide = (head: string, base: string, allowed: boolean): Decision => ({
        organization: 'acme',
        environment: 'acme-dev',
        application: 'shop',
        branch: 'develop',
        number: 1,
        head,
        base,
        by: { id: 'omar', name: 'Omar', surface: 'console' },
        change: { environment: 'acme-dev', way: 'pull-request' },
        facts: { now },
        outcome: { allowed, gates: [], blocked: [] },
        further: [],
        problems: [],
        allowed,
      });
      await verdicts.record(decide('one', 'first', true));
      // It did not move the branch: the next one leaves from the same head.
      await verdicts.record(decide('two', 'first', true));
      for (let at = 0; at < 8; at += 1) await verdicts.record(decide(`refused-${at}`, 'second', false));
      const listed = await verdicts.list('acme-dev', { limit: 200 });
      assert.deepEqual(
        listed.map(({ head }) => head),
        ['refused-7', 'refused-6', 'refused-5', 'refused-4', 'refused-3', 'two'],
      );

      const asked = decide('refused-7', 'second', false);
      await verdicts.record(asked);
      assert.equal((await verdicts.list('acme-dev', { limit: 1 }))[0]?.times, 2);
      now += 11 * 60_000;
      await verdicts.record(asked);
      const [last] = await verdicts.list('acme-dev', { limit: 1 });
      assert.deepEqual([last?.head, last?.times], ['refused-7', 1]);

      await verdicts.forget('acme');
      assert.deepEqual(await verdicts.list('acme-dev', { limit: 1 }), []);
    } finally {
      await other.kit.dispose();
    }
  });
});

async function configHead(): Promise<string | undefined> {
  return kit.parts().repositories.head({ organization: 'system', name: 'catalyst-config' }, 'main');
}
