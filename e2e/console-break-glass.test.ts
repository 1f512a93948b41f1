import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { VerdictDetail, VerdictSummary } from '@catalyst/model/api/verdicts.ts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import type { Client } from './kit/client.ts';
import { clone, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { createToken, setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-prod';
const reason = 'The shop is down and nobody who approves can be reached.';

describe('breaking the glass in browsers', { timeout: 420_000 }, () => {
  let sovereign: Sovereign;
  let browser: Browser;
  let root: Client;
  let amira: Person;
  let omar: Person;
  let seenByAmira: Page;
  let seenByOmar: Page;
  let work = '';

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
    amira = await invite(sovereign, root, 'acme', 'amira', { role: 'org-admin' });
    omar = await invite(sovereign, root, 'acme', 'omar', { role: 'org-developer' });
    seenByAmira = await openPage(amira, {});
    seenByOmar = await openPage(omar, {});
    const rule = { kind: 'pr-required', approvers: ['org-admins'], minApprovals: 1 };
    await root.json('PUT', `/v1/environments/${environment}/policy`, {
      spec: { rules: [rule] },
      reason: 'Customers depend on it.',
    });
    const token = await createToken(sovereign, omar);
    work = clone(sovereign, token, 'acme/hello', 'main');
    git(work, 'switch', '--quiet', '-c', 'repair', 'origin/main');
    writeFileSync(join(work, 'README.md'), '# Repaired\n');
    git(work, 'add', '-A');
    git(work, 'commit', '--quiet', '-m', 'Repair it');
    const pushed = git(work, 'push', '--quiet', 'origin', 'repair');
    assert.equal(pushed.status, 0, pushed.output);
    await omar.client.json<PullRequestSummary>('POST', '/v1/organizations/acme/pull-requests', {
      application: 'hello',
      source: 'repair',
      destination: 'main',
      title: 'Repair it',
    });
  });
  after(async () => {
    await browser?.close();
    await sovereign?.destroy();
    if (work !== '') rmSync(join(work, '..'), { recursive: true, force: true });
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false) return;
    for (const page of [seenByAmira, seenByOmar]) {
      const seen = await page.locator('main').ariaSnapshot().catch(String);
      process.stderr.write(`${page.url()} showed:\n${seen}\n`);
      // Each step stands on the ones before.
      page.setDefaultTimeout(1000);
    }
  });

  async function openPage(person: Person, look: { width?: number; dark?: boolean }): Promise<Page> {
    const context = await openContext(browser, look);
    await context.addCookies([
      { name: 'catalyst_session', value: await person.signIn(), url: sovereign.url },
    ]);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return page;
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const path = '/organizations/acme/pull-requests/hello/1';

  it('is offered to nobody by a role', async () => {
    await seenByOmar.goto(`${sovereign.url}${path}`);
    await seenByOmar
      .getByText(/Needs 1 more approval/)
      .first()
      .waitFor();
    assert.equal(await button(seenByOmar, 'Break the glass…').count(), 0);
    await seenByAmira.goto(`${sovereign.url}${path}`);
    await button(seenByAmira, 'Approve').waitFor();
    assert.equal(await button(seenByAmira, 'Break the glass…').count(), 0);
  });

  it('is granted to a member by name, after a question', async () => {
    await seenByAmira.goto(`${sovereign.url}/organizations/acme`);
    await button(seenByAmira, 'More for omar').click();
    await seenByAmira.getByRole('menuitem', { name: 'Let them break the glass…' }).click();
    await picture(seenByAmira, 'break-glass-grant');
    await button(seenByAmira, 'Grant the right').click();
    await seenByAmira.getByText('may break the glass', { exact: true }).waitFor();
    await picture(seenByAmira, 'break-glass-members');
  });

  it('asks for a reason, and then lets that person merge', async () => {
    await seenByOmar.reload();
    await button(seenByOmar, 'Break the glass…').click();
    const dialog = seenByOmar.getByRole('dialog');
    assert.equal(await dialog.getByRole('button', { name: 'Break the glass' }).isDisabled(), true);
    await dialog.getByRole('textbox', { name: 'Reason' }).fill(reason);
    await picture(seenByOmar, 'break-glass-dialog');
    await dialog.getByRole('button', { name: 'Break the glass' }).click();
    await seenByOmar.getByText(`You have broken the glass of ${environment}.`).waitFor();
    await seenByOmar
      .getByText(/you can merge it/)
      .first()
      .waitFor();
    await picture(seenByOmar, 'break-glass-open');
  });

  it('is seen by the others while it is open, on a phone in the dark too', async () => {
    await seenByAmira.goto(`${sovereign.url}${path}`);
    await button(seenByAmira, 'Approve').waitFor();
    assert.equal(await button(seenByAmira, 'Merge').isDisabled(), true);
    const phone = await openPage(amira, { width: 390, dark: true });
    await phone.goto(`${sovereign.url}/environments/${environment}`);
    await phone.getByText(`omar has broken the glass of ${environment}.`).waitFor();
    await phone.getByText(reason).waitFor();
    await picture(phone, 'break-glass-phone');
    const tooWide = await phone.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    assert.equal(tooWide, false);
  });

  it('stays on record with what was merged by it', async () => {
    await button(seenByOmar, 'Merge').click();
    await seenByOmar.getByText(/merged all the same because you have broken the glass/).waitFor();
    await seenByOmar.getByRole('dialog').getByRole('button', { name: 'Merge' }).click();
    await seenByOmar.getByText('Merged', { exact: true }).waitFor();
    await seenByOmar.getByText('How it was decided').click();
    await seenByOmar.getByText(`omar had broken the glass: ${reason}`).waitFor();
    await seenByOmar.getByText(/give the same answer now/).waitFor();
    await picture(seenByOmar, 'break-glass-verdict');

    const verdicts = `/v1/environments/${environment}/verdicts`;
    const { items } = await root.json<{ items: VerdictSummary[] }>(
      'GET',
      `${verdicts}?application=hello&number=1`,
    );
    assert.deepEqual([items[0]?.allowed, items[0]?.byBreakGlass], [true, true]);
    const whole = await root.json<VerdictDetail>('GET', `${verdicts}/${items[0]?.id}`);
    assert.deepEqual([whole.replayed.same, whole.replayed.outcome], [true, whole.outcome]);
  });

  it('is ended early by an org-admin, and listed in the history of the Environment', async () => {
    await seenByAmira.goto(`${sovereign.url}/environments/${environment}/history`);
    await button(seenByAmira, 'End it now').click();
    await seenByAmira.getByText('amira ended it early.').waitFor();
    assert.equal(await seenByAmira.getByText(/omar has broken the glass/).count(), 0);
    await picture(seenByAmira, 'break-glass-history');
  });
});
