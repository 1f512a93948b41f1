import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { ApplicationDetail } from '@catalyst/model/api/applications.ts';
import type { ChangeList } from '@catalyst/model/api/history.ts';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import type { Client } from './kit/client.ts';
import { clone, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { type Prober, startProber } from './kit/prober.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-prod';
const policy = {
  rules: [{ kind: 'pr-required', approvers: ['@acme/org-developers'], minApprovals: 1 }],
  automaticRollback: { after: '1m' },
};

describe('what is merged and rolled back by itself, with containers', { timeout: 480_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let omar: Person;
  let ada: Person;
  let browser: Browser;
  let page: Page;
  let visitors: Prober;
  let work = '';
  let good = '';
  let merged = '';

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    root = await setUpAndSignIn(sovereign);
    await root.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    omar = await invite(sovereign, root, 'acme', 'omar', { role: 'org-developer' });
    ada = await invite(sovereign, root, 'acme', 'ada', { role: 'org-developer' });
    const installed = await root.change(environment, {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web-app',
      values: webApp('one'),
    });
    good = installed.commits[0]?.revision ?? '';
    await root.waitFor(environment, 'shop', ({ state }) => state === 'Running');
    browser = await openBrowser();
    const context = await openContext(browser, { width: 390, dark: true });
    const session = { name: 'catalyst_session', value: await omar.signIn(), url: sovereign.url };
    await context.addCookies([session]);
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
  });
  after(async () => {
    await visitors?.stop();
    await browser?.close();
    if (work !== '') rmSync(join(work, '..'), { recursive: true, force: true });
    await sovereign?.destroy();
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed === false) await picture(page, 'automatic-failure');
  });

  const one = '/v1/organizations/acme/pull-requests/shop/1';
  const detail = () => omar.client.json<PullRequestDetail>('GET', one);
  const shop = () =>
    omar.client.json<ApplicationDetail>('GET', `/v1/environments/${environment}/applications/shop`);
  const served = async () =>
    (await fetchLocal(sovereign.port, `shop.${environment}.localhost`, '/')).body.trim();

  /** In a protected Environment a release is a pull request too; who asked for it does not wait for it. */
  async function release(): Promise<void> {
    const plan = await omar.client.plan(environment, {
      action: 'release',
      application: 'shop',
      reason: 'Understood.',
    });
    const { pullRequests } = await omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `/v1/environments/${environment}/plans/${plan.id}/propose`,
      {},
    );
    const [proposed] = pullRequests;
    assert.ok(proposed);
    const path = `/v1/organizations/acme/pull-requests/shop/${proposed.number}`;
    await omar.client.json('PUT', `${path}/auto-merge`, { expectedHead: proposed.head });
    await ada.client.json('POST', `${path}/reviews`, { verdict: 'approve', revision: proposed.head });
  }

  it('refuses a policy that wants gates for going back and going back without them', async () => {
    const url = `/v1/environments/${environment}/policy`;
    const spec = { ...policy, rollback: 'gated' };
    const refused = await root.call('PUT', url, { spec, reason: 'x' });
    assert.equal(refused.status, 422, refused.body);
    assert.match(refused.body, /cannot happen by itself/);
    await root.json('PUT', url, { spec: policy, reason: 'Customers depend on it.' });
    const { body } = await root.call('GET', url);
    assert.match(body, /goes back by itself when it is not Running within 1m/);
  });

  it('merges by itself when the gate opens, asked for with a button on a phone', async () => {
    work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    git(work, 'switch', '--quiet', '-c', 'never-ready');
    const file = join(work, 'base/values.yaml');
    const text = readFileSync(file, 'utf8');
    assert.match(text, /www\/index\.html/);
    // It starts, and what is asked whether it is ready answers 404.
    writeFileSync(file, text.replaceAll('www/index.html', 'www/elsewhere.html'));
    git(work, 'commit', '--quiet', '-am', 'Serve from elsewhere');
    const pushed = git(work, 'push', '--quiet', 'origin', 'never-ready');
    assert.equal(pushed.status, 0, pushed.output);
    await omar.client.json<PullRequestSummary>('POST', '/v1/organizations/acme/pull-requests', {
      application: 'shop',
      source: 'never-ready',
      destination: 'main',
      title: 'Serve from elsewhere',
    });
    await page.goto(`${sovereign.url}/organizations/acme/pull-requests/shop/1`);
    await page.getByRole('button', { name: 'Merge when gates open' }).click();
    await page.getByText(/It is merged by itself, as omar asked for/).waitFor();
    await page.getByRole('button', { name: 'Do not merge by itself' }).waitFor();
    await picture(page, 'automatic-armed');
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok(Number(wide) <= 390, `${String(wide)} px`);

    visitors = startProber(sovereign.port, [`shop.${environment}.localhost`]);
    const { head } = await detail();
    await ada.client.json('POST', `${one}/reviews`, { verdict: 'approve', revision: head });
    await until('it is merged', async () => (await detail()).state === 'merged', 5_000);
    const now = await detail();
    merged = now.mergeRevision ?? '';
    assert.equal(now.mergedBy?.name, 'omar');
    await until('it is watched', async () => (await detail()).watch?.state === 'watching', 5_000);
    await page.getByText(/Watched until/).waitFor();
    await picture(page, 'automatic-watched');
  });

  it('goes back once, held, with the evidence, through a kill, while visitors are served', async () => {
    await until('its Pods are seen', async () => (await shop()).revision === merged);
    await sovereign.kill();
    await sovereign.up();
    await until(
      'it went back',
      async () => (await detail()).watch?.state === 'rolled-back',
      200_000,
      async () => JSON.stringify((await detail()).watch),
    );
    const { watch, comments } = await detail();
    assert.equal(watch?.rolledBackTo, good);
    const said = comments.filter(({ by }) => by.name === 'Catalyst').map(({ text }) => text);
    assert.equal(said.length, 1);
    assert.match(
      said[0] ?? '',
      /was not Running within 1m\. It was Updating: .*answered 404.*Pod web-\S+: Running, 0 restarts/,
    );
    const view = await root.waitFor(environment, 'shop', ({ state }) => state === 'Running');
    assert.equal(view.revision, watch?.rollbackRevision);
    assert.equal(view.holds?.length, 1);
    assert.match(view.holds?.[0]?.message ?? '', /Held by Catalyst.*Rolled back by itself/);
    assert.equal(await served(), 'one');
    const { items } = await root.json<ChangeList>(
      'GET',
      `/v1/environments/${environment}/applications/shop/history`,
    );
    const back = items.filter(({ message }) => message.startsWith('Roll shop back'));
    assert.equal(back.length, 1);
    assert.equal(back[0]?.pusher?.surface, 'system');
    assert.match(back[0]?.message ?? '', /was not Running within 1m/);
    assert.deepEqual(visitors.failures(), []);
    assert.ok(visitors.asked() > 100);
  });

  it('says so on the pull request and on the Application, which is held until it is released', async () => {
    await page.goto(`${sovereign.url}/organizations/acme/pull-requests/shop/1`);
    await page
      .getByText(/Rolled back by itself/)
      .first()
      .waitFor();
    await picture(page, 'automatic-rolled-back');
    await page.goto(`${sovereign.url}/environments/${environment}/applications/shop`);
    const notice = page.getByRole('status', { name: 'Automatic rollback' });
    await notice
      .getByText(/Rolled back by itself/)
      .first()
      .waitFor();
    await notice.getByRole('link', { name: 'Pull request #1' }).waitFor();
    await page
      .getByText(/On hold/)
      .first()
      .waitFor();
    await picture(page, 'automatic-overview');
    await release();
    await root.waitFor(environment, 'shop', ({ holds, state }) => !holds?.length && state === 'Running');
  });
});
