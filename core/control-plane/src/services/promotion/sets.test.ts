import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPromotionKit } from './testing/promotion-kit.ts';

type Kit = Awaited<ReturnType<typeof startPromotionKit>>;

describe('Applications that are promoted together', () => {
  let kit: Kit;
  const install = (
    application: string,
    blueprint: string,
    dependencies?: { db: { use: 'existing'; application: string } },
  ) =>
    kit.change('acme-dev', {
      action: 'install',
      application,
      blueprint,
      values: {},
      ...(dependencies ? { dependencies } : {}),
    });
  before(async () => {
    kit = await startPromotionKit([
      { name: 'db', version: '1.0.0' },
      { name: 'blog', version: '1.0.0', depends: [{ blueprint: 'bp-db', version: '^1.0', alias: 'db' }] },
    ]);
    await install('data', 'bp-db');
    for (const name of ['news', 'blog'])
      await install(name, 'bp-blog', { db: { use: 'existing', application: 'data' } });
  });
  after(() => kit.close());

  const together = (names: readonly string[], more: object = {}) =>
    kit.plan(kit.boss, 'acme-stg', {
      action: 'promote',
      application: names[0] ?? '',
      together: names.slice(1),
      ...more,
    });

  it('are one set in one order, and what two of them depend on comes once', async () => {
    const plan = await together(['news', 'blog']);
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.applications.map(({ application, alias }) => [application, alias]),
      [
        ['data', 'db'],
        ['news', undefined],
        ['blog', undefined],
      ],
    );
    assert.deepEqual(
      plan.choices.map(({ alias }) => alias),
      ['news.db', 'blog.db'],
      'the same alias of two Applications is two choices',
    );
    const opened = await kit.propose(kit.boss, plan);
    assert.deepEqual(
      opened.map(({ application, set }) => [application, set?.order]),
      [
        ['data', 0],
        ['news', 1],
        ['blog', 2],
      ],
    );
  });

  it('one that cannot be promoted is named, and none is opened', async () => {
    const plan = await together(['news', 'nothing']);
    assert.deepEqual(
      plan.problems.map(({ code }) => code),
      ['NotInstalled'],
    );
    assert.match(plan.problems[0]?.message ?? '', /"nothing"/);
    const proposed = await kit.pullRequests.propose(kit.boss, 'acme-stg', plan.id, {});
    assert.equal(proposed.ok, false);
  });

  it('one that is named twice comes once', async () => {
    const plan = await together(['news', 'news']);
    assert.deepEqual(
      plan.applications.map(({ application }) => application),
      ['data', 'news'],
    );
  });

  it('a path that must be decided is said by the plan, and shown from both sides by the pull request', async () => {
    for (const opened of await kit.promote(kit.boss, 'acme-stg', 'data')) await kit.merge(kit.boss, opened);
    await kit.commit({ environment: 'acme-stg', application: 'data' }, { 'base/notes.md': 'hotfix\n' });
    await kit.commit({ environment: 'acme-dev', application: 'data' }, { 'base/other.md': 'new\n' });
    const plan = await kit.plan(kit.boss, 'acme-stg', { action: 'promote', application: 'data' });
    assert.deepEqual(plan.applications[0]?.undecided, ['base/notes.md']);
    const [opened] = await kit.propose(kit.boss, plan);
    assert.ok(opened);
    const page = await kit.detail(opened);
    assert.deepEqual(page.promotion?.differences, [
      { path: 'base/notes.md', change: 'delete', before: 'hotfix\n' },
    ]);
  });
});
