import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ChangeList, ChangeView, Comparison, PlanAtTheTime } from '@catalyst/model/api/history.ts';
import { admin, type Client } from './kit/client.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { startProber } from './kit/prober.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-dev';
const path = `/v1/environments/${environment}`;

describe('history and rollback, by API', { timeout: 500_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  let work = '';
  const revisions: Record<'one' | 'two' | 'broken' | 'back', string> = {
    one: '',
    two: '',
    broken: '',
    back: '',
  };

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
  });
  after(async () => {
    if (work !== '') rmSync(join(work, '..'), { recursive: true, force: true });
    await sovereign.destroy();
  });

  const page = async () => (await fetchLocal(sovereign.port, 'shop.acme-dev.localhost', '/')).body.trim();
  const history = async (): Promise<ChangeView[]> =>
    (await client.json<ChangeList>('GET', `${path}/applications/shop/history`)).items;

  async function changeOf(revision: string): Promise<ChangeView> {
    const found = (await history()).find((change) => change.revision === revision);
    assert.ok(found, revision);
    return found;
  }

  /** Waits until it is known what became of a change. */
  async function outcomeOf(revision: string, state: string): Promise<ChangeView> {
    let last: ChangeView | undefined;
    await until(
      `${revision} is ${state}`,
      async () => {
        last = await changeOf(revision);
        return last.outcome?.state === state;
      },
      60_000,
      () => JSON.stringify(last?.outcome),
    );
    return changeOf(revision);
  }

  /** Changes `base/values.yaml` as a developer would, by Git. */
  function push(change: (text: string) => string, message: string) {
    const file = join(work, 'base/values.yaml');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    const result = commitAndPush(work, message);
    return { ...result, revision: git(work, 'rev-parse', 'HEAD').output.trim() };
  }

  it('says of an install who, what, why, with which plan, and that it runs', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web-app',
      values: webApp('one'),
    });
    const applied = await client.apply(environment, plan);
    revisions.one = applied.commits[0]?.revision ?? '';
    await client.waitFor(environment, 'shop', (view) => view.state === 'Running', 180_000);
    const change = await outcomeOf(revisions.one, 'running');
    assert.equal(change.pusher?.name, admin.name);
    assert.equal(change.pusher?.surface, 'api');
    assert.match(change.message, /^Install bp-web-app/);
    assert.equal(change.planId, plan.id);
    assert.deepEqual(change.blueprint, { name: 'bp-web-app', version: '1.0.0' });
    const kept = await client.json<PlanAtTheTime>(
      'GET',
      `${path}/applications/shop/history/${revisions.one}/plan`,
    );
    assert.equal(kept.madeBy, admin.name);
    assert.ok(kept.applications[0]?.objects.some(({ kind }) => kind === 'Deployment'));
  });

  it('shows the pusher beside the Git author, and what a broken change came to', async () => {
    work = clone(sovereign, client.token, 'acme/shop', 'develop');
    const two = push((text) => text.replace('one', 'two'), 'Greet with two\n\nBecause one was not enough.');
    assert.equal(two.status, 0, two.output);
    revisions.two = two.revision;
    await client.waitFor(
      environment,
      'shop',
      (view) => view.state === 'Running' && view.revision === two.revision,
    );
    const change = await outcomeOf(two.revision, 'running');
    assert.equal(change.author.name, 'Omar');
    assert.equal(change.pusher?.name, admin.name);
    assert.equal(change.pusher?.surface, 'git');
    assert.match(change.message, /Because one was not enough/);
    const broken = push(
      (text) => text.replace(testImage('busybox'), 'localhost/catalyst-test/none:1'),
      'Break it',
    );
    assert.equal(broken.status, 0, broken.output);
    revisions.broken = broken.revision;
    const failed = await outcomeOf(broken.revision, 'failed');
    assert.match(failed.outcome?.reason ?? '', /none:1|image/i);
    assert.equal(await page(), 'two', 'the version before serves on');
  });

  it('compares any two revisions as files and as rendered objects', async () => {
    const compare = (from: string, to: string) =>
      client.json<Comparison>('GET', `${path}/applications/shop/compare?from=${from}&to=${to}`);
    const comparison = await compare(revisions.one, revisions.broken);
    assert.deepEqual(
      comparison.files.map(({ path: file, change }) => [file, change]),
      [['base/values.yaml', 'change']],
    );
    assert.match(comparison.files[0]?.before ?? '', /one/);
    const deployment = comparison.objects.find(({ kind }) => kind === 'Deployment');
    assert.ok(deployment?.fields?.some(({ after: now }) => now === 'localhost/catalyst-test/none:1'));
    assert.deepEqual(comparison.problems, []);
    assert.deepEqual((await compare(revisions.two, revisions.two)).objects, []);
    const unknown = await client.call(
      'GET',
      `${path}/applications/shop/compare?from=${'0'.repeat(40)}&to=${revisions.two}`,
    );
    assert.equal(unknown.status, 404);
  });

  it('rolls back in one action, holds, and stays reachable all the while', async () => {
    const prober = startProber(sovereign.port, ['shop.acme-dev.localhost']);
    const plan = await client.plan(environment, {
      action: 'rollback',
      application: 'shop',
      revision: revisions.one,
      reason: 'The new image is not there',
    });
    assert.deepEqual(plan.problems, []);
    assert.ok(plan.consequences.some((sentence) => /held until it is released/.test(sentence)));
    const from = performance.now();
    const applied = await client.apply(environment, plan);
    revisions.back = applied.commits[0]?.revision ?? '';
    const view = await client.waitFor(
      environment,
      'shop',
      (seen) => seen.state === 'Running' && seen.revision === revisions.back,
      30_000,
    );
    const tookMs = Math.round(performance.now() - from);
    await prober.stop();
    console.log(
      `rolled back and ready in ${tookMs} ms; ${prober.asked()} visits meanwhile, slowest ${Math.round(prober.slowestMs())} ms`,
    );
    assert.deepEqual(prober.failures(), []);
    assert.equal(await page(), 'one');
    assert.match(view.holds?.[0]?.message ?? '', /^Held by Layla since .*: The new image is not there$/);
    const change = await outcomeOf(revisions.back, 'running');
    assert.match(change.message, /The new image is not there/);
    assert.equal(change.baseTree, (await changeOf(revisions.one)).baseTree, 'byte for byte');
    assert.equal((await changeOf(revisions.broken)).outcome?.state, 'failed');
    assert.equal((await changeOf(revisions.two)).rollback?.possible, true);
    assert.equal((await changeOf(revisions.one)).rollback?.possible, false);
  });

  it('refuses changes of what is held, on every surface, with who, why and how; a rollback still works', async () => {
    git(work, 'pull', '--quiet', '--rebase');
    const held = push((text) => text.replace('one', 'three'), 'Try anyway');
    assert.notEqual(held.status, 0);
    for (const said of [/held/i, /Layla/, /The new image is not there/, /release/i])
      assert.match(held.output, said);
    const uninstall = await client.plan(environment, { action: 'uninstall', application: 'shop' });
    assert.equal(uninstall.problems[0]?.code, 'Held');
    const again = await client.plan(environment, {
      action: 'rollback',
      application: 'shop',
      revision: revisions.two,
      reason: 'Another one',
    });
    assert.deepEqual(again.problems, []);
    for (const [revision, code] of [
      [revisions.one, 'NothingChanges'],
      ['0'.repeat(40), 'UnknownRevision'],
    ] as const) {
      const refused = await client.plan(environment, {
        action: 'rollback',
        application: 'shop',
        revision,
        reason: 'x',
      });
      assert.equal(refused.problems[0]?.code, code);
    }
  });

  it('releases with a reason; changes go on', async () => {
    await client.change(environment, {
      action: 'release',
      application: 'shop',
      reason: 'The image is there now',
    });
    const view = await client.waitFor(environment, 'shop', (seen) => !seen.holds);
    assert.match((await changeOf(view.revision)).message, /The image is there now/);
    git(work, 'pull', '--quiet', '--rebase');
    const pushed = git(work, 'push', '--quiet');
    assert.equal(pushed.status, 0, pushed.output);
    await until('the held change is there', async () => (await page()) === 'three', 60_000);
  });

  it('keeps outcomes and history through a kill, and after an uninstall', async () => {
    const paused = await client.change(environment, {
      action: 'configure',
      application: 'shop',
      paused: true,
      reason: 'Nobody is here',
    });
    await sovereign.kill();
    await sovereign.up();
    const change = await outcomeOf(paused.commits[0]?.revision ?? '', 'running');
    assert.match(change.outcome?.reason ?? '', /paused/);
    assert.match(change.message, /Nobody is here/);
    assert.equal((await changeOf(revisions.broken)).outcome?.state, 'failed');
    const applied = await client.change(environment, { action: 'uninstall', application: 'shop' });
    const revision = applied.commits[0]?.revision ?? '';
    await outcomeOf(revision, 'removed');
    const all = await client.json<ChangeList>('GET', `${path}/history?limit=3`);
    assert.equal(all.items[0]?.revision, revision);
    assert.equal(all.items.length, 3);
    const next = await client.json<ChangeList>('GET', `${path}/history?limit=3&continue=${all.continue}`);
    assert.equal(
      next.items.some((change) => all.items.some((seen) => seen.revision === change.revision)),
      false,
    );
  });
});
