import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { putBlueprint } from './kit/catalog-folder.ts';
import type { Client } from './kit/client.ts';
import { clone, git } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-prod';
const policy = { rules: [{ kind: 'pr-required', approvers: ['codeowners'], minApprovals: 1 }] };

describe('sets of pull requests into a protected Environment', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let admin: Client;
  let omar: Person;
  let ada: Person;

  before(async () => {
    ensureImages('busybox', 'valkey');
    sovereign = await createSovereign();
    putBlueprint(sovereign, {
      name: 'bp-back',
      version: '1.0.0',
      spec: 'provides: { service: web, port: 80 }',
    });
    putBlueprint(sovereign, {
      name: 'bp-front',
      version: '1.0.0',
      spec: "depends: [{ blueprint: bp-back, version: '^1.0', alias: back }]",
    });
    await sovereign.up();
    admin = await setUpAndSignIn(sovereign);
    await admin.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    omar = await invite(sovereign, admin, 'acme', 'omar', { role: 'org-developer' });
    ada = await invite(sovereign, admin, 'acme', 'ada', { role: 'org-admin' });
    await admin.json('PUT', `/v1/environments/${environment}/policy`, { spec: policy, reason: 'Careful.' });
  });
  after(async () => sovereign.destroy());

  const path = (of: PullRequestSummary, more = '') =>
    `/v1/organizations/acme/pull-requests/${of.application}/${of.number}${more}`;
  const detail = (of: PullRequestSummary) => omar.client.json<PullRequestDetail>('GET', path(of));
  const approve = (of: PullRequestSummary) =>
    ada.client.json('POST', path(of, '/reviews'), { verdict: 'approve', revision: of.head });
  const merge = (of: PullRequestSummary) =>
    omar.client.call('POST', path(of, '/merge'), { expectedHead: of.head });
  const running = (name: string) =>
    omar.client.waitFor(environment, name, ({ state }) => state === 'Running', 120_000);

  async function propose(request: PlanRequest): Promise<PullRequestSummary[]> {
    const plan = await omar.client.plan(environment, request);
    assert.deepEqual(plan.problems, []);
    const { pullRequests } = await omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `/v1/environments/${environment}/plans/${plan.id}/propose`,
      {},
    );
    return pullRequests;
  }

  it('an Application comes after what it depends on, and says that it waits', async () => {
    const [back, front, ...more] = await propose({
      action: 'install',
      application: 'shop',
      blueprint: 'bp-front',
      values: webApp('front'),
      dependencies: { back: { use: 'new', values: webApp('back') } },
    });
    assert.ok(back && front && more.length === 0);
    assert.deepEqual([back.application, front.application], ['shop-back', 'shop']);
    await approve(back);
    await approve(front);
    const waiting = await detail(front);
    assert.match(waiting.why, /Waits for acme\/shop-back #1/);
    assert.deepEqual(
      waiting.members?.map(({ application }) => application),
      ['shop-back', 'shop'],
    );
    const early = await merge(front);
    assert.equal(early.status, 422);
    assert.equal((await merge(back)).status, 200);
    assert.equal((await detail(front)).mergeable, true);
    const late = await merge(front);
    assert.equal(late.status, 200, late.body);
    const view = await running('shop');
    assert.deepEqual(
      view.dependencies.map(({ application }) => application),
      ['shop-back'],
    );
    const page = await fetchLocal(sovereign.port, `shop.${environment}.localhost`, '/');
    assert.equal(page.body.trim(), 'front');
  });

  it('a first install by a merge has its generated secrets', async () => {
    const [cache] = await propose({
      action: 'install',
      application: 'cache',
      blueprint: 'bp-valkey',
      values: { image: testImage('valkey') },
    });
    assert.ok(cache);
    await approve(cache);
    const merged = await merge(cache);
    assert.equal(merged.status, 200, merged.body);
    await running('cache');
  });

  it('a restart needs no review, an uninstall does', async () => {
    await omar.client.change(environment, { action: 'restart', application: 'cache' });
    await running('cache');
    const [gone] = await propose({ action: 'uninstall', application: 'cache' });
    assert.ok(gone);
    assert.equal((await merge(gone)).status, 422);
    await approve(gone);
    assert.equal((await detail(gone)).plan?.application?.change, 'remove');
    assert.equal((await merge(gone)).status, 200);
    const away = async () =>
      (await omar.client.call('GET', `/v1/environments/${environment}/applications/cache`)).status === 404;
    await until('cache is gone', away);
  });

  it('history says through which pull request it came', async () => {
    const { items } = await omar.client.json<{ items: { pullRequest?: number }[] }>(
      'GET',
      `/v1/environments/${environment}/applications/shop/history`,
    );
    assert.equal(items[0]?.pullRequest, 1);
  });

  it('an Environment that is deleted takes its policy along', async () => {
    const url = `/v1/organizations/acme/environments/${environment}`;
    assert.equal((await admin.call('DELETE', `${url}?confirm=${environment}`)).status, 204);
    await until('the Environment is gone', async () => (await admin.call('GET', url)).status === 404, 60_000);
    const work = clone(sovereign, admin.token, 'system/catalyst-config', 'main');
    assert.doesNotMatch(git(work, 'ls-files').output, /acme-prod/);
  });
});
