import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { InboxEntry } from '@catalyst/model/api/people.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { clock, logger } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import type { PullRequestStanding } from '../review/standing.ts';
import { startProposals } from '../review/testing/proposals.ts';
import { createWaiting } from '../waiting/waiting.ts';
import { createAssessments } from './assessments.ts';
import { createInbox } from './inbox.ts';
import { createPullRequestSource } from './pull-request-source.ts';

const subject = await startProposals();
const { kit, propose, approve, merge, detail } = subject;
const { admin, omar, ada, ben, viewer, limited } = subject.people;

/** How often somebody really looked. */
let looks = 0;
let ahead = 0;
const testClock = { ...clock, now: () => clock.now() + ahead };
const { pullRequests, repositories, access, teams } = kit.parts();
const standings = {
  ...pullRequests.standings,
  of: (...asked: Parameters<typeof pullRequests.standings.of>): Promise<PullRequestStanding> => {
    looks += 1;
    return pullRequests.standings.of(...asked);
  },
};
const assessments = createAssessments({
  standings,
  access,
  teams,
  policies: { ...configRepository, branch: configBranch },
  headOf: repositories.head,
  clock: testClock,
});
const source = createPullRequestSource({ standings, assessments, clock: testClock, logger });
const inbox = createInbox({ sources: [source], unread: async () => 0 });
const waiting = createWaiting({ standings, assessments, repositories, logger });

/** As the composition does with every moved ref. */
function tellMoved(): void {
  assessments.moved({ organization: 'acme', repository: 'shop', ref: 'refs/heads/main' });
  const { organization, name } = configRepository;
  assessments.moved({ organization, repository: name, ref: `refs/heads/${configBranch}` });
}

async function of(actor: Actor, number: number): Promise<InboxEntry | undefined> {
  tellMoved();
  const { items } = await inbox.of(actor, 200);
  return items.find((item) => item.number === number);
}
const kindsOf = async (number: number) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries({ admin, omar, ada, ben, viewer, limited }).map(async ([name, actor]) => [
        name,
        (await of(actor, number))?.kind ?? '-',
      ]),
    ),
  ) as Record<string, string>;
const none = { admin: '-', omar: '-', ada: '-', ben: '-', viewer: '-', limited: '-' };

describe('what waits for people', { timeout: 120_000 }, () => {
  after(() => kit.dispose());

  it('waits for each who can open its gate, until he has said something; then for who made it', async () => {
    const proposed = await propose(omar);
    assert.deepEqual(await kindsOf(proposed.number), { ...none, ada: 'review', ben: 'review' });
    const entry = await of(ada, proposed.number);
    assert.equal(entry?.why, 'It needs an approval from @acme/security, and yours counts.');
    assert.deepEqual(entry?.may, ['approve', 'request-changes', 'open']);
    assert.equal(entry?.revision, proposed.head);
    await approve(ada, proposed);
    assert.deepEqual(await kindsOf(proposed.number), { ...none, ben: 'review' });
    await approve(ben, proposed);
    assert.deepEqual(await kindsOf(proposed.number), { ...none, omar: 'merge' });
    assert.equal((await detail(proposed)).mergeable, true, 'and the page says the same');
    await merge(omar, proposed);
    assert.deepEqual(await kindsOf(proposed.number), none);
  });

  it('waits for its author where somebody asks for changes, and for the others again once they are pushed', async () => {
    const proposed = await propose(omar);
    await pullRequests.review(ada, proposed.ref, {
      verdict: 'request-changes',
      revision: proposed.head,
      comment: 'No.',
    });
    assert.deepEqual(await kindsOf(proposed.number), { ...none, omar: 'changes-requested' });
    assert.match((await of(omar, proposed.number))?.why ?? '', /^ada asked for changes/);
    await kit.commit(omar, proposed.source, { 'better.md': 'x' });
    await detail(proposed);
    assert.deepEqual(await kindsOf(proposed.number), { ...none, ada: 'review', ben: 'review' });
    assert.match((await of(ada, proposed.number))?.why ?? '', /content changed/);
  });

  it('does not wait for who pushed to it, and for nobody but authors while it conflicts', async () => {
    const proposed = await propose(omar, { 'same.md': 'omar\n' });
    await kit.commit(ada, proposed.source, { 'more.md': 'x' });
    await detail(proposed);
    assert.deepEqual(await kindsOf(proposed.number), { ...none, ben: 'review' });
    const other = await propose(ben, { 'same.md': 'ben\n' });
    await approve(ada, other);
    await approve(omar, other);
    assert.ok((await merge(ben, other)).ok);
    assert.deepEqual(await kindsOf(proposed.number), { ...none, omar: 'conflict', ada: 'conflict' });
  });

  it('does not offer a merge to who may not merge there', async () => {
    const proposed = await propose(limited);
    await approve(ada, proposed);
    await approve(ben, proposed);
    assert.deepEqual(await kindsOf(proposed.number), none);
    await kit.parts().pullRequests.edit(limited, proposed.ref, { state: 'closed' });
  });

  it('shows another Organization to nobody, and only reading to a token that only reads', async () => {
    const proposed = await propose(omar);
    const stranger: Actor = { ...ada, memberships: [{ organization: 'globex', role: 'org-admin' }] };
    assert.deepEqual((await inbox.of(stranger, 200)).items, []);
    const sovereignAdmin: Actor = { ...ben, sovereignAdmin: true, memberships: [] };
    assert.deepEqual(
      (await inbox.of(sovereignAdmin, 200)).items,
      [],
      'who is in no team is asked for nothing',
    );
    assert.deepEqual((await of({ ...ada, readOnly: true }, proposed.number))?.may, ['open']);
  });

  it('follows a team and a policy at once, and looks at nothing twice', async () => {
    const proposed = await propose(omar);
    await of(ada, proposed.number);
    const before = looks;
    await of(ada, proposed.number);
    await of(ben, proposed.number);
    assert.equal(looks, before, 'nothing changed');
    const members = [ben.id, omar.id, admin.id];
    assert.ok((await teams.put(admin, 'acme', 'security', { members })).ok);
    ahead += 3_000;
    assert.deepEqual(await kindsOf(proposed.number), { ...none, admin: 'review', ben: 'review' });
    await kit.protect({ rules: [{ kind: 'pr-required', approvers: ['ada@example.net'], minApprovals: 1 }] });
    assert.deepEqual(await kindsOf(proposed.number), { ...none, ada: 'review' });
  });

  it('says what is on its way to an Environment and whom it waits for', async () => {
    const { items } = await waiting.list('acme-prod');
    const [shop] = items;
    assert.equal(items.length, 1, 'the newest of each Application');
    assert.match(shop?.message ?? '', /^#\d+ waits: Needs 1 more approval from ada@example\.net/);
    assert.equal(shop?.actor, 'ada@example.net');
    const why = await waiting.why('acme-prod', 'shop', undefined);
    assert.equal(why?.state, 'Pending approval');
    assert.equal(why?.deployed, false);
    assert.equal(await waiting.why('acme-prod', 'nothing', undefined), undefined);
    assert.equal(await waiting.why('acme-dev', 'shop', undefined), undefined);
  });
});
