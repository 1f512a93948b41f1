import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import { putBlueprint } from './kit/catalog-folder.ts';
import { admin, type Client } from './kit/client.ts';
import { ensureImages } from './kit/images.ts';
import { invite } from './kit/people.ts';
import { startProber } from './kit/prober.ts';
import { setUpAndSignIn, signIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const blueprint = 'bp-page';
/** As after a start that could not go on with a plan: what makes it so can only be damage to the data folder. */
function setAside({ dataDirectory }: Sovereign, planId: string, message: string): void {
  const database = new DatabaseSync(join(dataDirectory, 'database.sqlite'));
  const row = JSON.parse(
    String(database.prepare('SELECT row FROM t_plans WHERE key = ?').get(planId)?.['row']),
  );
  const text = JSON.stringify({ ...row, status: 'set-aside', setAside: { code: 'SetAside', message } });
  database.prepare('UPDATE t_plans SET row = ? WHERE key = ?').run(text, planId);
  database.close();
}

const upgradesFrom = (range: string) => `upgrades: { from: ["${range}"] }`;
const shorterGrace = (template: string) =>
  template.replace('terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: 20');

describe('changes in the console: foreseen, reviewed, undone', { timeout: 600_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let failures = 0;
  /** Where the greeting is "two". */
  let two = '';

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    putBlueprint(sovereign, { name: blueprint, version: '1.0.0' });
    putBlueprint(sovereign, {
      name: blueprint,
      version: '1.1.0',
      spec: upgradesFrom('>=1.0.0 <1.1.0'),
      edit: shorterGrace,
    });
    putBlueprint(sovereign, { name: blueprint, version: '2.0.0', spec: upgradesFrom('>=1.1.0 <2.0.0') });
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    await client.change('acme-prod', {
      action: 'install',
      application: 'shop',
      blueprint,
      version: '1.0.0',
      values: webApp('shop'),
    });
    // Somebody must be there who could approve.
    await invite(sovereign, client, 'acme', 'amira', { role: 'org-admin' });
    await client.json('PUT', '/v1/environments/acme-prod/policy', {
      reason: 'People look before it changes.',
      spec: { rules: [{ kind: 'pr-required', approvers: ['codeowners'], minApprovals: 1 }] },
    });
    browser = await openBrowser();
    context = await openContext(browser);
    await context.addCookies([await sessionOf(admin)]);
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
    await picture(page, `changes-failure-${failures}`);
    if (failures === 1)
      process.stderr.write(
        `The page at ${page.url()} said:\n${await page.locator('body').ariaSnapshot().catch(String)}\n`,
      );
    // Each step stands on the ones before.
    page.setDefaultTimeout(1000);
  });

  const sessionOf = async (person: { email: string; password: string }) => ({
    name: 'catalyst_session',
    value: await signIn(sovereign, person),
    url: sovereign.url,
  });
  const dialog = () => page.getByRole('dialog');
  const open = (path: string) => page.goto(`${sovereign.url}${path}`);
  const hello = (tab = '') => `/environments/acme-dev/applications/hello${tab}`;
  const greeting = (on: Page = page) => on.getByRole('textbox', { name: /^Value/ });
  const planned = () => dialog().getByRole('heading', { name: 'What happens' }).waitFor();
  const isRunning = () =>
    client.waitFor('acme-dev', 'hello', (view) => view.state === 'Running' && !isBehind(view), 120_000);

  it('shows what an install adds and needs before anything happens, and takes it back for a while', async () => {
    await open(`/environments/acme-dev/install/${blueprint}?version=1.0.0`);
    await page.getByRole('textbox', { name: /^Application name/ }).fill('trial');
    await page.getByRole('button', { name: 'Review the plan' }).click();
    await page.getByRole('heading', { name: 'trial is created' }).waitFor();
    await page.getByRole('table', { name: 'Resources of trial' }).getByText('512 MiB').waitFor();
    await page.getByText(/^3 objects/).click();
    await page.getByText('Deployment/web').waitFor();
    await picture(page, 'changes-install-plan');
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByRole('article', { name: /^trial, / }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await planned();
    await dialog().getByRole('heading', { name: 'trial is removed' }).waitFor();
    await picture(page, 'changes-undo-plan');
    await dialog().getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('article', { name: /^trial, / }).waitFor({ state: 'detached', timeout: 60_000 });
  });

  it('installs a set with one plan: each member is chosen, at any depth', async () => {
    await open('/environments/acme-dev/install/bp-starter');
    await page.getByRole('textbox', { name: /^Name of the set/ }).fill('site');
    await page.getByRole('button', { name: 'Review the plan' }).click();
    await page.getByRole('heading', { name: 'What it brings' }).waitFor();
    await page.getByRole('heading', { name: 'site-db is created' }).waitFor();
    await page.getByText('needed by site').waitFor();
    assert.equal(await page.getByRole('radio', { name: /^Use site-db/ }).isChecked(), true);
    await page.getByRole('table', { name: 'Resources in all' }).waitFor();
    await picture(page, 'changes-set-plan');
  });

  it('shows a change field by field, and refuses a plan that was overtaken with what moved', async () => {
    await client.change('acme-dev', {
      action: 'install',
      application: 'hello',
      blueprint,
      version: '1.0.0',
      values: webApp('one'),
    });
    await isRunning();
    await open(hello('/settings'));
    await greeting().fill('two');
    await page.getByRole('button', { name: 'Review the change' }).click();
    await planned();
    await dialog().getByText('env[GREETING].value').waitFor();
    await dialog()
      .getByText(/Visitors do not notice/)
      .waitFor();
    await picture(page, 'changes-plan');
    await client.change('acme-dev', { action: 'restart', application: 'hello' });
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog()
      .getByText(/Nothing was done/)
      .waitFor();
    await dialog()
      .getByText(/acme\/hello develop moved from/)
      .waitFor();
    await picture(page, 'changes-stale');
    await dialog().getByRole('button', { name: 'Make a new plan' }).click();
    await dialog().getByRole('button', { name: 'Save', disabled: false }).click();
    await dialog().waitFor({ state: 'detached' });
    two = (await isRunning()).revision;
    assert.equal(await greeting().inputValue(), 'two');
  });

  it('merges what two people edit, and asks where both changed the same', async () => {
    await open(hello('/settings'));
    await greeting().fill('mine');
    const { values } = await client.application('acme-dev', 'hello');
    await client.change('acme-dev', {
      action: 'configure',
      application: 'hello',
      values: {
        ...(values as object),
        replicas: 2,
        environment: [{ name: 'GREETING', value: 'theirs' }],
      },
    });
    await page.getByText('Somebody else changed the same fields').waitFor();
    await picture(page, 'changes-conflict');
    await page.getByRole('radio', { name: 'Mine' }).check();
    await page.getByRole('button', { name: 'Go on with these' }).click();
    assert.equal(await page.getByRole('textbox', { name: /^Copies/ }).inputValue(), '2');
    await page.getByRole('button', { name: 'Review the change' }).click();
    await planned();
    await dialog().getByText('before: theirs').waitFor();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().waitFor({ state: 'detached' });
    await isRunning();
  });

  it('restores earlier settings from the history, since nothing else differs between them', async () => {
    await open(hello('/history'));
    const row = page.getByRole('listitem').filter({ hasText: two.slice(0, 10) });
    const restore = row.getByRole('button', { name: 'Restore these settings' });
    await restore.waitFor();
    assert.equal(await row.getByRole('button', { name: /back to this$/ }).count(), 0);
    await restore.click();
    await planned();
    await dialog().getByText('env[GREETING].value').waitFor();
    await picture(page, 'changes-restore-settings-plan');
    await dialog().getByRole('button', { name: 'Restore' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page
      .getByText(`Restore the settings of ${two.slice(0, 7)} for hello in acme-dev`)
      .first()
      .waitFor();
    await isRunning();
    await open(hello('/settings'));
    await greeting().waitFor();
    assert.equal(await greeting().inputValue(), 'two');
  });

  it('says which versions can be reached and why others cannot, and upgrades', async () => {
    await open(hello());
    await page.getByRole('button', { name: 'Actions for hello' }).click();
    // Keys mean the menu once it has the focus.
    await page.waitForFunction(() => document.activeElement?.closest('[role="menu"]') !== null);
    await page.keyboard.press('End');
    assert.equal(await focused(), 'Uninstall…');
    await page.keyboard.press('Home');
    assert.equal(await focused(), 'Promote to acme-prod…');
    await page.getByRole('menuitem', { name: 'Upgrade…' }).click();
    await page.getByRole('combobox', { name: 'Blueprint version' }).click();
    await page.getByRole('option', { name: /2\.0\.0.*Not possible.*Go over 1\.1\.0/ }).waitFor();
    await picture(page, 'changes-versions');
    await page.getByRole('option', { name: /^1\.1\.0/ }).click();
    await page.getByRole('button', { name: 'Review the change' }).click();
    await planned();
    await dialog().getByText('terminationGracePeriodSeconds').waitFor();
    await picture(page, 'changes-upgrade-plan');
    await dialog().getByRole('button', { name: 'Upgrade' }).click();
    await dialog().waitFor({ state: 'detached' });
    await isRunning();
  });

  it('compares any two revisions as objects and as files', async () => {
    await open(hello('/history'));
    const boxes = page.getByRole('checkbox', { name: /^Compare/ });
    await boxes.first().check();
    await boxes.last().check();
    await picture(page, 'changes-history');
    await page.getByRole('region', { name: 'Compare' }).getByRole('button', { name: 'Compare' }).click();
    await dialog().getByText('env[GREETING].value').waitFor();
    await dialog().getByText('base/application.yaml').waitFor();
    await picture(page, 'changes-compare');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Plan', exact: true }).first().click();
    await dialog()
      .getByText(/Made by Layla/)
      .waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  it('rolls back with a reason and holds, while visitors go on, and is released with a reason', async () => {
    await open(hello('/history'));
    const prober = startProber(sovereign.port, ['hello.acme-dev.localhost']);
    try {
      await page.getByRole('button', { name: 'Go back to this' }).last().click();
      await picture(page, 'changes-go-back');
      await page.getByRole('menuitem', { name: /^Roll back to this/ }).click();
      await dialog().getByRole('textbox', { name: /^Why/ }).fill('It ends too early');
      await dialog().getByRole('button', { name: 'Review the plan' }).click();
      await planned();
      await picture(page, 'changes-rollback-plan');
      await dialog().getByRole('button', { name: 'Roll back' }).click();
      await page.getByText('On hold: It ends too early').waitFor();
      assert.equal((await isRunning()).blueprint.version, '1.0.0');
    } finally {
      await prober.stop();
    }
    assert.ok(prober.asked() > 0);
    assert.deepEqual(prober.failures(), []);
    await picture(page, 'changes-held');
    await open('/environments/acme-dev');
    await page
      .getByRole('article', { name: /^hello, / })
      .getByText('On hold')
      .waitFor();
    await open(hello('/settings'));
    await page.getByRole('combobox', { name: 'Blueprint version' }).click();
    await page.getByRole('option', { name: /^1\.1\.0/ }).click();
    await page.getByRole('button', { name: 'Review the change' }).click();
    await page.getByRole('alert').getByText('It ends too early').waitFor();
    await page.getByRole('region', { name: 'On hold' }).getByRole('button', { name: 'Release…' }).click();
    await dialog().getByRole('textbox', { name: /^Why/ }).fill('Looked into');
    await dialog().getByRole('button', { name: 'Review the plan' }).click();
    await dialog().getByRole('button', { name: 'Release', disabled: false }).click();
    await page.getByRole('region', { name: 'On hold' }).waitFor({ state: 'detached' });
  });

  it('gives the focus back where a dialog took it', async () => {
    await open(hello());
    await page.getByRole('button', { name: 'Actions for hello' }).click();
    await page.getByRole('menuitem', { name: 'Uninstall…' }).click();
    await dialog().getByRole('button', { name: 'Cancel' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.waitForFunction(
      () => document.activeElement?.getAttribute('aria-label') === 'Actions for hello',
    );
  });

  it('opens a pull request where the Environment is protected', async () => {
    await open('/environments/acme-prod/applications/shop/settings');
    await greeting().fill('new shop');
    await page.getByRole('button', { name: 'Review the change' }).click();
    await dialog()
      .getByText(/Only pull requests change it/)
      .waitFor();
    await dialog()
      .getByRole('textbox', { name: /^Title/ })
      .fill('Greet anew');
    await picture(page, 'changes-propose');
    await dialog().getByRole('button', { name: 'Open a pull request' }).click();
    await dialog().getByRole('link', { name: 'shop #1' }).waitFor();
  });

  it('shows the blast radius of a version, and opens pull requests for what is chosen', async () => {
    await open(`/marketplace/${blueprint}?version=1.1.0`);
    await page.getByRole('link', { name: 'Blast radius of 1.1.0' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'in acme-prod' });
    await row.getByText('1.0.0 → 1.1.0').waitFor();
    await row.getByText('What would change').click();
    await row.getByText('terminationGracePeriodSeconds').waitFor();
    await picture(page, 'changes-blast-radius');
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Open 1 pull request' }).click();
    await page
      .getByRole('region', { name: 'Result' })
      .getByRole('link', { name: 'pull request #2' })
      .waitFor();
  });

  it('tells the whole story of an Environment', async () => {
    await open('/environments/acme-dev/history');
    for (const words of ['Looked into', 'It ends too early'])
      await page.getByText(words, { exact: false }).first().waitFor();
    await page.getByText('Install bp-page 1.0.0').first().waitFor();
    await picture(page, 'changes-environment-history');
  });

  it('shows what is begun and not finished, and lets who asked for it try again', async () => {
    const omar = await invite(sovereign, client, 'acme', 'omar', { role: 'org-developer' });
    const install = (application: string) =>
      ({ action: 'install', application, blueprint, version: '1.0.0', values: webApp('at last') }) as const;
    const plans = [
      await omar.client.plan('acme-dev', install('stuck')),
      await omar.client.plan('acme-dev', install('late')),
    ];
    await client.change('acme-dev', install('late'));
    await sovereign.interrupt();
    const message = 'This can be neither finished nor taken back: the repository was damaged.';
    for (const { id } of plans) setAside(sovereign, id, message);
    await sovereign.up();
    await open('/environments/acme-dev');
    const list = (on: Page) => on.getByRole('region', { name: 'Begun and not finished' });
    await list(page).getByText('Waits for a person: install stuck, asked for by omar').waitFor();
    await list(page).getByText(message).first().waitFor();
    assert.equal(await list(page).getByRole('button').count(), 0, 'another one asked for it');
    const phone = await openContext(browser, { width: 390, dark: true });
    await phone.addCookies([{ name: 'catalyst_session', value: await omar.signIn(), url: sovereign.url }]);
    const his = await phone.newPage();
    his.setDefaultTimeout(20_000);
    await his.goto(`${sovereign.url}/environments/acme-dev`);
    const again = (name: string) =>
      list(his).getByRole('listitem').filter({ hasText: name }).getByRole('button', { name: 'Try again' });
    await again('stuck').scrollIntoViewIfNeeded();
    await picture(his, 'changes-unfinished-phone');
    await picture(page, 'changes-unfinished');
    // It is refused and off the list; why is still to be read.
    await again('late').click();
    await again('late').waitFor({ state: 'detached' });
    await list(his).getByText('It was tried again').waitFor();
    await list(his).getByRole('alert').getByText(/late/).first().waitFor();
    await picture(his, 'changes-unfinished-refused');
    await again('stuck').focus();
    await his.keyboard.press('Enter');
    await his.getByText('It is finished.').waitFor();
    await list(his).waitFor({ state: 'detached' });
    await his.getByRole('article', { name: 'stuck, Running' }).waitFor({ timeout: 60_000 });
    await phone.close();
  });

  it('fits a telephone in the dark, and offers viewers nothing that they cannot do', async () => {
    const vera = await invite(sovereign, client, 'acme', 'vera', { role: 'org-viewer' });
    const phone = await (await openContext(browser, { width: 390, dark: true })).newPage();
    await phone.context().addCookies([await sessionOf(admin)]);
    const visit = async (path: string, name: string, wanted: (on: Page) => Locator) => {
      await phone.goto(`${sovereign.url}${path}`);
      await wanted(phone).first().waitFor();
      const overflow = await phone.evaluate(
        () => document.documentElement.scrollWidth - globalThis.innerWidth,
      );
      assert.ok(overflow <= 0, `${path} is ${overflow} pixels too wide for a telephone`);
      await picture(phone, `changes-phone-${name}`);
    };
    await visit(hello('/history'), 'history', (on) => on.getByText('Looked into'));
    await visit('/environments/acme-dev/history', 'environment-history', (on) => on.getByText('Looked into'));
    await visit(`/marketplace/${blueprint}/blast-radius?version=1.1.0`, 'blast-radius', (on) =>
      on.getByText('in acme-prod'),
    );
    await visit(hello('/settings'), 'settings', (on) => greeting(on));
    await greeting(phone).fill('from a telephone');
    await phone.getByRole('button', { name: 'Review the change' }).click();
    await phone.getByRole('heading', { name: 'What happens' }).waitFor();
    await picture(phone, 'changes-phone-plan');
    await phone.context().clearCookies();
    await phone.context().addCookies([await sessionOf(vera)]);
    await visit(hello('/settings'), 'viewer', (on) => on.getByText('You may look, not change.'));
    assert.equal(await phone.getByRole('button', { name: /^(Add|Remove|Move)/ }).count(), 0);
    await visit(hello('/history'), 'viewer-history', (on) => on.getByText('Looked into'));
    assert.equal(await phone.getByRole('button', { name: /Undo|Roll back|Go back|Restore/ }).count(), 0);
  });

  const focused = () => page.evaluate(() => document.activeElement?.textContent);

  function isBehind(view: { readonly revision: string; readonly appliedRevision?: string }): boolean {
    return view.appliedRevision !== view.revision;
  }
});
