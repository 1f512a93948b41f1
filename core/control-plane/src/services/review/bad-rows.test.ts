import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { PullRequest } from '../../ports/reviews.ts';
import { breakGlassTable } from '../break-glass/rows.ts';
import { proposalsTable } from '../policy-proposal/proposal-rows.ts';
import { startProposals } from './testing/proposals.ts';

const subject = await startProposals();
const { kit, propose } = subject;
const { omar, admin } = subject.people;
const environment = 'acme-prod';

interface PullRequestRow {
  readonly id: string;
  readonly repository: string;
  readonly opened: number;
  readonly pullRequest: PullRequest;
}

async function eventually(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(what);
}

/** Rows of which no start can make anything come before the good ones, and end no start. */
describe('rows that nothing can be made of', { timeout: 120_000 }, () => {
  after(() => kit.dispose());

  it('a pull request of a repository that is gone holds up no other one', async () => {
    const good = await propose(omar);
    const { database } = kit.parts();
    const rows = database.table<PullRequestRow>({ name: 'pull_requests', key: 'id' });
    const [row] = await rows.list();
    assert.ok(row);
    const repository = { organization: 'acme', name: 'aaa' };
    await rows.put({
      ...{ ...row, id: 'acme/aaa#00000001', repository: 'acme/aaa', opened: row.opened + 1 },
      pullRequest: { ...row.pullRequest, repository },
    });
    const moved = await kit.commit(omar, good.source, { 'later.md': 'z\n' });
    await kit.reopen();
    const found = await kit.parts().pullRequests.find(good.ref);
    assert.ok(found.ok);
    assert.equal(found.value.head, moved);
  });

  it('pull requests that are to be merged by themselves, and are none or others than their rows say, end no start', async () => {
    const { database } = kit.parts();
    const rows = database.table<PullRequestRow & { armed: boolean }>({ name: 'pull_requests', key: 'id' });
    const [row] = await rows.list();
    assert.ok(row);
    await rows.put({ ...row, id: 'acme/zzz#00000001', repository: 'acme/zzz', armed: true });
    const none = { state: 'open' } as PullRequest;
    await rows.put({
      ...row,
      id: 'acme/zzz#00000002',
      repository: 'acme/zzz',
      armed: true,
      pullRequest: none,
    });
    const ended = await Promise.race([kit.reopen().then(() => true), wait(20_000, false, { ref: false })]);
    assert.ok(ended, 'the start goes round in a circle');
    for (const id of ['acme/zzz#00000001', 'acme/zzz#00000002'])
      await kit.parts().database.table<PullRequestRow>({ name: 'pull_requests', key: 'id' }).delete(id);
  });

  it('a proposal that cannot be committed holds up no other one', async () => {
    const { policyProposals, database } = kit.parts();
    const spec = { rules: [{ kind: 'pr-required', approvers: ['security'], minApprovals: 1 }] };
    const made = await policyProposals.propose(omar, environment, { spec, reason: 'x' });
    assert.ok(made.ok, JSON.stringify(made));
    const rows = database.table(proposalsTable);
    const row = await rows.get(made.value.id);
    assert.ok(row);
    const head = await kit
      .parts()
      .repositories.head({ organization: 'system', name: 'catalyst-config' }, 'main');
    const by = { id: admin.id, name: admin.name, email: admin.email };
    const approved = { by, at: new Date().toISOString(), alone: false, head: head ?? '' };
    await rows.put({ ...row, id: '0', state: 'approved', approved, base: undefined } as never);
    await rows.put({ ...row, id: '1', environment: '../x', state: 'approved' });
    await rows.put({ ...row, state: 'approved', approved });
    await kit.reopen();
    const got = await kit.parts().policyProposals.get(admin, { environment, proposal: row.id });
    assert.ok(got.ok);
    assert.equal(got.value.state, 'committed');
  });

  it('a broken glass that cannot be looked at keeps no other one open', async () => {
    const { breakGlass, database } = kit.parts();
    const rows = database.table(breakGlassTable);
    const openedAt = '2026-01-01T00:00:00.000Z';
    const glass = {
      ...{ id: '1', organization: 'acme', environment, by: { id: omar.id, name: omar.name } },
      ...{ reason: 'x', minutes: 30, openedAt, until: '2026-01-01T00:30:00.000Z' },
    };
    const row = { organization: 'acme', environment, open: true, seenMs: 0, waitedMs: 0 };
    await rows.put({ ...row, id: '0', person: 'nobody', glass: undefined } as never);
    await rows.put({ ...row, id: '1', person: `${environment}/${omar.id}`, glass });
    await breakGlass.start();
    try {
      await eventually(async () => (await rows.get('1'))?.open === false, 'it stayed open');
    } finally {
      await breakGlass.stop();
    }
  });
});
