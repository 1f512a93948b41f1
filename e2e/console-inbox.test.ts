import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Inbox, NotificationList, WhyNotDeployed } from '@catalyst/model/api/people.ts';
import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Browser, Page } from 'playwright-core';
import { startSmtpKit } from '../core/control-plane/src/adapters/mail/smtp/testing/smtp-kit.ts';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import type { Client } from './kit/client.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-prod';
const phone = { width: 390 };

describe('what waits for people, decided from a phone', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let smtp: Awaited<ReturnType<typeof startSmtpKit>>;
  let browser: Browser;
  let omar: Person;
  let dana: Person;
  let pullRequest: PullRequestSummary;

  before(async () => {
    smtp = await startSmtpKit();
    sovereign = await createSovereign();
    await sovereign.up();
    const root: Client = await setUpAndSignIn(sovereign);
    await root.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    omar = await invite(sovereign, root, 'acme', 'omar', { role: 'org-developer' });
    dana = await invite(sovereign, root, 'acme', 'dana', { role: 'org-developer' });
    await root.json('PUT', '/v1/organizations/acme/teams/security', { members: [dana.id] });
    const rules = [{ kind: 'pr-required', approvers: ['security'], minApprovals: 1 }];
    await root.json('PUT', `/v1/environments/${environment}/policy`, { spec: { rules }, reason: 'Careful.' });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await sovereign?.destroy();
    await smtp?.stop();
  });

  async function openPage(person: Person, path: string, dark = false): Promise<Page> {
    const context = await openContext(browser, { ...phone, dark });
    await context.addCookies([
      { name: 'catalyst_session', value: await person.signIn(), url: sovereign.url },
    ]);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${sovereign.url}${path}`);
    return page;
  }
  const inboxOf = (person: Person) => person.client.json<Inbox>('GET', '/v1/inbox');
  /** Nothing of the page is wider than the phone. */
  const fits = async (page: Page) =>
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));

  it('says that no e-mail is sent while there is no mail server, and what comes to an empty inbox', async () => {
    const page = await openPage(dana, '/inbox');
    await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
    await page.getByText(/This Sovereign sends no e-mail/).waitFor();
    await fits(page);
    await picture(page, 'inbox-empty-390');
    await page.context().close();
    // From now on there is one, without a restart.
    copyFileSync(smtp.settingsFile(), join(sovereign.dataDirectory, 'mail.yaml'));
  });

  it('asks exactly the person whose approval counts, in the console and by e-mail', async () => {
    const request = {
      action: 'install',
      application: 'hello',
      blueprint: 'bp-web-app',
      values: webApp('good morning'),
    } as const;
    const plan = await omar.client.plan(environment, request);
    const { pullRequests } = await omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `/v1/environments/${environment}/plans/${plan.id}/propose`,
      { title: 'Bring hello' },
    );
    const [first] = pullRequests;
    assert.ok(first);
    pullRequest = first;
    await until('it waits for dana', async () => (await inboxOf(dana)).items.length === 1);
    assert.equal((await inboxOf(omar)).items.length, 0);
    const why = await omar.client.json<WhyNotDeployed>(
      'GET',
      `/v1/environments/${environment}/applications/hello/why`,
    );
    assert.equal(why.state, 'Pending approval');
    assert.match(why.message, /#1 waits: Needs 1 more approval from @acme\/security/);
    assert.equal(why.blockers[0]?.actor, '@acme/security');
    await smtp.untilTaken(1, 20_000);
    const [mail] = smtp.taken();
    assert.deepEqual(mail?.to, ['dana@example.net']);
    assert.match(mail?.message ?? '', /^Subject: \[acme\] Needs your review: hello #1: Bring hello/m);
  });

  it('shows on the Environment what is on its way', async () => {
    const page = await openPage(omar, `/environments/${environment}`);
    await page.getByRole('list', { name: 'On their way here' }).waitFor();
    await page.getByRole('link', { name: '#1 waits for approval' }).waitFor();
    await fits(page);
    await picture(page, 'inbox-environment-390');
    await page.context().close();
  });

  it('is approved with what it would do in view, by keyboard', async () => {
    const page = await openPage(dana, '/', true);
    await page.goto(`${sovereign.url}/organizations`);
    const bell = page.getByRole('link', { name: /^Inbox: 1 thing waits for you/ });
    await bell.waitFor();
    await fits(page);
    await bell.focus();
    await page.keyboard.press('Enter');
    const look = page.getByRole('button', { name: 'Look and decide' });
    await look.waitFor();
    await picture(page, 'inbox-390');
    await look.focus();
    await page.keyboard.press('Enter');
    const summary = page.getByRole('region', { name: 'What merging it would do' });
    await summary.getByText(/files? changes?$/).waitFor();
    await fits(page);
    await summary.scrollIntoViewIfNeeded();
    await picture(page, 'inbox-decide-390');
    const approve = page.getByRole('button', { name: 'Approve', exact: true });
    await approve.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
    await page.context().close();
  });

  it('comes back to who made it, who merges it there and is told nothing of what he did', async () => {
    await until('it waits for omar', async () => (await inboxOf(omar)).items[0]?.kind === 'merge');
    const page = await openPage(omar, '/inbox');
    await page.getByText('Ready to merge', { exact: true }).first().waitFor();
    await page.getByText('dana approved it.').waitFor();
    await page.getByRole('button', { name: 'Look and decide' }).click();
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await until('all is read', async () => (await inboxOf(omar)).unread === 0);
    await fits(page);
    await picture(page, 'inbox-told-390');
    const { items } = await omar.client.json<NotificationList>('GET', '/v1/notifications');
    assert.deepEqual(items.map(({ kind }) => kind).sort(), ['approved', 'mergeable']);
    const merged = await omar.client.json<PullRequestSummary>(
      'GET',
      `/v1/organizations/acme/pull-requests/hello/${pullRequest.number}`,
    );
    assert.equal(merged.state, 'merged');
    await page.context().close();
  });

  it('sends nothing more to who switches e-mail off', async () => {
    const page = await openPage(omar, '/inbox');
    const choice = page.getByRole('switch', { name: 'Send me an e-mail when something needs me' });
    await choice.waitFor();
    await page.getByText('What needs you is sent to omar@example.net.').waitFor();
    await choice.click();
    await until('it is off', async () => {
      const settings = await omar.client.json<{ mail: string }>('GET', '/v1/notifications/settings');
      return settings.mail === 'none';
    });
    await page.context().close();
  });
});
