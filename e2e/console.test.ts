import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import { admin } from './kit/client.ts';
import { clone, commitAndPush } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';

/** Official image names lead to images made from the distribution's packages, as on a machine without internet. */
const mirrors = `mirrors:
  - from: docker.io/library/wordpress:6-apache
    to: ${testImage('wordpress')}
  - from: docker.io/library/mariadb:11.4
    to: ${testImage('mariadb')}
`;

describe('a first hour in the console', { timeout: 600_000 }, () => {
  let sovereign: Sovereign;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let failures = 0;

  before(async () => {
    ensureImages('web', 'mariadb', 'wordpress');
    sovereign = await createSovereign();
    mkdirSync(sovereign.dataDirectory, { recursive: true });
    writeFileSync(join(sovereign.dataDirectory, 'mirrors.yaml'), mirrors);
    await sovereign.up();
    browser = await openBrowser();
    context = await openContext(browser);
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
  });
  after(async () => {
    await browser?.close();
    await sovereign?.destroy();
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false) return;
    failures += 1;
    await picture(page, `failure-${failures}`);
    if (failures === 1)
      process.stderr.write(
        `The page at ${page.url()} said:\n${await page.locator('body').ariaSnapshot().catch(String)}\n`,
      );
    // Each step stands on the ones before.
    page.setDefaultTimeout(1000);
  });

  const card = (name: string) => page.getByRole('article', { name: new RegExp(`^${name}, `) });
  const untilState = (name: string, state: string, timeout = 60_000) =>
    page
      .getByRole('article', { name: `${name}, ${state}` })
      .waitFor({ timeout: failures === 0 ? timeout : 1000 });

  it('shows the marketplace to everybody', async () => {
    await page.goto(`${sovereign.url}/marketplace`);
    await page
      .getByRole('link', { name: /WordPress/ })
      .first()
      .waitFor();
    await picture(page, 'marketplace');
  });

  it('is set up by the printed link, which then works no more', async () => {
    const link = /http:\S+\/setup\S+/.exec(sovereign.output())?.[0] ?? '';
    await page.goto(link);
    await page.getByLabel('Your name').fill(admin.name);
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password').first().fill('short');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page
      .getByText(/at least 12 characters/)
      .first()
      .waitFor();
    await page.getByLabel('Password').first().fill(admin.password);
    await picture(page, 'setup');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.waitForURL(/\/oidc\//);
    await page.locator('#password').waitFor();
  });

  it('refuses a wrong password and signs in with the right one', async () => {
    await page.locator('#email').fill(admin.email);
    await page.locator('#password').fill('something else entirely');
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.getByRole('alert').waitFor();
    await picture(page, 'sign-in');
    await page.locator('#email').fill(admin.email);
    await page.locator('#password').fill(admin.password);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.waitForURL(`${sovereign.url}/organizations`);
  });

  it('creates an Organization with its Environments', async () => {
    await page
      .getByRole('link', { name: /create an organization|new organization|create organization/i })
      .first()
      .click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('prod');
    await page
      .getByText(/reserved|3 to 32/)
      .first()
      .waitFor();
    await page.getByRole('textbox', { name: /^Name/ }).fill('acme');
    for (const name of [/^Development/, /^Production/]) {
      const box = page.getByRole('checkbox', { name });
      if (!(await box.isChecked())) await box.check();
    }
    await picture(page, 'create-organization');
    await page.getByRole('button', { name: 'Create Organization' }).click();
    await page.getByText('acme-dev').first().waitFor();
    await picture(page, 'organization');
  });

  it('installs a container image with its plan shown first, and sees it come up', async () => {
    await page.goto(`${sovereign.url}/environments/acme-dev/install/bp-web-app`);
    await page.getByRole('textbox', { name: /^Application name/ }).fill('hello');
    await page.getByRole('textbox', { name: /^Image/ }).fill(testImage('web'));
    await page.getByRole('textbox', { name: /^Port/ }).fill('8080');
    const variables = fold('Environment variables');
    await variables.locator('summary').click();
    await variables.getByRole('button', { name: /^Add/ }).click();
    await variables.getByRole('textbox', { name: /^Name/ }).fill('GREETING');
    await variables.getByRole('textbox', { name: /^Value/ }).fill('hello from the console');
    await picture(page, 'install-form');
    await page.getByRole('button', { name: 'Review the plan' }).click();
    await page
      .getByText(/files in one commit/)
      .first()
      .click();
    await page.getByText('overlays/dev/values.yaml').first().waitFor();
    await picture(page, 'install-plan');
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await untilState('hello', 'Running');
    await picture(page, 'environment-one');
  });

  it('opens it under its own address', async () => {
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      card('hello').getByRole('link', { name: /^Open/ }).click(),
    ]);
    await opened.getByText('hello from the console').waitFor();
    assert.equal(new URL(opened.url()).host, `hello.acme-dev.localhost:${sovereign.port}`);
    await opened.close();
  });

  it('installs WordPress with a new MariaDB and opens its installation page', async () => {
    await page.goto(`${sovereign.url}/marketplace/bp-wordpress`);
    await picture(page, 'blueprint');
    await page.goto(`${sovereign.url}/environments/acme-dev/install/bp-wordpress`);
    await page.getByRole('textbox', { name: /^Application name/ }).fill('blog');
    await page.getByRole('button', { name: 'Review the plan' }).click();
    await page.getByRole('radio', { name: /^A new MariaDB/ }).waitFor();
    await picture(page, 'wordpress-plan');
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await untilState('blog-db', 'Running');
    await untilState('blog', 'Running');
    await picture(page, 'environment');
  });

  it('completes the WordPress installation in the browser', async () => {
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      card('blog').getByRole('link', { name: /^Open/ }).click(),
    ]);
    opened.setDefaultTimeout(60_000);
    await opened.waitForURL(/wp-admin\/install\.php/);
    const language = opened.locator('#language-continue');
    if (await language.isVisible().catch(() => false)) await language.click();
    await opened.locator('#weblog_title').fill('Our blog');
    await opened.locator('#user_login').fill('layla');
    await opened.locator('#admin_email').fill('layla@example.net');
    await opened.locator('#submit').click();
    await opened.getByText(/Success!/).waitFor();
    await opened.goto(`http://blog.acme-dev.localhost:${sovereign.port}/`);
    await opened.getByText('Our blog').first().waitFor();
    await picture(opened, 'wordpress');
    await opened.close();
  });

  it('gives a second WordPress the MariaDB that is there', async () => {
    await page.goto(`${sovereign.url}/environments/acme-dev/install/bp-wordpress`);
    await page.getByRole('textbox', { name: /^Application name/ }).fill('news');
    await page.getByRole('button', { name: 'Review the plan' }).click();
    await page.getByRole('radio', { name: /^Use blog-db/ }).check();
    await page.getByRole('heading', { name: 'blog-db is used as it is' }).waitFor();
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await untilState('news', 'Running');
    await page.goto(`http://news.acme-dev.localhost:${sovereign.port}/`);
    await page.waitForURL(/wp-admin\/install\.php/);
  });

  it('changes a variable in the settings and sees it roll', async () => {
    await page.goto(`${sovereign.url}/environments/acme-dev/applications/hello/settings`);
    await fold('Environment variables')
      .getByRole('textbox', { name: /^Value/ })
      .fill('changed in the settings');
    await page.getByRole('button', { name: 'Review the change' }).click();
    await page
      .getByRole('dialog')
      .getByText(/replaced/)
      .first()
      .waitFor();
    await picture(page, 'settings-plan');
    await page.getByRole('dialog').getByRole('button').last().click();
    await page.goto(`${sovereign.url}/environments/acme-dev/applications/hello`);
    await page.getByText('Running').first().waitFor();
    await untilText(`http://hello.acme-dev.localhost:${sovereign.port}/`, 'changed in the settings');
  });

  it('makes a token, and a git push with it has the same effect', async () => {
    await page.goto(`${sovereign.url}/tokens`);
    await page.getByRole('button', { name: /token/i }).first().click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('laptop');
    await page
      .getByRole('button', { name: /create/i })
      .last()
      .click();
    const token = /cat_[\w-]+/.exec((await page.getByText(/cat_/).first().textContent()) ?? '')?.[0] ?? '';
    assert.match(token, /^cat_/);
    const work = clone(sovereign, token, 'acme/hello', 'develop');
    await page.goto(`${sovereign.url}/environments/acme-dev`);
    await untilState('hello', 'Running');
    const file = join(work, 'overlays/dev/values.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('changed in the settings', 'pushed with git'));
    const pushed = commitAndPush(work, 'Greet by git');
    assert.equal(pushed.status, 0, pushed.output);
    await untilState('hello', 'Updating', 10_000);
    await untilState('hello', 'Running');
    await untilText(`http://hello.acme-dev.localhost:${sovereign.port}/`, 'pushed with git');
    writeFileSync(file, 'port: seventy\n');
    const refused = commitAndPush(work, 'Break it');
    assert.notEqual(refused.status, 0);
    assert.match(refused.output, /overlays\/dev\/values\.yaml: port/);
  });

  it('shows live logs, history and manifests', async () => {
    const base = `${sovereign.url}/environments/acme-dev/applications/hello`;
    await page.goto(`${base}/logs`);
    await page.getByText('serving').first().waitFor();
    await picture(page, 'logs');
    await page.goto(`${base}/history`);
    await page.getByText('Greet by git').first().waitFor();
    await picture(page, 'history');
    await page.goto(`${base}/manifests`);
    await page.getByText('overlays/dev/values.yaml').first().waitFor();
    await picture(page, 'manifests');
    await page.goto(base);
    await page.getByText('Running').first().waitFor();
    await picture(page, 'application');
  });

  it('notices a lost connection, says so, and heals', async () => {
    await page.goto(`${sovereign.url}/environments/acme-dev`);
    await untilState('hello', 'Running');
    await sovereign.kill();
    await page
      .getByText(/reconnect|connection|offline|lost/i)
      .first()
      .waitFor({ timeout: 20_000 });
    await picture(page, 'lost-connection');
    await sovereign.up();
    await page.getByText(/live/i).first().waitFor({ timeout: 30_000 });
    await untilState('hello', 'Running');
  });

  it('uninstalls, keeps the data, and shows all of it on a telephone in the dark', async () => {
    const phone = await (await openContext(browser, { width: 390, dark: true })).newPage();
    await phone.context().addCookies(await context.cookies());
    for (const [name, path] of [
      ['phone-marketplace', '/marketplace'],
      ['phone-environment', '/environments/acme-dev'],
      ['phone-application', '/environments/acme-dev/applications/blog'],
      ['phone-install', '/environments/acme-dev/install/bp-web-app'],
    ] as const) {
      await phone.goto(`${sovereign.url}${path}`);
      await phone.getByRole('heading').first().waitFor();
      await phone.waitForTimeout(500);
      const overflow = await phone.evaluate(
        () => document.documentElement.scrollWidth - globalThis.innerWidth,
      );
      assert.ok(overflow <= 0, `${path} is ${overflow} pixels too wide for a telephone`);
      await picture(phone, name);
    }
    await page.goto(`${sovereign.url}/environments/acme-dev/applications/news`);
    await page.getByRole('button', { name: 'Actions for news' }).click();
    await page.getByRole('menuitem', { name: /uninstall/i }).click();
    await page.getByRole('dialog').getByText(/kept/).first().waitFor();
    await picture(page, 'uninstall');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /uninstall/i })
      .click();
    await page.goto(`${sovereign.url}/environments/acme-dev`);
    await page.getByRole('article', { name: /^news, / }).waitFor({ state: 'detached', timeout: 60_000 });
    await page.getByText('content').first().waitFor();
  });

  const fold = (title: string) =>
    page.locator('details').filter({ has: page.locator('summary', { hasText: new RegExp(`^${title}`) }) });

  async function untilText(url: string, text: string): Promise<void> {
    const { host } = new URL(url);
    const until = Date.now() + 30_000;
    let last = '';
    while (Date.now() < until) {
      last = (
        await fetchLocal(sovereign.port, host.split(':')[0] ?? '', '/').catch((error: unknown) => ({
          body: String(error),
        }))
      ).body;
      if (last.includes(text)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`${url} did not say "${text}" but "${last.slice(0, 200)}"`);
  }
});
