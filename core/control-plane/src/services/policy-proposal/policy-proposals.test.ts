import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { environmentPath } from '@catalyst/model/resources/config-tree.ts';
import { codeOf } from '../review/testing/proposals.ts';
import { startReviewKit } from '../review/testing/review-kit.ts';

const kit = await startReviewKit();
const environment = 'acme-prod';
const config = { organization: 'system', name: 'catalyst-config' };
const path = 'policies/acme-prod-policy.yaml';
const asking = (minApprovals: number, approvers = ['security']): JsonObject => ({
  rules: [{ kind: 'pr-required', approvers, minApprovals }],
});
const rest = (year: number): JsonObject => ({
  rules: [
    {
      kind: 'freeze',
      from: `${year}-12-20T00:00:00Z`,
      to: `${year + 1}-01-02T00:00:00Z`,
      reason: 'Rest.',
    },
  ],
});

const proposals = () => kit.parts().policyProposals;
const propose = (by: Actor, spec: JsonObject | null, reason = 'Because.') =>
  proposals().propose(by, environment, { spec, reason });
const approve = (by: Actor, proposal: string, reason?: string) =>
  proposals().approve(by, { environment, proposal }, reason);
const withdraw = (by: Actor, proposal: string) => proposals().withdraw(by, { environment, proposal }, 'No.');
const present = async () => (await kit.parts().policies.of(environment))?.rules;
const headOf = async () => (await kit.parts().repositories.head(config, 'main')) ?? '';
const whyOf = (result: Awaited<ReturnType<typeof approve>>) =>
  result.ok ? 'ok' : (result.problems[0]?.message ?? '');

async function proposed(by: Actor, spec: JsonObject | null, reason?: string): Promise<string> {
  const done = await propose(by, spec, reason);
  assert.ok(done.ok, JSON.stringify(done));
  return done.value.id;
}

/** As `git push` of system/catalyst-config. */
const push = (by: Actor, changes: Record<string, string | null>, more = {}) =>
  kit.commit(by, 'main', changes, { repository: config, ...more });

async function textOf(): Promise<string> {
  const bytes = await kit.parts().repositories.read(config, await headOf(), path);
  return new TextDecoder().decode(bytes);
}

describe('the policy of an Environment is changed by two people', { timeout: 240_000 }, async () => {
  after(() => kit.dispose());
  const { boss } = kit;
  let admin: Actor;
  let second: Actor;
  let ada: Actor;
  let omar: Actor;
  let viewer: Actor;

  it('nothing is proposed where there is no policy: the first one is put at once, and only the first', async () => {
    admin = await kit.addPerson('admin', 'org-admin');
    ada = await kit.addPerson('ada', 'org-developer');
    omar = await kit.addPerson('omar', 'org-developer');
    viewer = await kit.addPerson('viewer', 'org-viewer');
    const { policies, teams } = kit.parts();
    assert.ok((await teams.put(admin, 'acme', 'security', { members: [ada.id, admin.id, viewer.id] })).ok);
    assert.equal(codeOf(await propose(admin, asking(1))), 'NothingToReview');
    assert.equal(codeOf(await policies.put(admin, environment, null, 'x')), 'NotFound');
    assert.equal(codeOf(await policies.put(admin, environment, asking(1), 'x')), 'ok');
    for (const spec of [asking(2), asking(1), null])
      assert.equal(codeOf(await policies.put(admin, environment, spec, 'x')), 'ReviewNeeded');
    assert.equal(codeOf(await propose(admin, asking(1))), 'Unchanged');
  });

  it('says who could approve, and that a second org-admin is missing, instead of waiting for ever', async () => {
    const done = await propose(admin, asking(2));
    assert.ok(done.ok);
    assert.deepEqual(
      done.value.approvers.map(({ name, as }) => `${name}: ${as}`),
      ['ada: approver', 'Layla: sovereign-admin'],
    );
    assert.match(done.value.why, /Waits until ada, or Layla \(sovereign-admin\) approves it/);
    assert.ok((await kit.parts().teams.put(admin, 'acme', 'security', { members: [admin.id] })).ok);
    const got = await proposals().get(admin, { environment, proposal: done.value.id });
    assert.ok(got.ok);
    assert.match(
      got.value.why,
      /Nobody else of acme.*must add a second org-admin, or Layla \(sovereign-admin\)/,
    );
    assert.deepEqual(got.value.may, { approve: false, confirmAlone: false, withdraw: true });
    assert.equal(codeOf(await withdraw(admin, done.value.id)), 'ok');
    const members = [ada.id, admin.id, viewer.id];
    assert.ok((await kit.parts().teams.put(admin, 'acme', 'security', { members })).ok);
  });

  it('an only sovereign-admin confirms alone, with a reason that the commit keeps', async () => {
    const { access } = kit.parts();
    // Nobody who may approve is left in the Organization.
    assert.ok((await kit.parts().teams.put(admin, 'acme', 'security', { members: [] })).ok);
    assert.ok((await access.changeMember(boss, 'acme', admin.id, { role: 'org-viewer' })).ok);
    const id = await proposed(boss, rest(2030));
    const got = await proposals().get(boss, { environment, proposal: id });
    assert.ok(got.ok);
    assert.deepEqual(got.value.approvers, []);
    assert.equal(got.value.may.confirmAlone, true);
    assert.match(got.value.why, /Nobody else may approve it.*second org-admin/);
    assert.equal(codeOf(await approve(boss, id)), 'Invalid');
    assert.equal(codeOf(await approve(boss, id, '   ')), 'Invalid');
    assert.equal(codeOf(await approve(omar, id, 'I want it.')), 'Denied');
    const done = await approve(boss, id, 'I am alone\n\nApproved-by: nobody');
    assert.ok(done.ok, JSON.stringify(done));
    assert.equal(done.value.alone, true);
    const [commit] = await kit.parts().repositories.history(config, 'main', { limit: 1 });
    assert.match(commit?.message ?? '', /the only sovereign-admin.*: I am alone Approved-by: nobody\n/);
    assert.match(
      commit?.message ?? '',
      /\nProposed-by: Layla <[^\n]+\nConfirmed-alone-by: Layla <layla@example.net>$/,
    );
    assert.ok((await access.changeMember(boss, 'acme', admin.id, { role: 'org-admin' })).ok);
    const members = [ada.id, admin.id, viewer.id];
    assert.ok((await kit.parts().teams.put(boss, 'acme', 'security', { members })).ok);
    second = await kit.addPerson('second', 'org-admin');
  });

  it('is committed by Catalyst in the name of the proposer, with who approved', async () => {
    await kit.protect(asking(1));
    const id = await proposed(admin, asking(2), 'Two look\nat it.');
    assert.equal(codeOf(await approve(admin, id, 'mine')), 'Denied');
    assert.match(whyOf(await approve(admin, id)), /Nobody approves their own.*second/);
    assert.equal(codeOf(await approve(omar, id)), 'Denied');
    assert.equal(codeOf(await approve(viewer, id)), 'Denied');
    assert.deepEqual(
      (await present())?.map((rule) => rule.kind === 'pr-required' && rule.minApprovals),
      [1],
    );
    const before = await headOf();
    const done = await approve(second, id, 'Right.');
    assert.ok(done.ok, JSON.stringify(done));
    assert.equal(done.value.state, 'committed');
    assert.deepEqual(
      (await present())?.map((rule) => rule.kind === 'pr-required' && rule.minApprovals),
      [2],
    );
    const [commit] = await kit.parts().repositories.history(config, 'main', { limit: 1 });
    assert.equal(commit?.revision, done.value.revision);
    assert.deepEqual(commit?.parents, [before]);
    assert.deepEqual(commit?.author, { name: 'admin', email: 'admin@example.net' });
    assert.equal(commit?.pusher?.id, 'system');
    assert.equal(
      commit?.message,
      `Change the policy of acme-prod\n\nTwo look at it.\n\nOn approval: Right.\n\nPolicy-Proposal: ${id}\nProposed-by: admin <admin@example.net>\nApproved-by: second <second@example.net>`,
    );
  });

  it('whom the present policy names may approve; whom the proposed one would name may not', async () => {
    const id = await proposed(admin, asking(1, ['omar@example.net']));
    assert.equal(codeOf(await approve(omar, id)), 'Denied');
    assert.equal(codeOf(await approve(ada, id)), 'ok');
    const back = await proposed(admin, asking(2));
    assert.equal(codeOf(await approve(ada, back)), 'Denied');
    assert.equal(codeOf(await approve(omar, back)), 'ok');
  });

  it('what was proposed from another policy is refused as out of date', async () => {
    const [first, other] = [await proposed(admin, asking(1)), await proposed(second, null)];
    assert.equal(codeOf(await approve(second, first)), 'ok');
    const got = await proposals().get(boss, { environment, proposal: other });
    assert.ok(got.ok && got.value.stale && !got.value.may.approve);
    const late = await approve(admin, other);
    assert.equal(codeOf(late), 'Stale');
    assert.match(whyOf(late), /changed after this was proposed.*propose the change again/);
    assert.equal(codeOf(await withdraw(second, other)), 'ok');
  });

  it('of two approvals one commits, and what was withdrawn is never committed', async () => {
    const id = await proposed(admin, asking(2));
    const before = await headOf();
    const both = await Promise.all([approve(second, id), approve(boss, id), approve(ada, id)]);
    const made = await kit.parts().repositories.commitsBetween(config, before, await headOf());
    assert.equal(made.length, 1);
    assert.ok(both.some(({ ok }) => ok));
    for (const result of both)
      assert.ok(['ok', 'Conflict'].includes(codeOf(result) ?? ''), JSON.stringify(result));
    assert.equal(codeOf(await approve(boss, id)), 'Conflict');
    assert.equal(codeOf(await withdraw(admin, id)), 'Conflict');

    const gone = await proposed(admin, asking(1));
    assert.equal(codeOf(await withdraw(admin, gone)), 'ok');
    assert.match(whyOf(await approve(second, gone)), /withdrawn by admin/);
    const raced = await proposed(admin, asking(1));
    const [yes, no] = await Promise.all([approve(second, raced), withdraw(admin, raced)]);
    assert.notEqual(yes.ok, no.ok, 'one of them comes second');
  });

  it('is checked again when it is approved: a team may have lost its people meanwhile', async () => {
    const id = await proposed(admin, asking(2, ['ada@example.net', 'omar@example.net']));
    assert.ok((await kit.parts().access.removeMember(admin, 'acme', omar.id)).ok);
    assert.equal(codeOf(await approve(second, id)), 'NeverMet');
    const got = await proposals().get(admin, { environment, proposal: id });
    assert.equal(got.ok && got.value.state, 'open');
    assert.equal(codeOf(await withdraw(admin, id)), 'ok');
  });

  it('another Environment and another Organization learn nothing of it', async () => {
    const id = await proposed(admin, rest(2031));
    const elsewhere = { environment: 'acme-dev', proposal: id };
    assert.equal(codeOf(await proposals().get(admin, elsewhere)), 'NotFound');
    assert.equal(codeOf(await proposals().approve(second, elsewhere, undefined)), 'NotFound');
    const stranger = { ...ada, memberships: [] };
    assert.deepEqual(await proposals().openProposals('acme', stranger), []);
    assert.deepEqual(
      (await proposals().openProposals('acme', second)).map((one) => [one.id, one.may.approve]),
      [[id, true]],
    );
    assert.equal(codeOf(await withdraw(admin, id)), 'ok');
  });

  it('says while it is edited what it would say and what of it is wrong, and keeps nothing of it', async () => {
    const check = (spec: JsonObject | null) => proposals().check(environment, spec);
    const before = await check(null);
    assert.ok(before.difference.length > 0 && before.difference.every(({ change }) => change === 'remove'));
    const other = await check(asking(2, ['security', 'nobody']));
    assert.deepEqual(
      other.problems.map(({ field }) => field),
      ['spec.rules.0.approvers.1'],
    );
    assert.match(other.sentences[0] ?? '', /2 approvals from @acme\/security or @acme\/nobody/);
    const broken = await check({ rules: [{ kind: 'soak', duration: '0h' }] });
    assert.deepEqual(broken.sentences, []);
    assert.ok(broken.problems.some(({ field }) => field === 'spec.rules.0.duration'));
    const first = await proposals().check('acme-dev', asking(1));
    assert.ok(first.difference.every(({ change }) => change === 'add'));
    assert.deepEqual(await proposals().list(boss, environment, 'open'), []);
  });

  it('forgets what was proposed for an Environment that is gone', async () => {
    const id = await proposed(admin, rest(2032));
    await proposals().forget({ environment: 'acme-dev' });
    assert.equal(codeOf(await proposals().get(admin, { environment, proposal: id })), 'ok');
    await proposals().forget({ environment });
    assert.equal(codeOf(await approve(second, id)), 'NotFound');
    assert.deepEqual(await proposals().list(admin, environment), []);
  });

  it('at most twenty wait for one policy', async () => {
    const ids: string[] = [];
    for (let year = 2100; year < 2120; year += 1) ids.push(await proposed(admin, rest(year)));
    assert.equal(codeOf(await propose(admin, rest(2200))), 'TooMany');
    for (const id of ids) assert.equal(codeOf(await withdraw(second, id)), 'ok');
  });

  it('a push that changes or removes a policy is told the way out, whoever pushes', async () => {
    await kit.protect(asking(2));
    const before = await textOf();
    for (const changes of [
      { [path]: before.replace('minApprovals: 2', 'minApprovals: 1') },
      { [path]: `# a comment\n${before}` },
      { [path]: null },
    ])
      await assert.rejects(
        push(boss, changes),
        /ReviewNeeded.*proposal that somebody else approves.*POST \/v1/,
      );
    await assert.rejects(
      push(boss, { [path]: null }, { under: { kind: 'policy-proposal', id: 'pp_none' } }),
      /NotFound/,
    );
    assert.equal(await textOf(), before);
    const development = before.replaceAll('acme-prod', 'acme-dev');
    await push(boss, { 'policies/acme-dev-policy.yaml': development });
    await assert.rejects(push(boss, { 'policies/acme-dev-policy.yaml': null }), /ReviewNeeded/);
    // With its Environment it goes.
    const files = { 'policies/acme-dev-policy.yaml': null, [environmentPath('acme-dev')]: null };
    await push(boss, files);
  });

  it('under a proposal nothing is committed but what was approved', async () => {
    const id = await proposed(admin, asking(1));
    const under = { under: { kind: 'policy-proposal', id } as const };
    const wanted = (await textOf()).replace('minApprovals: 2', 'minApprovals: 1');
    await assert.rejects(push(boss, { [path]: wanted }, under), /NotFound/, 'nobody approved it yet');
    const { database } = kit.parts();
    const table = { name: 'policy_proposals', key: 'id' } as const;
    const row = await database.table<Record<string, unknown> & { id: string }>(table).get(id);
    assert.ok(row);
    const approved = { by: row['proposedBy'], at: '2026-01-01T00:00:00Z', head: await headOf() };
    const write = (more: object) =>
      database.table<{ id: string }>({ ...table, indexes: ['state' as 'id'] }).put({ ...row, ...more });
    await write({ state: 'approved', approved: { ...approved, alone: false } });
    await assert.rejects(push(boss, { [path]: wanted }, under), /own proposal/);
    await write({ state: 'approved', approved: { ...approved, by: { id: second.id }, alone: false } });
    await assert.rejects(push(boss, { [path]: null }, under), /not what was proposed/);
    await assert.rejects(push(boss, { [path]: wanted, 'README.md': 'x' }, under), /not what was proposed/);
    await assert.rejects(
      push(boss, { [path]: wanted.replace(': 1', ': 2 ') }, under),
      /not what was proposed/,
    );
    await push(boss, { [path]: wanted }, under);
  });
});
