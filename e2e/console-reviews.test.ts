import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import { type Client, createClient } from './kit/client.ts';
import { clone, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-prod';

describe('a change that people review in their browsers', { timeout: 420_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let browser: Browser;
  let hooked: Server;
  let failed = false;
  let work = '';
  const people = new Map<string, Person>();
  const pages = new Map<string, Page>();
  const folders: string[] = [];

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    root = await setUpAndSignIn(sovereign);
    await root.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    await root.change(environment, {
      action: 'install',
      application: 'hello',
      blueprint: 'bp-web-app',
      values: webApp('good morning'),
    });
    browser = await openBrowser();
    for (const [name, role] of [
      ['amira', 'org-admin'],
      ['omar', 'org-developer'],
      ['dana', 'org-developer'],
      ['vera', 'org-viewer'],
    ] as const) {
      const person = await invite(sovereign, root, 'acme', name, { role });
      people.set(name, person);
      pages.set(name, await openPage(person));
    }
    hooked = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await root.waitFor(environment, 'hello', (view) => view.state === 'Running');
  });
  after(async () => {
    hooked?.close();
    await browser?.close();
    await sovereign?.destroy();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false || failed) return;
    failed = true;
    for (const [name, page] of pages) {
      await picture(page, `reviews-failure-${name}`);
      process.stderr.write(
        `${name} at ${page.url()} saw:\n${await page.locator('main').ariaSnapshot().catch(String)}\n`,
      );
      // Each step stands on the ones before.
      page.setDefaultTimeout(1000);
    }
  });

  async function openPage(person: Person, look: { width?: number; dark?: boolean } = {}): Promise<Page> {
    const context = await openContext(browser, look);
    await context.addCookies([
      { name: 'catalyst_session', value: await person.signIn(), url: sovereign.url },
    ]);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return page;
  }
  const of = <T>(map: ReadonlyMap<string, T>, name: string): T => {
    const found = map.get(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  const seenBy = (name: string) => of(pages, name);
  const visit = async (name: string, path: string) => {
    const page = seenBy(name);
    await page.goto(`${sovereign.url}${path}`);
    return page;
  };
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const dialog = (page: Page) => page.getByRole('dialog');
  const served = async () => (await fetchLocal(sovereign.port, `hello.${environment}.localhost`, '/')).body;
  const first = '/organizations/acme/pull-requests/hello/1';
  const second = '/organizations/acme/pull-requests/hello/2';
  const push = (branch: string, words: string) => {
    git(work, 'switch', '--quiet', '-c', branch, 'origin/main');
    writeFileSync(join(work, 'README.md'), `# ${words}\n`);
    git(work, 'add', '-A');
    git(work, 'commit', '--quiet', '-m', words);
    const pushed = git(work, 'push', '--quiet', 'origin', branch);
    assert.equal(pushed.status, 0, pushed.output);
  };
  const openFor = async (branch: string) => {
    const page = await visit('omar', '/organizations/acme/pull-requests');
    await button(page, 'Open a pull request').click();
    await dialog(page).getByRole('combobox', { name: 'Application' }).fill('hello');
    await dialog(page).getByRole('textbox', { name: 'Branch' }).fill(branch);
    await dialog(page).getByRole('combobox', { name: 'Where it is to go' }).click();
    await page.getByRole('option', { name: /acme-prod/ }).click();
    await dialog(page).getByRole('textbox', { name: 'Title' }).fill(`Add ${branch}`);
    await picture(page, 'reviews-open');
    await dialog(page).getByRole('button', { name: 'Open a pull request' }).click();
    await page.getByRole('heading', { name: `Add ${branch}` }).waitFor();
  };

  it('lets an org-admin make a team and protect an Environment with a reason', async () => {
    const page = await visit('amira', '/organizations/acme');
    await button(page, 'Create team').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Security');
    await dialog(page)
      .getByText(/lower-case letters/)
      .waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('security');
    await page.getByRole('combobox', { name: 'Members' }).click();
    for (const name of ['amira', 'dana', 'omar'])
      await page.getByRole('option', { name: new RegExp(`^${name}`) }).click();
    await page.keyboard.press('Tab');
    await picture(page, 'reviews-team');
    await dialog(page).getByRole('button', { name: 'Create team' }).click();
    await page.getByText('@acme/security').waitFor();

    await button(page, `Protect ${environment}`).click();
    const approvers = page.getByRole('combobox', { name: 'Who approves' });
    await approvers.click();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    await page.getByRole('option', { name: /@acme\/security/ }).click();
    await page.keyboard.press('Tab');
    await page.getByRole('textbox', { name: 'Approvals' }).fill('2');
    await page.getByRole('textbox', { name: 'Reason' }).fill('Customers depend on it.');
    await picture(page, 'reviews-protect');
    await dialog(page)
      .getByText(/each with 2 approvals from @acme\/security/)
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Protect now' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByText(/each with 2 approvals from @acme\/security/).waitFor();
    await page.getByText('Protected').first().waitFor();
    await picture(page, 'reviews-organization');
  });

  it('shows the same policy as YAML, and what is wrong with one', async () => {
    const page = seenBy('amira');
    await button(page, `Edit the protection of ${environment}`).click();
    await page.getByText('YAML', { exact: true }).click();
    const text = page.getByRole('textbox', { name: 'Policy' });
    assert.match(await text.inputValue(), /kind: pr-required/);
    await text.fill((await text.inputValue()).replace('security', 'nobody-there'));
    // Said while it is typed, before anybody asks for it.
    await dialog(page)
      .getByText(/neither a team nor a member/)
      .waitFor();
    await page.getByRole('textbox', { name: 'Reason' }).fill('A slip');
    await dialog(page).getByRole('button', { name: 'Propose' }).click();
    await dialog(page).getByText('It was not accepted').waitFor();
    await picture(page, 'reviews-protect-yaml');
    await dialog(page).getByText('Form', { exact: true }).click();
    // The same problem stands at its field.
    await dialog(page).getByRole('combobox', { name: 'Who approves' }).waitFor();
    await dialog(page)
      .getByText(/neither a team nor a member/)
      .waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  });

  it('changes a policy only when somebody else approves it, from a phone and in the dark too', async () => {
    const page = seenBy('amira');
    await button(page, `Edit the protection of ${environment}`).click();
    await button(page, 'Add a rule').click();
    await page.getByRole('menuitem', { name: /^Checks/ }).click();
    await page.getByLabel('Names of the checks').first().fill('ci');
    await page.keyboard.press('Enter');
    await dialog(page).getByText('ci must have passed for what is merged.').waitFor();
    await button(page, 'Move up rule 2, Checks').click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Nothing untested.');
    await picture(page, 'policy-propose');
    await dialog(page).getByRole('button', { name: 'Propose' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByText('Nothing untested.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0, 'not by the proposer');

    const other = await openPage(of(people, 'dana'), { width: 390, dark: true });
    await other.goto(`${sovereign.url}/organizations/acme`);
    await other.getByText('Nothing untested.').scrollIntoViewIfNeeded();
    const wide = await other.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide} px wide`);
    await picture(other, 'policy-approve-phone');
    await other.getByRole('button', { name: 'Approve' }).focus();
    await other.keyboard.press('Enter');
    await other.getByText('Nothing untested.').waitFor({ state: 'detached' });
    await other.getByText('ci must have passed for what is merged.').waitFor();

    // Back to what the following steps stand on.
    await page.reload();
    await button(page, `Edit the protection of ${environment}`).click();
    await button(page, 'Remove rule 1, Checks').click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('As before.');
    await dialog(page).getByRole('button', { name: 'Propose' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    await other.reload();
    await other.getByRole('button', { name: 'Approve' }).click();
    await other.getByText('As before.').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('ci must have passed').waitFor({ state: 'detached' });
    await other.context().close();
  });

  it('offers a developer a pull request where changes are protected', async () => {
    const page = await visit('omar', `/environments/${environment}/applications/hello/settings`);
    const variables = page
      .locator('details')
      .filter({ has: page.locator('summary', { hasText: /^Environment variables/ }) });
    await variables.getByRole('textbox', { name: /^Value/ }).fill('good evening');
    await button(page, 'Review the change').click();
    await dialog(page).getByRole('textbox', { name: 'Title' }).fill('Greet in the evening');
    await dialog(page)
      .getByRole('textbox', { name: 'Description' })
      .fill('People asked for it:\n\n- it is **evening**\n- mornings are over');
    await dialog(page).getByRole('button', { name: 'Open a pull request' }).click();
    await dialog(page).getByRole('link', { name: 'hello #1' }).click();
    await page.getByRole('heading', { name: 'Greet in the evening' }).waitFor();
    assert.equal(new URL(page.url()).pathname, first);
    await page
      .getByText(/Needs 2 more approvals/)
      .first()
      .waitFor();
    await picture(page, 'reviews-opener');
  });

  it('offers no review to who opened it, and none to who only views', async () => {
    const page = seenBy('omar');
    await page.getByText(/You opened it/).waitFor();
    assert.equal(await button(page, 'Approve').count(), 0);
    assert.equal(await button(page, 'Request changes').count(), 0);
    assert.equal(await button(page, 'Merge').isDisabled(), true);
    const viewer = await visit('vera', first);
    await viewer.getByText(/Who only views does not review/).waitFor();
    assert.equal(await button(viewer, 'Approve').count(), 0);
    assert.equal(await button(viewer, 'Close').count(), 0);
    assert.equal(await viewer.getByRole('textbox').count(), 0);
  });

  it('carries a word on a line from one browser to the other', async () => {
    const page = await visit('amira', first);
    const file = page.getByRole('region', { name: 'Changes of overlays/prod/values.yaml' });
    await file.getByText('good evening').waitFor();
    const line = await file
      .locator('div', { hasText: 'good evening' })
      .getByRole('button', { name: /^Comment on line/ })
      .last()
      .getAttribute('aria-label');
    await file.getByRole('button', { name: line ?? '', exact: true }).click();
    await file.getByRole('textbox', { name: line ?? '' }).fill('Why not `good night`?');
    await file.getByRole('button', { name: 'Comment', exact: true }).click();
    await file.getByText('good night').waitFor();
    await picture(page, 'reviews-comment');
    const said = seenBy('omar').getByRole('region', { name: 'Discussion' });
    await said.getByText('good night').waitFor();
    await said.getByText(/overlays\/prod\/values\.yaml:\d+/).waitFor();
  });

  it('is approved in two browsers and merged in one; the card runs with the new value', async () => {
    for (const name of ['amira', 'dana']) {
      const page = seenBy(name);
      if (name === 'dana') await page.goto(`${sovereign.url}${first}`);
      await button(page, 'Approve').click();
      if (name === 'amira')
        await dialog(page).getByRole('textbox', { name: 'Comment' }).fill('Fine with me.');
      await dialog(page).getByRole('button', { name: 'Approve' }).click();
      await dialog(page).waitFor({ state: 'detached' });
    }
    const page = seenBy('dana');
    await page
      .getByText(/Nothing is missing/)
      .first()
      .waitFor();
    assert.equal(await button(page, 'Merge').isDisabled(), false);
    await picture(page, 'reviews-ready');
    await button(page, 'Merge').click();
    await dialog(page).getByText(`${environment} follows at once`).waitFor();
    await picture(page, 'reviews-merge');
    await dialog(page).getByRole('button', { name: 'Merge' }).click();
    await page.getByText('Merged', { exact: true }).waitFor();
    await seenBy('omar').getByText('Merged', { exact: true }).waitFor();
    await until('the new greeting is served', async () => (await served()).includes('good evening'));
    await page.goto(`${sovereign.url}/environments/${environment}`);
    await page.getByRole('article', { name: 'hello, Running' }).waitFor({ timeout: 60_000 });
    await page.goto(`${sovereign.url}/environments/${environment}/applications/hello/settings`);
    assert.equal(
      await page
        .locator('details')
        .filter({ has: page.locator('summary', { hasText: /^Environment variables/ }) })
        .getByRole('textbox', { name: /^Value/ })
        .inputValue(),
      'good evening',
    );
  });

  it('opens one for a pushed branch, and lets an approval fall when something else is pushed', async () => {
    const omar = of(people, 'omar');
    work = clone(sovereign, omar.client.token, 'acme/hello', 'main');
    folders.push(join(work, '..'));
    push('one-readme', 'One way to say it');
    push('other-readme', 'Another way to say it');
    await openFor('one-readme');
    const page = await visit('amira', second);
    await button(page, 'Approve').click();
    await dialog(page).getByRole('button', { name: 'Approve' }).click();
    await page
      .getByText(/Needs 1 more approval/)
      .first()
      .waitFor();

    const watching = await visit('dana', second);
    await button(watching, 'Approve').waitFor();
    git(work, 'switch', '--quiet', 'one-readme');
    writeFileSync(join(work, 'NOTES.md'), '# Evenings\n');
    git(work, 'add', '-A');
    git(work, 'commit', '--quiet', '-m', 'Explain evenings');
    const pushed = git(work, 'push', '--quiet', 'origin', 'one-readme');
    assert.equal(pushed.status, 0, pushed.output);

    await watching.getByText('It moved while you looked').waitFor();
    assert.equal(await button(watching, 'Approve').isDisabled(), true);
    await watching.getByText('NOTES.md').first().waitFor();
    await watching.getByText(/Stale: it was on/).waitFor();
    await picture(watching, 'reviews-moved');
    await button(watching, 'I have looked at it').click();
    assert.equal(await button(watching, 'Approve').isDisabled(), false);
    await watching.getByText('author in Git: Omar').first().waitFor();
  });

  it('gives a token the right to post a check, and says on the pull request whose it was', async () => {
    const developer = await visit('omar', '/tokens');
    await button(developer, 'Create token').first().click();
    await dialog(developer).getByRole('checkbox', { name: 'Only reads' }).waitFor();
    assert.equal(await dialog(developer).getByRole('checkbox', { name: 'Posts checks' }).count(), 0);

    const page = await visit('amira', '/tokens');
    await button(page, 'Create token').first().click();
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('jenkins');
    await dialog(page).getByRole('checkbox', { name: 'Posts checks' }).check();
    assert.equal(await dialog(page).getByRole('checkbox', { name: 'Only reads' }).isChecked(), true);
    const create = dialog(page).getByRole('button', { name: 'Create token' });
    assert.equal(await create.isDisabled(), true, 'without a name there is nothing to post');
    await dialog(page).getByLabel('Names of the checks').first().fill('ci/scan');
    await page.keyboard.press('Enter');
    await picture(page, 'reviews-check-token');
    await create.click();
    const shown = await dialog(page).getByText(/cat_/).first().textContent();
    const robot = createClient(sovereign, /cat_[\w-]+/.exec(shown ?? '')?.[0] ?? '');
    await button(page, 'I have copied it').click();
    const row = page.getByRole('listitem').filter({ hasText: 'jenkins' });
    await row.getByText('Checks of acme: ci/scan').waitFor();
    await row.getByText('only reads', { exact: true }).waitFor();

    const { head } = await robot.json<PullRequestSummary>('GET', `/v1${second}`);
    const check = `/v1${second}/checks/${encodeURIComponent('ci/scan')}`;
    const result = { revision: head, status: 'success' };
    assert.equal((await of(people, 'omar').client.call('PUT', check, result)).status, 403);
    await robot.json('PUT', check, result);
    const viewer = await visit('vera', second);
    await viewer.getByText(/ci\/scan passed, posted by the token jenkins of amira/).waitFor();
    await picture(viewer, 'reviews-check');

    await button(page, 'Revoke jenkins').click();
    await dialog(page).getByText('The checks that it has posted stay.').waitFor();
    await dialog(page).getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Checks of acme: ci/scan').waitFor({ state: 'detached' });
    assert.equal((await robot.call('PUT', check, result)).status, 401);
    await viewer.reload();
    await viewer.getByText(/posted by the token jenkins of amira/).waitFor();
  });

  it('shows how a conflict is solved, closes, and lists by state', async () => {
    await openFor('other-readme');
    for (const name of ['amira', 'dana']) {
      const { client } = of(people, name);
      const { head } = await client.json<PullRequestSummary>('GET', `/v1${second}`);
      await client.json('POST', `/v1${second}/reviews`, { verdict: 'approve', revision: head });
      if (name === 'dana') await client.json('POST', `/v1${second}/merge`, { expectedHead: head });
    }
    const page = seenBy('omar');
    await page.getByRole('heading', { name: 'Conflicts' }).waitFor();
    await page.getByText('git switch other-readme').waitFor();
    await picture(page, 'reviews-conflict');
    await button(page, 'Edit').click();
    await dialog(page).getByRole('textbox', { name: 'Title' }).fill('Say it another way');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Say it another way' }).waitFor();
    await button(page, 'Close').click();
    await dialog(page).getByRole('button', { name: 'Close the pull request' }).click();
    await page
      .getByText(/Closed by omar/)
      .first()
      .waitFor();
    await page.goto(`${sovereign.url}/environments/${environment}`);
    await page.getByRole('link', { name: /^Pull requests/ }).click();
    await page.getByRole('link', { name: 'Merged' }).click();
    await page.getByRole('link', { name: 'Greet in the evening' }).waitFor();
    await picture(page, 'reviews-list');
  });

  it('makes a webhook, shows its secret once, and says why a ping did not get there', async () => {
    const page = await visit('amira', '/organizations/acme');
    await button(page, 'Create webhook').click();
    await dialog(page)
      .getByRole('textbox', { name: 'Address' })
      .fill(`http://127.0.0.1:${(hooked.address() as AddressInfo).port}/hook`);
    await dialog(page).getByRole('button', { name: 'Create webhook' }).click();
    await dialog(page).getByText('It was not saved').waitFor();
    await picture(page, 'reviews-webhook-refused');
    await dialog(page).getByRole('textbox', { name: 'Address' }).fill('https://hooks.invalid/catalyst');
    await dialog(page).getByRole('button', { name: 'Create webhook' }).click();
    await dialog(page)
      .getByText(/whsec_/)
      .waitFor();
    await picture(page, 'reviews-webhook-secret');
    await button(page, 'I have copied it').click();
    await button(page, 'Deliveries to https://hooks.invalid/catalyst').click();
    await dialog(page).getByRole('button', { name: 'Send a ping' }).click();
    await dialog(page)
      .getByText(/Failed|Not yet delivered/)
      .first()
      .waitFor();
    await picture(page, 'reviews-deliveries');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    assert.equal(await page.getByText(/whsec_/).count(), 0);
    const developer = await visit('omar', '/organizations/acme');
    await developer.getByRole('heading', { name: 'Teams' }).waitFor();
    assert.equal(await developer.getByRole('heading', { name: 'Webhooks' }).count(), 0);
  });

  it('fits a telephone, in the dark too', async () => {
    const page = await openPage(of(people, 'amira'), { width: 390, dark: true });
    for (const [name, path] of [
      ['phone-pull-requests', '/organizations/acme/pull-requests?state=merged'],
      ['phone-pull-request', first],
      ['phone-organization', '/organizations/acme'],
      ['phone-closed', '/organizations/acme/pull-requests/hello/3'],
      ['phone-tokens', '/tokens'],
      ['phone-nothing', '/organizations/acme/pull-requests/hello/99'],
    ] as const) {
      await page.goto(`${sovereign.url}${path}`);
      await page.getByRole('heading').first().waitFor();
      await page.waitForTimeout(700);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - globalThis.innerWidth,
      );
      assert.ok(overflow <= 0, `${path} is ${overflow} pixels too wide for a telephone`);
      await picture(page, name);
    }
  });
});
