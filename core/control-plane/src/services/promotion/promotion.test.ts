import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPromotionKit } from './testing/promotion-kit.ts';

type Kit = Awaited<ReturnType<typeof startPromotionKit>>;

const dev = { environment: 'acme-dev', application: 'shop' };
const stg = { environment: 'acme-stg', application: 'shop' };
const prod = { environment: 'acme-prod', application: 'shop' };

describe('promotion', () => {
  let kit: Kit;
  before(async () => {
    kit = await startPromotionKit([
      { name: 'web', version: '1.0.0' },
      {
        name: 'db',
        version: '1.0.0',
        secrets: [{ name: 'keys', keys: [{ name: 'root', generate: { kind: 'password' } }] }],
      },
      { name: 'blog', version: '1.0.0', depends: [{ blueprint: 'bp-db', version: '^1.0', alias: 'db' }] },
    ]);
    await kit.change('acme-dev', {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web',
      values: { greeting: 'one' },
    });
  });
  after(() => kit.close());

  const greeting = (text: string) => ({ 'base/values.yaml': `greeting: ${text}\n` });

  it('the first one makes the overlay of the destination, and says what does not travel', async () => {
    await kit.commit(dev, { 'overlays/dev/values.yaml': 'greeting: only in dev\n' });
    const plan = await kit.plan(kit.boss, 'acme-stg', { action: 'promote', application: 'shop' });
    assert.deepEqual(plan.problems, []);
    assert.match(plan.consequences.join(' '), /new in acme-stg.*Data does not travel/);
    const paths = plan.applications[0]?.files.map(({ path }) => path) ?? [];
    assert.ok(paths.includes('overlays/stg/kustomization.yaml'));
    assert.ok(!paths.some((path) => path.startsWith('overlays/dev')), paths.join());
    const [pullRequest] = await kit.propose(kit.boss, plan);
    assert.ok(pullRequest);
    const page = await kit.detail(pullRequest);
    assert.equal(page.promotedFrom, 'acme-dev');
    assert.deepEqual(page.plan?.problems, []);
    assert.equal(page.mergeable, true, page.why);
    const merged = await kit.merge(kit.boss, pullRequest);
    assert.ok(merged.ok, JSON.stringify(merged));
    const files = await kit.files(stg);
    assert.match(files['base/values.yaml'] ?? '', /greeting: one/);
    assert.match(files['overlays/stg/application.yaml'] ?? '', /shop\.acme-stg\.localhost/);
    assert.ok(!Object.keys(files).some((path) => path.startsWith('overlays/dev')));
    const [commit] = await kit.repositories.history(kit.repository('shop'), 'staging', { limit: 1 });
    assert.equal(commit?.parents[1], await kit.headOf(dev), 'the source commit is the second parent');
    await kit.settle(stg);
  });

  it('a second one carries what changed and what was deleted, and leaves both overlays alone', async () => {
    await kit.commit(stg, { 'overlays/stg/values.yaml': 'greeting: only in stg\n' });
    await kit.commit(dev, { 'base/notes.md': 'soon gone\n' });
    const [first] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(first && (await kit.merge(kit.boss, first)).ok);
    assert.ok((await kit.files(stg))['base/notes.md']);
    await kit.commit(dev, { 'base/notes.md': null, ...greeting('two'), 'overlays/dev/values.yaml': '{}\n' });
    const [second] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(second && (await kit.merge(kit.boss, second)).ok);
    const files = await kit.files(stg);
    assert.equal(files['base/notes.md'], undefined);
    assert.equal(files['base/values.yaml'], 'greeting: two\n');
    assert.equal(files['overlays/stg/values.yaml'], 'greeting: only in stg\n');
    const again = await kit.plan(kit.boss, 'acme-stg', { action: 'promote', application: 'shop' });
    assert.deepEqual(
      again.problems.map(({ code }) => code),
      ['NothingChanges'],
    );
  });

  it('keeps its commit when the source moves on, until a later promotion takes its place', async () => {
    await kit.commit(dev, greeting('three'));
    const [opened] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(opened);
    await kit.commit(dev, greeting('four'));
    assert.equal((await kit.detail(opened)).head, opened.head);
    const [replaced] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(replaced);
    assert.equal(replaced.number, opened.number);
    assert.notEqual(replaced.head, opened.head);
    const stale = await kit.merge(kit.boss, opened);
    assert.equal(stale.ok ? 'ok' : stale.problems[0]?.code, 'Stale');
    assert.ok((await kit.merge(kit.boss, replaced)).ok);
    assert.equal((await kit.files(stg))['base/values.yaml'], 'greeting: four\n');
  });

  it('a hotfix of the destination is asked about, and stays or goes as was decided', async () => {
    await kit.commit(stg, { 'base/hotfix.md': 'urgent\n' });
    await kit.commit(dev, greeting('five'));
    const [opened] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(opened);
    const asked = await kit.detail(opened);
    assert.deepEqual(asked.promotion?.undecided, [{ path: 'base/hotfix.md', conflict: false }]);
    assert.equal(asked.mergeable, false);
    const refusal = await kit.merge(kit.boss, opened);
    assert.equal(refusal.ok ? 'ok' : refusal.problems[0]?.code, 'GateClosed');
    const decide = (take: 'source' | 'destination') =>
      kit.pullRequests.decide(kit.boss, kit.refOf(opened), {
        revision: opened.head,
        decisions: { 'base/hotfix.md': take },
      });
    const kept = await decide('destination');
    assert.ok(kept.ok && kept.value.mergeable);
    assert.ok((await kit.merge(kit.boss, kept.value)).ok);
    assert.equal((await kit.files(stg))['base/hotfix.md'], 'urgent\n', 'it survives');

    await kit.commit(dev, greeting('six'));
    const [next] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(next);
    assert.equal((await kit.detail(next)).promotion?.undecided.length, 1, 'each promotion asks again');
    const dropped = await kit.pullRequests.decide(kit.boss, kit.refOf(next), {
      revision: next.head,
      decisions: { 'base/hotfix.md': 'source' },
    });
    assert.ok(dropped.ok);
    assert.ok((await kit.merge(kit.boss, dropped.value)).ok);
    assert.equal((await kit.files(stg))['base/hotfix.md'], undefined);
  });

  it('both sides of a conflict can be chosen, and another content asks again', async () => {
    await kit.commit(stg, greeting('hotfix'));
    await kit.commit(dev, greeting('seven'));
    const [opened] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(opened);
    const asked = await kit.detail(opened);
    assert.deepEqual(asked.conflicts, ['base/values.yaml']);
    assert.deepEqual(asked.promotion?.undecided, [{ path: 'base/values.yaml', conflict: true }]);
    const decided = await kit.pullRequests.decide(kit.boss, kit.refOf(opened), {
      revision: opened.head,
      decisions: { 'base/values.yaml': 'source' },
    });
    assert.ok(decided.ok && decided.value.mergeable, JSON.stringify(decided));
    await kit.commit(stg, greeting('another hotfix'));
    assert.equal((await kit.detail(opened)).mergeable, false, 'it was decided about another content');
    const again = await kit.pullRequests.decide(kit.boss, kit.refOf(opened), {
      revision: opened.head,
      decisions: { 'base/values.yaml': 'source' },
    });
    assert.ok(again.ok);
    assert.ok((await kit.merge(kit.boss, again.value)).ok);
    assert.equal((await kit.files(stg))['base/values.yaml'], 'greeting: seven\n');
  });

  it('approvals fall with a decision, and who decides does not approve', async () => {
    const [omar, ada] = [
      await kit.addPerson('omar', 'org-developer'),
      await kit.addPerson('ada', 'org-admin'),
    ];
    await kit.commit(stg, { 'base/hotfix.md': 'urgent\n' });
    await kit.commit(dev, greeting('eight'));
    await kit.protect('acme-stg', {
      rules: [{ kind: 'pr-required', approvers: ['codeowners'], minApprovals: 1 }],
    });
    const [opened] = await kit.promote(omar, 'acme-stg', 'shop');
    assert.ok(opened);
    const review = ({ head, content }: Pick<typeof opened, 'head' | 'content'>) =>
      kit.pullRequests.review(ada, kit.refOf(opened), { verdict: 'approve', revision: head, content });
    assert.ok((await review(opened)).ok);
    const decided = await kit.pullRequests.decide(omar, kit.refOf(opened), {
      revision: opened.head,
      decisions: { 'base/hotfix.md': 'destination' },
    });
    assert.ok(decided.ok);
    assert.match(decided.value.why, /fell when the content changed/);
    assert.ok((await review(decided.value)).ok);
    const merged = await kit.merge(omar, decided.value);
    assert.ok(merged.ok, JSON.stringify(merged));
    await kit.protect('acme-stg', null);
  });

  it('follows the order: no step over an Environment that is there, none back, none from what is not there', async () => {
    const codes = async (environment: string, request: object) =>
      (
        await kit.plan(kit.boss, environment, { action: 'promote', application: 'shop', ...request })
      ).problems.map(({ code }) => code);
    assert.deepEqual(await codes('acme-prod', { from: 'acme-dev' }), ['NoPromotion']);
    assert.deepEqual(await codes('acme-dev', {}), ['NoPromotion']);
    assert.deepEqual(await codes('acme-dev', { from: 'acme-stg' }), ['NoPromotion']);
    assert.deepEqual(await codes('acme-stg', { from: 'other-dev' }), ['NoPromotion']);
    assert.deepEqual(await codes('acme-stg', { application: 'nothing' }), ['NotInstalled']);
    assert.deepEqual(await codes('acme-stg', { revision: 'a'.repeat(40) }), ['UnknownRevision']);
  });

  it('a plan of it is proposed and never applied', async () => {
    await kit.commit(dev, greeting('nine'));
    const plan = await kit.plan(kit.boss, 'acme-stg', { action: 'promote', application: 'shop' });
    const applied = await kit.provisioning.apply(kit.boss, 'acme-stg', plan.id);
    assert.equal(applied.ok ? 'ok' : applied.problems[0]?.code, 'Invalid');
  });

  it('from the branch of one Environment to another, a plain pull request takes this form', async () => {
    const opened = await kit.pullRequests.open(kit.boss, 'acme', {
      application: 'shop',
      source: 'staging',
      destination: 'main',
      title: 'To production',
    });
    assert.ok(opened.ok, JSON.stringify(opened));
    assert.equal(opened.value.promotedFrom, 'acme-stg');
    assert.equal(opened.value.title, 'To production');
    const merged = await kit.merge(kit.boss, opened.value);
    assert.ok(merged.ok, JSON.stringify(merged));
    const files = await kit.files(prod);
    assert.ok(files['overlays/prod/application.yaml']);
    assert.ok(
      !Object.keys(files).some((path) => /^overlays\/(?!prod)/.test(path)),
      Object.keys(files).join(),
    );
    await kit.settle(prod);
    const pushed = await kit.pullRequests.door({
      repository: kit.repository('shop'),
      branch: 'staging',
      oldRevision: '0'.repeat(40),
      newRevision: (await kit.headOf(dev)) ?? '',
      pusher: { id: kit.boss.id, name: kit.boss.name, surface: 'git' },
    });
    assert.ok(pushed.ok, JSON.stringify(pushed));
    assert.match(pushed.value.lines.join('\n'), /Promote shop from acme-dev to acme-stg/);
  });

  it('what is uninstalled in the source is refused; what was uninstalled in the destination comes back', async () => {
    const [open] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(open);
    const decided = await kit.pullRequests.decide(kit.boss, kit.refOf(open), {
      revision: open.head,
      decisions: { 'base/hotfix.md': 'source' },
    });
    assert.ok(decided.ok && (await kit.merge(kit.boss, decided.value)).ok);
    await kit.settle(stg);
    await kit.change('acme-stg', { action: 'uninstall', application: 'shop' });
    const [back] = await kit.promote(kit.boss, 'acme-stg', 'shop');
    assert.ok(back);
    assert.equal((await kit.detail(back)).state, 'open', 'the earlier merge of the commit is not this one');
    const merged = await kit.merge(kit.boss, back);
    assert.ok(merged.ok, JSON.stringify(merged));
    assert.equal((await kit.detail(back)).state, 'merged');
    assert.equal((await kit.files(stg))['base/values.yaml'], 'greeting: nine\n');
    await kit.change('acme-dev', { action: 'uninstall', application: 'shop' });
    const plan = await kit.plan(kit.boss, 'acme-stg', { action: 'promote', application: 'shop' });
    assert.deepEqual(
      plan.problems.map(({ code }) => code),
      ['NotInstalled'],
    );
  });

  it('brings along what it depends on, in order, or binds to what is there', async () => {
    await kit.change('acme-dev', {
      action: 'install',
      application: 'blog',
      blueprint: 'bp-blog',
      values: {},
      dependencies: { db: { use: 'new' } },
    });
    const plan = await kit.plan(kit.boss, 'acme-stg', { action: 'promote', application: 'blog' });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.applications.map(({ application }) => application),
      ['blog-db', 'blog'],
    );
    assert.deepEqual(
      plan.choices.map(({ alias, newName, existing, chosen }) => ({ alias, newName, existing, chosen })),
      [{ alias: 'db', newName: 'blog-db', existing: [], chosen: { use: 'new' } }],
    );
    const [database, blog] = await kit.propose(kit.boss, plan);
    assert.ok(database && blog);
    const early = await kit.merge(kit.boss, blog);
    assert.match(early.ok ? '' : (early.problems[0]?.message ?? ''), /Waits for acme\/blog-db/);
    assert.ok((await kit.merge(kit.boss, database)).ok);
    await kit.settle({ environment: 'acme-stg', application: 'blog-db' });
    const merged = await kit.merge(kit.boss, blog);
    assert.ok(merged.ok, JSON.stringify(merged));
    const place = { environment: 'acme-stg', application: 'blog' };
    assert.match((await kit.files(place))['overlays/stg/bindings.yaml'] ?? '', /db\.blog-db\.svc/);
    await kit.settle(place);
    await kit.change('acme-prod', { action: 'install', application: 'big', blueprint: 'bp-db', values: {} });
    const bound = await kit.promote(kit.boss, 'acme-prod', 'blog', {
      dependencies: { db: { use: 'existing', application: 'big' } },
    });
    assert.equal(bound.length, 1);
    assert.ok(bound[0] && (await kit.merge(kit.boss, bound[0])).ok);
    const there = await kit.files({ environment: 'acme-prod', application: 'blog' });
    assert.match(there['overlays/prod/application.yaml'] ?? '', /application: big/);
    const wrong = await kit.plan(kit.boss, 'acme-prod', {
      action: 'promote',
      application: 'blog',
      dependencies: { db: { use: 'existing', application: 'nothing' } },
    });
    assert.deepEqual(
      wrong.problems.map(({ code }) => code),
      ['DependencyUnfit'],
    );
  });
});
