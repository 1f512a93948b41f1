import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import { layla } from '../history/testing/history-kit.ts';
import { watchedBackflowTable } from './lane/backflow-rows.ts';
import { omar, startLaneKit } from './testing/lane-kit.ts';

const values = 'base/values.yaml';
const lines = (changed: Record<string, string> = {}) =>
  ['greeting', 'title', 'first', 'second', 'third', 'color']
    .map((name) => `${name}: ${changed[name] ?? 'same'}\n`)
    .join('');
const text = { type: 'string' };
const blueprint = {
  name: 'web',
  version: '1.0.0',
  properties: { title: text, first: text, second: text, third: text, color: text },
};
const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.problems[0]?.code);
const alice: Actor = { ...layla, id: 'u3', name: 'Alice', email: 'alice@example.net' };
const dana: Actor = { ...layla, id: 'u4', name: 'Dana', email: 'dana@example.net' };
const both = ['acme-prod→acme-dev', 'acme-prod→acme-stg'];

describe('backflow', () => {
  let kit: Awaited<ReturnType<typeof startLaneKit>>;

  /** The same in all three Environments. */
  beforeEach(async () => {
    kit = await startLaneKit([blueprint]);
    const install = { application: 'shop', blueprint: 'bp-web', version: '1.0.0', values: {} };
    await kit.plan('dev', { action: 'install', ...install });
    await kit.commit('dev', { [values]: lines() }, 'Begin', layla);
    await kit.promote('dev', 'stg');
    await kit.promote('stg', 'prod');
  });
  afterEach(() => kit.close());

  const hotfix = (changed: Record<string, string> = { color: 'red' }, message = 'Fix the color') =>
    kit.commit('prod', { [values]: lines(changed) }, message);

  test('nothing is offered where nobody changed anything first', async () => {
    assert.deepEqual(await kit.offers(), []);
    await kit.commit('dev', { [values]: lines({ greeting: 'new' }) });
    assert.deepEqual(await kit.offers(), [], 'what is new in a lower one is promoted');
    await kit.commit('prod', { 'overlays/prod/values.yaml': 'color: black\n' });
    assert.deepEqual(await kit.offers(), [], 'an overlay belongs to one Environment');
  });

  test('a hotfix is offered to each lower one with the commits that made it, until it is there', async () => {
    const revision = await hotfix();
    assert.deepEqual(await kit.offers(), both);
    const offer = await kit.offer('prod', 'dev');
    assert.deepEqual(offer.files, [values]);
    assert.deepEqual(
      offer.commits.map((commit) => [commit.revision, commit.subject, commit.by]),
      [[revision, 'Fix the color', 'Omar']],
    );
    await kit.commit('dev', { [values]: lines({ greeting: 'new' }) });
    const devHead = await kit.headOf('dev');

    const opened = await kit.accept('prod', 'dev');
    assert.ok(opened.ok, JSON.stringify(opened));
    assert.equal(opened.value.environment, 'acme-dev');
    assert.equal((await kit.offer('prod', 'dev')).pullRequest, opened.value.number);
    const [commit, ...others] = await kit.repositories.commitsBetween(
      { organization: 'acme', name: 'shop' },
      devHead,
      opened.value.head,
    );
    assert.deepEqual([commit?.parents, others], [[devHead], []], 'one commit without second parent');
    assert.match(commit?.message ?? '', new RegExp(`${revision.slice(0, 10)} Fix the color \\(Omar\\)`));
    const again = await kit.accept('prod', 'dev');
    assert.ok(again.ok && again.value.number === opened.value.number);

    await kit.merge(opened.value);
    assert.equal(await kit.textOf('dev', values), lines({ greeting: 'new', color: 'red' }));
    assert.deepEqual(await kit.offers(), ['acme-prod→acme-stg']);
    await kit.promote('dev', 'stg');
    assert.deepEqual(await kit.offers(), [], 'it came to stg by promotion');
  });

  test('who made the hotfix does not approve what repeats it', async () => {
    await hotfix();
    const opened = await kit.accept('prod', 'dev');
    assert.ok(opened.ok);
    const ref = { organization: 'acme', application: 'shop', number: opened.value.number };
    const verdict = { verdict: 'approve', revision: opened.value.head } as const;
    assert.equal(codeOf(await kit.pullRequests.review(omar, ref, verdict)), 'Denied');
  });

  /** What becomes of somebody's approval of the change that was accepted. */
  async function approvalOf(by: Actor, opened: Awaited<ReturnType<typeof kit.accept>>) {
    assert.ok(opened.ok, JSON.stringify(opened));
    const { number, head } = opened.value;
    const ref = { organization: 'acme', application: 'shop', number };
    return codeOf(await kit.pullRequests.review(by, ref, { verdict: 'approve', revision: head }));
  }

  test('nor does who made the oldest of many hotfixes, of which ten are named', async () => {
    await kit.commit('prod', { [values]: lines({ color: 'red' }) }, 'Fix 0', alice);
    for (let at = 1; at <= 10; at += 1)
      await kit.commit('prod', { [`notes/${at}.md`]: `${at}\n` }, `Fix ${at}`);
    const opened = await kit.accept('prod', 'dev');
    assert.deepEqual(
      (await kit.offer('prod', 'dev')).commits.map(({ by }) => by),
      Array(10).fill('Omar'),
    );
    assert.equal(await approvalOf(alice, opened), 'Denied');
    assert.equal(await approvalOf(dana, opened), 'ok');
  });

  test('nor who changed in a merge what none of its sides has', async () => {
    const head = await kit.headOf('prod');
    const side = await kit.repositories.commit({
      repository: { organization: 'acme', name: 'shop' },
      branch: 'side',
      expectedHead: null,
      from: head,
      changes: { 'notes.md': 'One.\n' },
      message: 'Note',
      author: { name: omar.name, email: omar.email },
      pusher: { id: omar.id, name: omar.name, surface: 'git' },
    });
    assert.ok(side.ok);
    const more = { mergeOf: side.value.newRevision };
    await kit.commit(
      'prod',
      { 'notes.md': 'One.\n', [values]: lines({ color: 'red' }) },
      'Merge',
      alice,
      more,
    );
    const opened = await kit.accept('prod', 'dev');
    assert.equal(await approvalOf(alice, opened), 'Denied');
    assert.equal(await approvalOf(omar, opened), 'Denied');
    assert.equal(await approvalOf(dana, opened), 'ok');
  });

  test('nor who made it where a nearer Environment only repeats it', async () => {
    await kit.commit('prod', { [values]: lines({ color: 'red' }) }, 'Fix the color', alice);
    const first = await kit.accept('prod', 'stg');
    assert.ok(first.ok, JSON.stringify(first));
    await kit.merge(first.value);
    assert.deepEqual(await kit.offers(), ['acme-stg→acme-dev']);
    const opened = await kit.accept('stg', 'dev');
    assert.equal(await approvalOf(alice, opened), 'Denied');
    assert.equal(await approvalOf(dana, opened), 'ok');
  });

  test('whose hotfix has flowed back approves the next one', async () => {
    await kit.commit('prod', { [values]: lines({ color: 'red' }) }, 'Fix the color', alice);
    const first = await kit.accept('prod', 'dev');
    assert.ok(first.ok, JSON.stringify(first));
    await kit.merge(first.value);
    await hotfix({ color: 'red', title: 'urgent' }, 'Fix the title');
    assert.equal(await approvalOf(alice, await kit.accept('prod', 'dev')), 'ok');
  });

  test('a change that was promoted on is offered once, from where it was made', async () => {
    await kit.commit('stg', { [values]: lines({ color: 'red' }) });
    assert.deepEqual(await kit.offers(), ['acme-stg→acme-dev']);
    await kit.promote('stg', 'prod');
    assert.deepEqual(await kit.offers(), ['acme-stg→acme-dev']);
  });

  test('an older hotfix that is everywhere is not named again', async () => {
    await hotfix();
    const opened = await kit.accept('prod', 'dev');
    assert.ok(opened.ok);
    await kit.merge(opened.value);
    await kit.promote('dev', 'stg');
    assert.deepEqual(await kit.offers(), []);
    await hotfix({ color: 'red', greeting: 'urgent' }, 'Greet');
    const { commits } = await kit.offer('prod', 'dev');
    assert.deepEqual(
      commits.map(({ subject }) => subject),
      ['Greet'],
    );
  });

  test('a declined one does not come back, a changed one does', async () => {
    await hotfix();
    const offer = await kit.offer('prod', 'dev');
    assert.equal(codeOf(await kit.decline(offer, '  ')), 'Invalid');
    assert.equal(codeOf(await kit.decline({ ...offer, fingerprint: '0'.repeat(32) })), 'Stale');
    assert.equal(codeOf(await kit.decline({ ...offer, to: 'globex-dev' })), 'NotFound');
    assert.equal(codeOf(await kit.decline(offer, 'Red is for production.')), 'ok');
    kit.forgetMemory();
    assert.deepEqual(await kit.offers(), ['acme-prod→acme-stg']);
    const { declined } = await kit.offer('prod', 'dev');
    assert.deepEqual([declined?.by.name, declined?.reason], ['Layla', 'Red is for production.']);
    await kit.commit('dev', { [values]: lines({ greeting: 'new' }) });
    assert.deepEqual(await kit.offers(), ['acme-prod→acme-stg'], 'other lines changed in dev');
    const opened = await kit.accept('prod', 'stg');
    assert.ok(opened.ok);
    await kit.merge(opened.value);
    assert.deepEqual(await kit.offers(), [], 'the same change, offered from another one');
    await hotfix({ color: 'redder' });
    assert.deepEqual(await kit.offers(), both);
  });

  test('a conflict is listed, and refused with the way out', async () => {
    await hotfix();
    await kit.commit('dev', { [values]: lines({ color: 'blue' }) });
    const offer = await kit.offer('prod', 'dev');
    assert.deepEqual([offer.files, offer.conflicts], [[], [values]]);
    const refused = await kit.accept('prod', 'dev');
    assert.ok(!refused.ok);
    assert.equal(refused.problems[0]?.code, 'Conflict');
    assert.match(refused.problems[0]?.message ?? '', /branch of your own from develop/);
    assert.equal(codeOf(await kit.decline(offer)), 'ok');
    assert.deepEqual(await kit.offers(), ['acme-prod→acme-stg']);
  });

  test('what is proposed already is not proposed twice, nor declined', async () => {
    await hotfix();
    const opened = await kit.accept('prod', 'dev');
    assert.ok(opened.ok);
    assert.equal(codeOf(await kit.decline(await kit.offer('prod', 'dev'))), 'Conflict');
    await hotfix({ color: 'redder' });
    assert.equal(codeOf(await kit.accept('prod', 'dev')), 'Conflict', 'an earlier state is proposed');
    const ref = { organization: 'acme', application: 'shop', number: opened.value.number };
    assert.ok((await kit.pullRequests.edit(layla, ref, { state: 'closed' })).ok);
    assert.equal(codeOf(await kit.accept('prod', 'dev')), 'ok');
  });

  test('a crash between branch and pull request is mended by asking again', async () => {
    await hotfix();
    kit.deadly.open = true;
    await assert.rejects(kit.accept('prod', 'dev'));
    kit.deadly.open = false;
    kit.forgetMemory();
    const { fingerprint, pullRequest } = await kit.offer('prod', 'dev');
    assert.equal(pullRequest, undefined);
    const branch = `proposals/backflow-prod-dev-${fingerprint}-${(await kit.headOf('dev')).slice(0, 12)}`;
    const left = await kit.repositories.head({ organization: 'acme', name: 'shop' }, branch);
    assert.ok(left);
    const again = await kit.accept('prod', 'dev');
    assert.ok(again.ok, JSON.stringify(again));
    assert.equal(again.value.head, left, 'the commit that is there is taken');
  });

  test('what a rollback brought is not offered, also when its hold is released', async () => {
    const earlier = await kit.headOf('prod');
    await kit.commit('dev', { [values]: lines({ title: 'two' }) });
    await kit.promote('dev', 'stg');
    await kit.promote('stg', 'prod');
    await kit.plan('prod', { action: 'rollback', application: 'shop', revision: earlier, reason: 'Broken.' });
    assert.equal(await kit.textOf('prod', values), lines());
    assert.deepEqual(await kit.offers(), []);
    await kit.plan('prod', { action: 'release', application: 'shop', reason: 'Mended.' });
    assert.deepEqual(await kit.offers(), []);
    await hotfix();
    assert.deepEqual(await kit.offers(), [], 'following it would take the promotion from the lower ones');
    await kit.commit('prod', { 'README.md': 'Urgent.\n' });
    assert.deepEqual(await kit.offers(), both, 'beside base/ nothing was rolled back');
    assert.deepEqual((await kit.offer('prod', 'dev')).files, ['README.md']);
  });

  test('a hotfix that was taken back does not hide the next one', async () => {
    const before = await kit.headOf('prod');
    await hotfix();
    await kit.commit('prod', { [values]: lines() });
    assert.deepEqual(await kit.offers(), []);
    await hotfix({ greeting: 'urgent' });
    assert.deepEqual(await kit.offers(), both);
    await kit.plan('prod', { action: 'rollback', application: 'shop', revision: before, reason: 'No.' });
    assert.deepEqual(await kit.offers(), []);
  });

  test('an uninstall is not offered, and nothing to where it is uninstalled', async () => {
    await hotfix();
    await kit.plan('dev', { action: 'uninstall', application: 'shop' });
    assert.deepEqual(await kit.offers(), ['acme-prod→acme-stg']);
    await kit.plan('prod', { action: 'uninstall', application: 'shop' });
    assert.deepEqual(await kit.offers(), []);
    assert.equal(codeOf(await kit.accept('prod', 'stg')), 'NothingChanges');
  });

  test('the offers of an Organization are told from rows, and looked for where a branch moved', async () => {
    const open = async () => (await kit.lanes().openBackflowOffers('acme')).items.map(({ to }) => to);
    assert.deepEqual(await open(), []);
    assert.equal(await kit.database.table(watchedBackflowTable).count(), 0, 'nothing is kept for nothing');
    await hotfix();
    assert.deepEqual(await open(), ['acme-dev', 'acme-stg']);
    kit.forgetMemory();
    assert.deepEqual(await open(), ['acme-dev', 'acme-stg']);
    assert.deepEqual((await kit.lanes().openBackflowOffers('globex')).items, []);
    assert.ok((await kit.accept('prod', 'dev')).ok);
    assert.deepEqual(await open(), ['acme-stg']);
    assert.equal(codeOf(await kit.decline(await kit.offer('prod', 'stg'))), 'ok');
    assert.deepEqual(await open(), []);
    await kit.lanes().forget('acme');
    assert.equal(await kit.database.table(watchedBackflowTable).count(), 0);
    assert.equal((await kit.offer('prod', 'stg')).declined, undefined, 'a namesake inherits nothing');
  });
});

test('what was installed in each by itself is no hotfix', async () => {
  const kit = await startLaneKit([blueprint]);
  try {
    const install = { application: 'shop', blueprint: 'bp-web', version: '1.0.0' };
    // Those of stg and prod begin with the same commit, that of dev with its own.
    for (const envType of ['dev', 'stg', 'prod'] as const)
      await kit.plan(envType, { action: 'install', ...install, values: {} });
    await kit.commit('prod', { [values]: lines({ color: 'red' }), 'base/extra.txt': 'x\n' });
    assert.deepEqual(await kit.offers(), []);
  } finally {
    await kit.close();
  }
});
