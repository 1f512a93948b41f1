import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Scorecard } from '@catalyst/model/api/scorecard.ts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import type { Client } from './kit/client.ts';
import { ensureImages } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-prod';
const path = `/environments/${environment}/applications/hello/scorecard`;

describe('the RE score of a running Application', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let browser: Browser;
  let omar: Person;

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
    omar = await invite(sovereign, root, 'acme', 'omar', { role: 'org-developer' });
    browser = await openBrowser();
    await root.waitFor(environment, 'hello', (view) => view.state === 'Running');
  });
  after(async () => {
    await browser?.close();
    await sovereign?.destroy();
  });

  async function openPage(look: { width?: number; dark?: boolean } = {}): Promise<Page> {
    const context = await openContext(browser, look);
    await context.addCookies([{ name: 'catalyst_session', value: await omar.signIn(), url: sovereign.url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${sovereign.url}${path}`);
    return page;
  }
  const cardOf = () => root.json<Scorecard>('GET', `/v1${path}`);

  it('says what loses points and rises while the page is open', async () => {
    const before = await cardOf();
    const page = await openPage();
    const head = page.getByRole('region', { name: 'RE score' });
    await head.getByText(String(before.score), { exact: true }).waitFor();
    await head.getByText(/replicas of Deployment web, by the setting replicas/).waitFor();
    await page.getByText(/runs one Pod: while it restarts or moves, nobody answers/).waitFor();
    await page.getByRole('heading', { name: 'Few restarts' }).waitFor();
    await picture(page, 'scorecard');
    await root.change(environment, {
      action: 'configure',
      application: 'hello',
      values: webApp('good morning', { replicas: 2 }),
    });
    await root.waitFor(environment, 'hello', (view) => view.state === 'Running' && view.pods.ready === 2);
    const now = await cardOf();
    assert.ok((now.score ?? 0) > (before.score ?? 0), `${before.score} ${now.score}`);
    await head.getByText(String(now.score), { exact: true }).waitFor();
    await head.getByRole('link', { name: 'Open the settings' }).first().click();
    await page
      .getByRole('heading', { name: /Copies|Settings/ })
      .or(page.getByLabel('Copies'))
      .first()
      .waitFor();
  });

  it('is read at 390 px in the dark, and by keyboard', async () => {
    const page = await openPage({ width: 390, dark: true });
    await page.getByRole('heading', { name: 'What loses points' }).waitFor();
    const wider = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    assert.equal(wider, false);
    await picture(page, 'scorecard-phone');
    const summary = page.locator('summary').first();
    for (let presses = 0; presses < 60; presses += 1) {
      if (await summary.evaluate((element) => element === element.ownerDocument.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page
      .getByText(/Its weight is/)
      .first()
      .waitFor();
  });

  it('warns in the plan of a change where a policy asks for more', async () => {
    await root.json('PUT', `/v1/environments/${environment}/policy`, {
      spec: { rules: [{ kind: 're-score-gate', minScore: 100, severity: 'warning' }] },
      reason: 'To see where we are.',
    });
    const proposed = await root.json<{ id: string }>('POST', `/v1/environments/${environment}/plans`, {
      action: 'configure',
      application: 'hello',
      values: webApp('good morning', { replicas: 3 }),
    });
    const { pullRequests } = await root.json<{ pullRequests: { number: number }[] }>(
      'POST',
      `/v1/environments/${environment}/plans/${proposed.id}/propose`,
      {},
    );
    const page = await openPage();
    await page.goto(`${sovereign.url}/organizations/acme/pull-requests/hello/${pullRequests[0]?.number}`);
    await page.getByText('RE score gate: open, with a warning').waitFor();
    await page.getByText(/The RE score is \d+, at least 100 is asked for\. Cheapest:/).waitFor();
    await until('it can be merged', () => page.getByRole('button', { name: 'Merge' }).isEnabled());
    await picture(page, 'scorecard-warning');
  });
});
