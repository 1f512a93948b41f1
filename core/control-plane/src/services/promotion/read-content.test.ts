import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import { startPromotionKit } from './testing/promotion-kit.ts';

type Kit = Awaited<ReturnType<typeof startPromotionKit>>;

const dev = { environment: 'acme-dev', application: 'shop' };
const stg = { environment: 'acme-stg', application: 'shop' };
const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.problems[0]?.code);
const messageOf = (result: Result<unknown>) => (result.ok ? 'ok' : (result.problems[0]?.message ?? ''));

describe('what of a promotion people approve and merge', { timeout: 120_000 }, () => {
  let kit: Kit;
  let omar: Actor;
  let ada: Actor;
  before(async () => {
    kit = await startPromotionKit([{ name: 'web', version: '1.0.0' }]);
    await kit.change('acme-dev', {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web',
      values: { greeting: 'one' },
    });
    omar = await kit.addPerson('omar', 'org-developer');
    ada = await kit.addPerson('ada', 'org-admin');
    await kit.protect('acme-stg', {
      rules: [{ kind: 'pr-required', approvers: ['org-admins'], minApprovals: 1 }],
    });
  });
  after(() => kit.close());

  const promote = async (greeting?: string) => {
    const more = greeting === undefined ? {} : { values: { greeting } };
    const [opened] = await kit.promote(omar, 'acme-stg', 'shop', more);
    assert.ok(opened);
    return opened;
  };
  /** Exactly what a page showed. */
  const approve = (by: Actor, { head, content, ...of }: PullRequestDetail) =>
    kit.pullRequests.review(by, kit.refOf(of), { verdict: 'approve', revision: head, content });
  const arm = (by: Actor, { head, content, ...of }: PullRequestDetail) =>
    kit.pullRequests.askAutoMerge(by, kit.refOf(of), { expectedHead: head, content });

  it('is what they read, not what took its place at the same head', async () => {
    const opened = await promote('good');
    const read = await kit.detail(opened);
    const replaced = await promote('evil');
    assert.deepEqual([replaced.number, replaced.head], [opened.number, opened.head]);
    const approved = await approve(ada, read);
    assert.equal(codeOf(approved), 'Stale');
    assert.match(messageOf(approved), /^omar planned this promotion anew at \S+Z, and what it writes is/);
    assert.equal(codeOf(await arm(ada, read)), 'Stale');
    assert.equal(codeOf(await kit.merge(omar, read)), 'Stale');
    const shown = await kit.detail(opened);
    assert.deepEqual(shown.reviews, []);
    assert.equal(shown.promotion?.changed?.by.name, 'omar');
    assert.equal(codeOf(await kit.merge(omar, shown)), 'GateClosed');
    const good = await kit.detail(await promote('good'));
    assert.equal(good.content, read.content, 'the same once more');
    assert.equal(codeOf(await approve(ada, read)), 'ok', 'what she read is what it is again');
    assert.equal(codeOf(await kit.merge(omar, good)), 'ok');
    assert.match((await kit.files(stg))['overlays/stg/values.yaml'] ?? '', /greeting: good/);
    await kit.settle(stg);
  });

  it('is what was decided when they read it', async () => {
    await kit.protect('acme-stg', null);
    await kit.commit(stg, { 'base/hotfix.md': 'urgent\n' });
    await kit.protect('acme-stg', {
      rules: [{ kind: 'pr-required', approvers: ['org-admins'], minApprovals: 1 }],
    });
    await kit.commit(dev, { 'base/values.yaml': 'greeting: two\n' });
    const opened = await promote();
    const decide = (take: 'source' | 'destination', content?: string) =>
      kit.pullRequests.decide(omar, kit.refOf(opened), {
        revision: opened.head,
        ...(content === undefined ? {} : { content }),
        decisions: { 'base/hotfix.md': take },
      });
    const kept = await decide('destination', opened.content);
    assert.ok(kept.ok, JSON.stringify(kept));
    const read = await kit.detail(opened);
    assert.equal(
      codeOf(await decide('source', opened.content)),
      'Stale',
      'decisions too are on what was read',
    );
    assert.equal(codeOf(await decide('source')), 'ok');
    const approved = await approve(ada, read);
    assert.equal(codeOf(approved), 'Stale');
    assert.match(
      messageOf(approved),
      /^omar decided about changes of acme-stg at \S+Z, and what it writes is/,
    );
    assert.equal(codeOf(await kit.merge(omar, read)), 'Stale');
    assert.equal((await kit.files(stg))['base/hotfix.md'], 'urgent\n');
  });

  it('must be named for a promotion, and is the head of any other pull request', async () => {
    const opened = await promote();
    const { head, content } = opened;
    const ref = kit.refOf(opened);
    const pullRequests = kit.pullRequests;
    const without = [
      await pullRequests.review(ada, ref, { verdict: 'approve', revision: head }),
      await pullRequests.review(ada, ref, { verdict: 'request-changes', revision: head }),
      await pullRequests.merge(omar, ref, { expectedHead: head }),
      await pullRequests.askAutoMerge(omar, ref, { expectedHead: head }),
    ];
    assert.deepEqual(without.map(codeOf), ['Invalid', 'Invalid', 'Invalid', 'Invalid']);
    assert.equal(codeOf(await arm(omar, await kit.detail(opened))), 'ok');
    assert.notEqual(content, head);
    const from = await kit.repositories.head(kit.repository('shop'), 'develop');
    const branch = await kit.repositories.commit({
      repository: kit.repository('shop'),
      branch: 'topic',
      expectedHead: null,
      ...(from === undefined ? {} : { from }),
      changes: { 'notes.md': 'x\n' },
      message: 'Note',
      author: omar,
      pusher: { id: omar.id, name: omar.name, surface: 'git' },
    });
    assert.ok(branch.ok, JSON.stringify(branch));
    const plain = await pullRequests.open(omar, 'acme', {
      application: 'shop',
      source: 'topic',
      destination: 'develop',
      title: 'Note',
    });
    assert.ok(plain.ok, JSON.stringify(plain));
    const { content: key, head: tip } = plain.value;
    assert.equal(key, tip);
    const review = (given?: string) =>
      pullRequests.review(ada, kit.refOf(plain.value), {
        verdict: 'approve',
        revision: tip,
        ...(given === undefined ? {} : { content: given }),
      });
    assert.equal(codeOf(await review('another')), 'Stale');
    assert.equal(codeOf(await review(key)), 'ok');
    assert.equal(codeOf(await review()), 'ok');
    assert.equal(
      codeOf(await pullRequests.merge(omar, kit.refOf(plain.value), { expectedHead: tip, content: 'x' })),
      'Stale',
    );
    assert.equal(codeOf(await pullRequests.merge(omar, kit.refOf(plain.value), { expectedHead: tip })), 'ok');
  });
});
