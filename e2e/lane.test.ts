import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import type { Client } from './kit/client.ts';
import { clone, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const lane = '/environments/acme-dev/applications/hello/lane';

describe('the lane of an Application in a browser', { timeout: 420_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let browser: Browser;
  let omar: Person;
  let page: Page;
  const folders: string[] = [];

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    root = await setUpAndSignIn(sovereign);
    await root.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'stg', 'prod'] });
    await root.json('POST', '/v1/organizations', { name: 'globex', environments: ['dev'] });
    await root.change('acme-dev', {
      action: 'install',
      application: 'hello',
      blueprint: 'bp-web-app',
      values: webApp('good morning'),
    });
    for (const [from, to, environment] of [
      ['develop', 'staging', 'acme-stg'],
      ['staging', 'main', 'acme-prod'],
    ] as const) {
      await promote(from, to);
      await root.waitFor(environment, 'hello', (view) => view.state === 'Running');
    }
    browser = await openBrowser();
    await invite(sovereign, root, 'acme', 'amira', { role: 'org-admin' });
    omar = await invite(sovereign, root, 'acme', 'omar', { role: 'org-developer' });
    page = await openPage(omar);
  });
  after(async () => {
    await browser?.close();
    await sovereign?.destroy();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false) return;
    for (const [index, shown] of browser
      .contexts()
      .flatMap((context) => context.pages())
      .entries()) {
      await picture(shown, `lane-failure-${index}`);
      process.stderr.write(`${shown.url()}\n${await shown.locator('body').ariaSnapshot().catch(String)}\n`);
    }
  });

  async function promote(source: string, destination: string): Promise<void> {
    const all = '/v1/organizations/acme/pull-requests';
    const opened = await root.json<PullRequestSummary>('POST', all, {
      application: 'hello',
      source,
      destination,
      title: `Promote to ${destination}`,
    });
    const { number, head: expectedHead, content } = opened;
    await root.json('POST', `${all}/hello/${number}/merge`, { expectedHead, content });
  }

  async function openPage(person: Person, look: { width?: number; dark?: boolean } = {}): Promise<Page> {
    const context = await openContext(browser, look);
    const value = await person.signIn();
    await context.addCookies([{ name: 'catalyst_session', value, url: sovereign.url }]);
    const opened = await context.newPage();
    opened.setDefaultTimeout(15_000);
    return opened;
  }

  /** A commit of Omar's on the branch of an Environment, by `git push`. */
  function push(branch: string, path: string, change: (before: string) => string): void {
    const folder = clone(sovereign, omar.client.token, 'acme/hello', branch);
    folders.push(folder);
    const file = join(folder, path);
    let before = '';
    try {
      before = readFileSync(file, 'utf8');
    } catch {
      // It is a new file.
    }
    writeFileSync(file, change(before));
    git(folder, 'add', '-A');
    git(folder, 'commit', '--quiet', '-m', `Change ${path}`);
    const pushed = git(folder, 'push', '--quiet', 'origin', `HEAD:${branch}`);
    assert.equal(pushed.status, 0, pushed.output);
  }

  const visit = (path: string, at = page) => at.goto(`${sovereign.url}${path}`);
  const step = (from: string, to: string, at = page) =>
    at.getByRole('region', { name: `From ${from} to ${to}` });
  const widthOf = (at: Page) => at.evaluate(() => document.documentElement.scrollWidth);

  it('shows the Environments side by side, with what a promotion would carry', async () => {
    push('develop', 'README.md', () => '# Hello\n');
    await visit(lane);
    await page.getByRole('article', { name: 'acme-prod' }).getByText('Running').first().waitFor();
    await step('acme-dev', 'acme-stg').getByText('1 commit ahead').waitFor();
    await step('acme-stg', 'acme-prod').getByText('Nothing to promote').waitFor();
    const link = page.getByRole('link', { name: 'Promote hello from acme-dev to acme-stg' });
    assert.equal(
      await link.getAttribute('href'),
      '/environments/acme-stg/promote?application=hello&from=acme-dev',
    );
    const [dev, prod] = await Promise.all(
      ['acme-dev', 'acme-prod'].map((name) => page.getByRole('article', { name }).boundingBox()),
    );
    assert.ok(dev && prod && dev.x + dev.width < prod.x && dev.y === prod.y, 'side by side');
    assert.ok((await widthOf(page)) <= 1440);
    await picture(page, 'lane');
  });

  it('shows the open promotion and what it waits for', async () => {
    await root.json('PUT', '/v1/environments/acme-stg/policy', {
      spec: { rules: [{ kind: 'pr-required', approvers: ['org-admins'], minApprovals: 1 }] },
      reason: 'Two pairs of eyes.',
    });
    await root.json('POST', '/v1/organizations/acme/pull-requests', {
      application: 'hello',
      source: 'develop',
      destination: 'staging',
      title: 'Bring the words',
    });
    await visit(lane);
    await step('acme-dev', 'acme-stg')
      .getByRole('link', { name: /Bring the words/ })
      .waitFor();
    await step('acme-dev', 'acme-stg')
      .getByText(/approval/)
      .waitFor();
  });

  it('offers a hotfix to each lower Environment; one accepts it', async () => {
    push('main', 'base/values.yaml', (before) => before.replace('good morning', 'good evening'));
    await visit(lane);
    await page.getByText('From acme-prod to acme-dev').waitFor();
    await page.getByText('From acme-prod to acme-stg').waitFor();
    await page.getByText('Change base/values.yaml').first().waitFor();
    await picture(page, 'lane-backflow');
    const accept = page.getByRole('button', { name: 'Accept the change of acme-prod for acme-dev' });
    await accept.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Bring the change of acme-prod to acme-dev' }).waitFor();
    await visit(lane);
    await page.getByRole('link', { name: /Proposed in #/ }).waitFor();
  });

  it('or declines it with a reason, from a phone and in the dark', async () => {
    const phone = await openPage(omar, { width: 390, dark: true });
    await visit(lane, phone);
    await phone.getByText('From acme-prod to acme-stg').waitFor();
    assert.ok((await widthOf(phone)) <= 390, 'the page does not scroll sideways');
    const [dev, stg] = await Promise.all(
      ['acme-dev', 'acme-stg'].map((name) => phone.getByRole('article', { name }).boundingBox()),
    );
    assert.ok(dev && stg && dev.y + dev.height < stg.y, 'stacked');
    await picture(phone, 'lane-phone');
    await phone.getByRole('button', { name: 'Decline the change of acme-prod for acme-stg' }).click();
    await phone.getByRole('textbox', { name: 'Why?' }).fill('Evenings are for production.');
    await phone.keyboard.press('Enter');
    await phone.getByRole('dialog').waitFor({ state: 'detached' });
    await phone.locator('summary', { hasText: 'Declined' }).click();
    await phone.getByText(/Evenings are for production\./).waitFor();
    await phone.context().close();
  });

  it('shows where a Blueprint runs, in a table that scrolls inside', async () => {
    await visit('/marketplace/bp-web-app?environment=acme-dev');
    const table = page.getByRole('region', { name: 'Applications of acme' });
    await table.getByRole('row', { name: /hello/ }).waitFor();
    assert.equal(await table.getByText('newest').count(), 3);
    await table.scrollIntoViewIfNeeded();
    await picture(page, 'blueprint-applications');
    const phone = await openPage(omar, { width: 390 });
    await visit('/marketplace/bp-web-app?environment=acme-dev', phone);
    const narrow = phone.getByRole('region', { name: 'Applications of acme' });
    await narrow.getByRole('row', { name: /hello/ }).waitFor();
    assert.ok((await widthOf(phone)) <= 390, 'the page does not scroll sideways');
    assert.ok(await narrow.evaluate((box) => box.scrollWidth > box.clientWidth), 'the table does');
    await phone.context().close();
    await table.getByRole('link', { name: 'hello' }).click();
    await page.waitForURL(/\/lane$/);
  });

  it('tells a stranger nothing', async () => {
    const greta = await invite(sovereign, root, 'globex', 'greta', { role: 'org-admin' });
    const hers = await openPage(greta);
    await visit(lane, hers);
    await hers.getByRole('heading', { name: 'Nothing here' }).waitFor();
    const { status } = await greta.client.call('GET', '/v1/organizations/acme/applications/hello/lane');
    assert.equal(status, 404);
    await hers.context().close();
  });
});
