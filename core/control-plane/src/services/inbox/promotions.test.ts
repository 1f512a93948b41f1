import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { InboxEntry } from '@catalyst/model/api/people.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { clock, logger } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { startPromotionKit } from '../promotion/testing/promotion-kit.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import { createAssessments } from './assessments.ts';
import { createPullRequestSource } from './pull-request-source.ts';

type Kit = Awaited<ReturnType<typeof startPromotionKit>>;

const dev = { environment: 'acme-dev', application: 'shop' };
const stg = { environment: 'acme-stg', application: 'shop' };

describe('a promotion in the inbox', { timeout: 120_000 }, () => {
  let kit: Kit;
  let omar: Actor;
  let ada: Actor;
  before(async () => {
    kit = await startPromotionKit([{ name: 'web', version: '1.0.0' }]);
    omar = await kit.addPerson('omar', 'org-developer');
    ada = await kit.addPerson('ada', 'org-admin');
    await kit.change('acme-dev', {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web',
      values: { greeting: 'one' },
    });
    const [first] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(first && (await kit.merge(kit.boss, first)).ok);
    await kit.settle(stg);
    await kit.commit(stg, { 'base/hotfix.md': 'urgent\n' });
  });
  after(() => kit.close());

  const protect = (on: boolean) =>
    kit.protect(
      'acme-stg',
      on ? { rules: [{ kind: 'pr-required', approvers: ['ada@example.net'], minApprovals: 1 }] } : null,
    );

  /** Looked at anew, as after everything that moves. */
  async function entryOf(actor: Actor, number: number): Promise<InboxEntry | undefined> {
    const { pullRequests, repositories, access, teams } = kit;
    const { standings } = pullRequests;
    const assessments = createAssessments({
      standings,
      access,
      teams,
      policies: { ...configRepository, branch: configBranch },
      headOf: repositories.head,
      clock,
    });
    const { items } = await createPullRequestSource({ standings, assessments, clock, logger })(actor);
    return items.find((item) => item.number === number);
  }

  it('waits for its authors while somebody must decide, and says the same as its page', async () => {
    await protect(true);
    await kit.commit(dev, { 'base/values.yaml': 'greeting: two\n' });
    const [opened] = await kit.promote(omar, 'acme-stg', 'shop');
    assert.ok(opened);
    const page = await kit.detail(opened);
    const entry = await entryOf(omar, opened.number);
    assert.equal(entry?.kind, 'decision');
    assert.equal(entry?.why, page.why);
    assert.match(entry?.why ?? '', /base\/hotfix\.md.*Decide for each whether it stays/);
    assert.deepEqual(entry?.may, ['open'], 'on its page');
    assert.equal(
      (await entryOf(kit.boss, opened.number))?.kind,
      'decision',
      'who brought what it carries too',
    );
    const decided = await kit.pullRequests.decide(omar, kit.refOf(opened), {
      revision: opened.head,
      content: opened.content,
      decisions: { 'base/hotfix.md': 'destination' },
    });
    assert.ok(decided.ok, JSON.stringify(decided));
    assert.equal(await entryOf(omar, opened.number), undefined, 'it waits for others');
    const review = await entryOf(ada, opened.number);
    assert.equal(review?.kind, 'review');
    assert.equal(review?.content, decided.value.content, 'what a verdict must name');
  });

  it('asks who asked for changes again once its content is another one at the same head', async () => {
    const [opened] = await kit.promote(omar, 'acme-stg', 'shop');
    assert.ok(opened);
    const decide = (take: 'source' | 'destination') =>
      kit.pullRequests.decide(omar, kit.refOf(opened), {
        revision: opened.head,
        decisions: { 'base/hotfix.md': take },
      });
    const kept = await decide('destination');
    assert.ok(kept.ok);
    const { head, content } = kept.value;
    const said = await kit.pullRequests.review(ada, kit.refOf(opened), {
      verdict: 'request-changes',
      revision: head,
      content,
      comment: 'No.',
    });
    assert.ok(said.ok, JSON.stringify(said));
    assert.equal((await entryOf(omar, opened.number))?.kind, 'changes-requested');
    assert.ok((await decide('source')).ok);
    assert.equal(await entryOf(omar, opened.number), undefined);
    const again = await entryOf(ada, opened.number);
    assert.match(again?.why ?? '', /content changed since it was last reviewed/);
  });

  it('with a conflict says what solves it there, as its page does', async () => {
    await protect(false);
    await kit.commit(stg, { 'base/values.yaml': 'greeting: hotfix\n' });
    await protect(true);
    const [opened] = await kit.promote(omar, 'acme-stg', 'shop');
    assert.ok(opened);
    const page = await kit.detail(opened);
    assert.deepEqual(page.conflicts, ['base/values.yaml']);
    const entry = await entryOf(omar, opened.number);
    assert.equal(entry?.kind, 'conflict');
    assert.equal(entry?.why, page.why);
    assert.doesNotMatch(entry?.why ?? '', /push|merge/i);
  });
});
