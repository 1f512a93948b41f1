import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext } from './kit/browser.ts';
import type { Client } from './kit/client.ts';
import { git } from './kit/git.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const password = 'carol likes long passwords';

describe('an invitation in the console', { timeout: 240_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let browser: Browser;
  let gina: Person;
  let admin: Page;
  let carol: Page;

  before(async () => {
    sovereign = await createSovereign();
    await sovereign.up();
    root = await setUpAndSignIn(sovereign);
    for (const name of ['acme', 'globex'])
      await root.json('POST', '/v1/organizations', { name, environments: ['dev'] });
    gina = await invite(sovereign, root, 'globex', 'gina', { role: 'org-admin' });
    browser = await openBrowser();
    admin = await openPage(await gina.signIn());
    carol = await openPage();
  });
  after(async () => {
    await browser?.close();
    await sovereign?.destroy();
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false) return;
    for (const page of [admin, carol]) {
      const seen = await page.locator('body').ariaSnapshot().catch(String);
      process.stderr.write(`${page.url()} showed:\n${seen}\n`);
      page.setDefaultTimeout(1000);
    }
  });

  async function openPage(session?: string, look: { width?: number } = {}): Promise<Page> {
    const context = await openContext(browser, look);
    if (session !== undefined)
      await context.addCookies([{ name: 'catalyst_session', value: session, url: sovereign.url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return page;
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const offer = async (organization: string, email: string) =>
    (
      await root.json<{ invitation: { url: string } }>('POST', `/v1/organizations/${organization}/members`, {
        name: 'Carol',
        email,
        role: 'org-viewer',
      })
    ).invitation.url;

  it('is made by an org-admin, who sees that it is pending', async () => {
    await admin.goto(`${sovereign.url}/organizations/globex`);
    await button(admin, 'Add member').click();
    const dialog = admin.getByRole('dialog');
    await dialog.getByLabel('E-mail').fill('carol@example.net');
    await dialog.getByLabel('Name').fill('Carol');
    await dialog.getByRole('button', { name: 'Add member' }).click();
    await dialog.getByText('/invitations/accept?token=').waitFor();
    await button(admin, 'Done').click();
    const row = admin.getByRole('list', { name: 'Invited' }).getByRole('listitem');
    await row.getByText('invited, no access yet').waitFor();
    await row.getByText('carol@example.net').waitFor();
  });

  it('is renewed; the newcomer sees what is offered, makes an account and is in', async () => {
    await button(admin, 'More for Carol').click();
    await admin.getByRole('menuitem', { name: 'New link' }).click();
    const link = await admin.getByText('/invitations/accept?token=').textContent();
    await button(admin, 'Done').click();
    await carol.goto(link ?? '');
    await carol.getByText('gina offers carol@example.net to join globex as Developer.').waitFor();
    await carol.getByRole('textbox', { name: 'Password' }).fill(password);
    await button(carol, 'Accept and sign in').click();
    await carol.getByLabel('E-mail').fill('carol@example.net');
    await carol.getByRole('textbox', { name: 'Password' }).fill(password);
    await carol.getByRole('button', { name: 'Sign in' }).click();
    await carol.waitForURL(`${sovereign.url}/organizations/globex`);
    await admin.reload();
    await admin
      .getByText(/^accepted /)
      .first()
      .waitFor();
    assert.equal(await admin.getByRole('list', { name: 'Invited' }).count(), 0);
  });

  it('with an account: says which account takes the membership, and gives none before', async () => {
    const url = await offer('acme', 'carol@example.net');
    const pending = await carol.request.get(`${sovereign.url}/v1/organizations/acme`);
    assert.equal(pending.status(), 404);
    await carol.goto(url);
    await carol.getByText('The membership goes to the account that you are signed in to:').waitFor();
    await button(carol, 'Accept as Carol').click();
    await carol.waitForURL(`${sovereign.url}/organizations/acme`);
    const { memberships } = await (await carol.request.get(`${sovereign.url}/v1/me`)).json();
    assert.deepEqual(memberships.map(({ organization }: { organization: string }) => organization).sort(), [
      'acme',
      'globex',
    ]);
  });

  it('for somebody else: says so, and leads to another account', async () => {
    const url = await offer('acme', 'gina@example.net');
    await carol.goto(url);
    await carol
      .getByText(
        'This invitation is for gina@example.net, and you are signed in as Carol (carol@example.net).',
      )
      .waitFor();
    await button(carol, 'Sign out').click();
    await carol.getByText('Do you have an account on this Sovereign already?').waitFor();
    await carol.getByRole('textbox', { name: 'Password' }).fill(password);
    await button(carol, 'Accept and sign in').click();
    await carol.getByText('There is an account for gina@example.net already.').waitFor();
    await carol.getByRole('link', { name: 'Sign in as gina@example.net' }).click();
    await carol.getByLabel('E-mail').fill(gina.email);
    await carol.getByRole('textbox', { name: 'Password' }).fill(gina.password);
    await carol.getByRole('button', { name: 'Sign in' }).click();
    await button(carol, 'Accept as gina').click();
    await carol.waitForURL(`${sovereign.url}/organizations/acme`);
  });

  it('is withdrawn; its link then says that it is not known, also on a telephone', async () => {
    const url = await offer('globex', 'dave@example.net');
    await admin.reload();
    await button(admin, 'More for Carol').last().click();
    await admin.getByRole('menuitem', { name: 'Withdraw…' }).click();
    await button(admin, 'Withdraw').click();
    await admin.getByText('The invitation of Carol is withdrawn.').waitFor();
    const phone = await openPage(undefined, { width: 390 });
    await phone.goto(url);
    await phone.getByText('This link does not work').waitFor();
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide}`);
  });

  it('gives nothing over Git either until it is accepted', async () => {
    await root.json('POST', '/v1/organizations', { name: 'initech', environments: ['dev'] });
    await root.change('initech-dev', {
      action: 'install',
      application: 'hello',
      blueprint: 'bp-web-app',
      values: webApp('hello', { replicas: 0 }),
    });
    await offer('initech', gina.email);
    const ask = (organization: string) =>
      git(
        '/',
        'ls-remote',
        `http://gina:${gina.client.token}@localhost:${sovereign.port}/git/${organization}/hello.git`,
      );
    const there = ask('initech');
    assert.notEqual(there.status, 0);
    assert.equal(
      there.output.replaceAll('initech', '<name>'),
      ask('nowhere').output.replaceAll('nowhere', '<name>'),
    );
    const accepted = await invite(sovereign, root, 'initech', 'gina', { role: 'org-viewer' });
    assert.equal(accepted.id, gina.id);
    assert.match(ask('initech').output, /refs\/heads\/develop/);
  });
});
