import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { changesTable } from './changes.ts';
import { startHistoryKit } from './testing/history-kit.ts';

const scope = { organization: 'acme', environment: 'acme-dev', envType: 'dev' as const };

describe('undoing a plan', { timeout: 120_000 }, () => {
  let kit: Awaited<ReturnType<typeof startHistoryKit>>;
  const codesOf = (plan: Plan) => plan.problems.map(({ code }) => code);
  const undo = (plan: string) => kit.plan({ action: 'undo', plan });
  const textOf = async (name: string, path: string) => {
    const head = (await kit.repositories.head(kit.repository(name), 'develop')) ?? '';
    return new TextDecoder().decode(await kit.repositories.read(kit.repository(name), head, path));
  };
  const treeOf = async (name: string, path: string) => {
    const head = (await kit.repositories.head(kit.repository(name), 'develop')) ?? '';
    return kit.repositories.treeOf(kit.repository(name), head, path);
  };
  let installed: Plan;

  before(async () => {
    kit = await startHistoryKit([
      { name: 'store', version: '1.0.0' },
      { name: 'store', version: '1.1.0' },
      {
        name: 'site',
        version: '1.0.0',
        depends: [{ blueprint: 'bp-store', version: '^1.0', alias: 'db' }],
      },
    ]);
    installed = await kit.plan({
      action: 'install',
      application: 'web',
      blueprint: 'bp-site',
      values: {},
      dependencies: { db: { use: 'new' } },
    });
    await kit.apply(installed);
  });
  after(async () => kit.close());

  it('makes files what they were, and no more', async () => {
    const before_ = await textOf('web', 'overlays/dev/values.yaml');
    const plan = await kit.plan({ action: 'configure', application: 'web', values: { greeting: 'changed' } });
    await kit.apply(plan);
    assert.match(await textOf('web', 'overlays/dev/values.yaml'), /changed/);
    const back = await undo(plan.id);
    assert.deepEqual(back.problems, []);
    assert.deepEqual(
      back.applications[0]?.files.map(({ path, change }) => [path, change]),
      [['overlays/dev/values.yaml', 'change']],
    );
    await kit.apply(back);
    assert.equal(await textOf('web', 'overlays/dev/values.yaml'), before_);
    assert.deepEqual(codesOf(await undo(plan.id)), ['NothingChanges']);
  });

  it('takes back an upgrade although something else was changed since, and says who changed the same', async () => {
    await kit.change({
      action: 'install',
      application: 'plain',
      blueprint: 'bp-store',
      version: '1.0.0',
      values: {},
    });
    const before_ = await treeOf('plain', 'base');
    const plan = await kit.plan({ action: 'configure', application: 'plain', version: '1.1.0' });
    await kit.apply(plan);
    await kit.change({ action: 'configure', application: 'plain', values: { greeting: 'here' } });
    await kit.apply(await undo(plan.id));
    assert.equal(await treeOf('plain', 'base'), before_);
    const again = await kit.plan({ action: 'configure', application: 'plain', version: '1.1.0' });
    await kit.apply(again);
    const head = (await kit.repositories.head(kit.repository('plain'), 'develop')) ?? '';
    const text = await textOf('plain', 'base/application.yaml');
    const pushed = await kit.repositories.commit({
      repository: kit.repository('plain'),
      branch: 'develop',
      expectedHead: head,
      changes: { 'base/application.yaml': `# Ours.\n${text}` },
      message: 'Say whose it is\n\nLong story.',
      author: { name: 'Somebody', email: 'x@example.net' },
      pusher: { id: 'u2', name: 'Omar', surface: 'git' },
    });
    assert.ok(pushed.ok);
    const refused = await undo(again.id);
    assert.deepEqual(codesOf(refused), ['ChangedSince']);
    assert.match(refused.problems[0]?.message ?? '', /plain was changed since: "Say whose it is" by Omar/);
    assert.deepEqual(codesOf(await undo(installed.id)), [], 'what was undone does not count');
  });

  it('takes back a set in the reverse order, whatever was restarted or paused meanwhile', async () => {
    const set = await kit.plan({
      action: 'install',
      application: 'blog',
      blueprint: 'bp-site',
      values: {},
      dependencies: { db: { use: 'new' } },
    });
    await kit.apply(set);
    await kit.change({ action: 'restart', application: 'blog', reason: 'To be sure' });
    await kit.change({ action: 'configure', application: 'blog', paused: true, reason: 'Quiet' });
    const plan = await undo(set.id);
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.applications.map(({ application, change }) => [application, change]),
      [
        ['blog', 'remove'],
        ['blog-db', 'remove'],
      ],
    );
    await kit.apply(plan);
    assert.equal(await treeOf('blog', 'base'), undefined);
    assert.equal(await treeOf('blog', 'overlays'), undefined);
    assert.match(await textOf('blog', 'CODEOWNERS'), /org-admins/);
    const history = await kit.history.ofApplication(scope, 'blog', { limit: 10 });
    assert.match(history?.items[0]?.message ?? '', /^Undo: uninstall blog/);
    assert.match(history?.items[1]?.message ?? '', /\n\nQuiet/);
    assert.match(history?.items[2]?.message ?? '', /\n\nTo be sure/);
  });

  it('is refused while somebody is bound to what would go', async () => {
    const set = await kit.plan({ action: 'install', application: 'db2', blueprint: 'bp-store', values: {} });
    await kit.apply(set);
    await kit.change({
      action: 'install',
      application: 'web2',
      blueprint: 'bp-site',
      values: {},
      dependencies: { db: { use: 'existing', application: 'db2' } },
    });
    const plan = await undo(set.id);
    assert.deepEqual(codesOf(plan), ['InUse']);
    assert.match(plan.problems[0]?.message ?? '', /web2 is bound to db2/);
  });

  it('brings back what was uninstalled, unless what it was bound to is gone', async () => {
    const web = await kit.plan({ action: 'uninstall', application: 'web2' });
    await kit.apply(web);
    const db = await kit.plan({ action: 'uninstall', application: 'db2' });
    await kit.apply(db);
    assert.deepEqual(codesOf(await undo(web.id)), ['BindingGone']);
    await kit.apply(await undo(db.id));
    const plan = await undo(web.id);
    assert.deepEqual(
      plan.applications.map(({ change }) => change),
      ['create'],
    );
    await kit.apply(plan);
    assert.ok(await treeOf('web2', 'base'));
  });

  it('is not for what has a way back of its own, nor for plans of others', async () => {
    const hold = await kit.plan({ action: 'hold', application: 'web', reason: 'Wait' });
    assert.deepEqual(codesOf(await undo(hold.id)), ['UnknownPlan'], 'not carried out yet');
    await kit.apply(hold);
    assert.deepEqual(codesOf(await undo(hold.id)), ['NotUndoable']);
    assert.deepEqual(codesOf(await undo('nonsense')), ['UnknownPlan']);
  });

  it('shows in the history of the Environment, page by page', async () => {
    const seen: string[] = [];
    let from: string | undefined;
    do {
      const page = await kit.history.ofEnvironment(scope, { limit: 4, ...(from ? { continue: from } : {}) });
      assert.ok(page.items.length <= 4);
      seen.push(...page.items.map(({ application, revision }) => `${application} ${revision}`));
      from = page.continue;
    } while (from !== undefined);
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(seen.length, await kit.database.table(changesTable).count());
    assert.ok(seen.length > 15);
    const elsewhere = await kit.history.ofEnvironment(
      { ...scope, environment: 'acme-deva' },
      { limit: 10, continue: '../../' },
    );
    assert.deepEqual(elsewhere.items, []);
  });
});
