import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import { putBlueprint } from './kit/catalog-folder.ts';
import type { Client } from './kit/client.ts';
import { clone, commitAndPush } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

/** A newcomer's first promotion, from a running Application to one that runs in the next Environment. */
const newcomersLimitMs = 120_000;

describe('promotion in the console', { timeout: 600_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let browser: Browser;
  let failed = false;
  const people = new Map<string, Person>();
  const pages = new Map<string, Page>();
  const folders: string[] = [];

  before(async () => {
    ensureImages('busybox');
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
    root = await setUpAndSignIn(sovereign);
    await root.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'stg', 'prod'] });
    const install = (application: string, blueprint: string, more: object = {}) =>
      root.change('acme-dev', {
        action: 'install',
        application,
        blueprint,
        values: webApp(`${application} says good morning`),
        ...more,
      });
    await install('hello', 'bp-web-app');
    await install('shop', 'bp-front', {
      dependencies: { back: { use: 'new', values: webApp('the back of the shop') } },
    });
    browser = await openBrowser();
    for (const [name, role, environments] of [
      ['nina', 'org-developer', undefined],
      ['omar', 'org-developer', undefined],
      ['amira', 'org-admin', undefined],
      ['zara', 'org-admin', undefined],
      ['dev', 'org-developer', ['acme-dev']],
      ['vera', 'org-viewer', undefined],
    ] as const) {
      const person = await invite(sovereign, root, 'acme', name, {
        role,
        ...(environments ? { environments } : {}),
      });
      people.set(name, person);
      pages.set(name, await openPage(person));
    }
    for (const name of ['hello', 'shop', 'shop-back'])
      await root.waitFor('acme-dev', name, (view) => view.state === 'Running', 120_000);
  });
  after(async () => {
    await browser?.close();
    await sovereign?.destroy();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false || failed) return;
    failed = true;
    for (const [name, page] of pages) {
      await picture(page, `promotion-failure-${name}`);
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
  const row = (page: Page, application: string) => page.locator(`li[data-application="${application}"]`);
  const served = async (application: string, environment: string) =>
    (await fetchLocal(sovereign.port, `${application}.${environment}.localhost`, '/')).body;
  const openOf = async (application: string, environment: string): Promise<PullRequestDetail> => {
    const { items } = await root.json<{ items: PullRequestSummary[] }>(
      'GET',
      `/v1/organizations/acme/pull-requests?state=open&application=${application}&environment=${environment}`,
    );
    const [only, ...more] = items;
    assert.ok(only && more.length === 0, `${items.length} are open for ${application}`);
    return root.json('GET', `/v1/organizations/acme/pull-requests/${application}/${only.number}`);
  };
  const fits = async (page: Page) => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);
    assert.ok(overflow <= 0, `${page.url()} is ${overflow} pixels too wide for a telephone`);
  };
  const push = (
    branch: string,
    files: Readonly<Record<string, (text: string) => string>>,
    message: string,
  ) => {
    const work = clone(sovereign, of(people, 'omar').client.token, 'acme/hello', branch);
    folders.push(join(work, '..'));
    for (const [path, edit] of Object.entries(files)) {
      let before = '';
      try {
        before = readFileSync(join(work, path), 'utf8');
      } catch {
        // It is new.
      }
      writeFileSync(join(work, path), edit(before));
    }
    const pushed = commitAndPush(work, message);
    assert.equal(pushed.status, 0, pushed.output);
  };

  /** Every state that a card shows from now on, and the section that it shows it in. */
  const watchCard = async (page: Page, name: string): Promise<() => Promise<string[]>> => {
    const seen = await page.evaluateHandle((application) => {
      const list: string[] = [];
      const look = () => {
        const card = document.querySelector(`article[data-application="${application}"]`);
        const section = card?.closest('section')?.getAttribute('aria-label')?.split(':')[0];
        const place = `${card?.getAttribute('aria-label')} in ${section}`;
        if (list.at(-1) !== place) list.push(place);
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
      return list;
    }, name);
    return () => seen.jsonValue();
  };

  it('takes a newcomer from a running Application to one that runs in the next Environment', async (test) => {
    const page = await visit('nina', '/environments/acme-dev');
    const begun = Date.now();
    await page.getByRole('article', { name: 'hello, Running' }).waitFor();
    await picture(page, 'promotion-source');
    await button(page, 'More for hello').click();
    await picture(page, 'promotion-menu');
    await page.getByRole('menuitem', { name: 'Promote to acme-stg…' }).click();
    await page.getByRole('heading', { name: 'Promote hello to acme-stg' }).waitFor();
    await page.getByText(/Data (and secrets do|does) not travel/).waitFor();
    await picture(page, 'promotion-plan');
    await button(page, 'Promote now').click();
    await page.getByText('Everything is merged').waitFor();
    await row(page, 'hello').getByText('Running').waitFor({ timeout: 90_000 });
    const tookMs = Date.now() - begun;
    await picture(page, 'promotion-now');
    test.diagnostic(`a newcomer's first promotion took ${(tookMs / 1000).toFixed(1)} s`);
    console.log(`a newcomer's first promotion took ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < newcomersLimitMs, `${tookMs} ms`);
    await until('it is served', async () => (await served('hello', 'acme-stg')).includes('good morning'));
  });

  it('merges nothing by itself when the page is loaded anew, and shows the same', async () => {
    const page = seenBy('nina');
    await page.reload();
    await page.getByText('Everything is merged').waitFor();
    await row(page, 'hello').getByText('Running').waitFor();
  });

  it('says who may not, and why; shows nothing to who only views', async () => {
    const page = await visit('dev', '/environments/acme-dev');
    await button(page, 'More for hello').click();
    await page.getByRole('menuitem', { name: /needs the role Developer or Administrator there/ }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('link', { name: 'Promote several' }).count(), 0);
    await page.goto(`${sovereign.url}/environments/acme-stg/promote?application=hello&from=acme-dev`);
    await page.getByText('You may not do this').waitFor();
    const viewer = await visit('vera', '/environments/acme-dev');
    await viewer.getByRole('article', { name: 'hello, Running' }).waitFor();
    assert.equal(await button(viewer, 'More for hello').count(), 0);
    const last = await visit('nina', '/environments/acme-prod/promote?application=hello&from=acme-dev');
    await last.getByText(/acme-dev promotes to acme-stg. Promote there first/).waitFor();
    await picture(last, 'promotion-too-far');
    await last.getByRole('link', { name: 'Promote to acme-stg instead' }).click();
    await last.getByRole('heading', { name: 'Promote hello to acme-stg' }).waitFor();
    await last.getByText(/is in acme-stg already/).waitFor();
  });

  it('promotes what is depended on along, with settings that differ there', async () => {
    const page = await visit('nina', '/environments/acme-dev/applications/shop');
    await button(page, 'Actions for shop').click();
    await page.getByRole('menuitem', { name: 'Promote to acme-stg…' }).click();
    await page.getByRole('radio', { name: 'Promote shop-back along' }).waitFor();
    await page.getByText(/2 pull requests are opened, merged in this order: shop-back, shop/).waitFor();
    await page.getByText('Settings that differ in acme-stg').click();
    await page.getByRole('textbox', { name: 'Copies' }).fill('2');
    await page.getByText('The plan below does not have your last changes yet').waitFor();
    assert.equal(await button(page, 'Promote now').isDisabled(), true);
    await button(page, 'Discard').click();
    assert.equal(await page.getByRole('textbox', { name: 'Copies' }).inputValue(), '1');
    await page.getByRole('textbox', { name: 'Copies' }).fill('2');
    // Folding it away forgets nothing.
    await page.getByText('Settings that differ in acme-stg').click();
    await page.getByText('Settings that differ in acme-stg').click();
    assert.equal(await page.getByRole('textbox', { name: 'Copies' }).inputValue(), '2');
    await button(page, 'Plan with these settings').click();
    await page.getByText('The plan below does not have your last changes yet').waitFor({ state: 'detached' });
    await page.waitForFunction(() =>
      [...document.querySelectorAll('button')].some(
        (one) => one.textContent?.includes('Promote now') && !one.disabled,
      ),
    );
    await picture(page, 'promotion-along');
    await button(page, 'Promote now').click();
    await page.getByText('Everything is merged').waitFor({ timeout: 30_000 });
    for (const name of ['shop-back', 'shop'])
      await row(page, name).getByText('Running').waitFor({ timeout: 90_000 });
    const { overlayValues } = (await root.application('acme-stg', 'shop')) as unknown as {
      overlayValues: unknown;
    };
    assert.deepEqual(overlayValues, { replicas: 2 });
  });

  it('leaves the keyboard focus on a card that moves from section to section', async () => {
    const page = await visit('omar', '/environments/acme-dev');
    const settings = page
      .getByRole('article', { name: /^shop-back,/ })
      .getByRole('link', { name: 'Settings' });
    await settings.focus();
    const places = await watchCard(page, 'shop-back');
    // A page that has little time may draw the end of an update alone.
    for (const colour of ['blue', 'green', 'red']) {
      await root.change('acme-dev', {
        action: 'configure',
        application: 'shop-back',
        values: webApp(`the back of the shop in ${colour}`),
      });
      await until('it is served', async () => (await served('shop-back', 'acme-dev')).includes(colour));
      await page.getByRole('article', { name: 'shop-back, Running' }).waitFor();
      assert.ok(await settings.evaluate((link) => link === document.activeElement));
      if ((await places()).includes('shop-back, Updating in Updating')) return;
    }
    assert.fail(`it never moved: ${await places()}`);
  });

  it('asks about a hotfix; a decision lets approvals fall; the hotfix stays', async () => {
    const greeting = (from: string, to: string) => (text: string) => text.replace(from, to);
    const page = await visit('omar', '/environments/acme-dev');
    await button(page, 'More for hello').click();
    await page.getByRole('menuitem', { name: 'Promote to acme-stg…' }).waitFor();
    const places = await watchCard(page, 'hello');
    for (const [from, to] of [
      ['good morning', 'good day'],
      ['good day', 'good day today'],
      ['good day today', 'good day to all'],
    ] as const) {
      push('develop', { 'base/values.yaml': greeting(from, to) }, `Say ${to}`);
      await until('it is served', async () => (await served('hello', 'acme-dev')).includes(to));
      await page.getByRole('article', { name: 'hello, Running' }).waitFor();
      if ((await places()).includes('hello, Updating in Running')) break;
    }
    assert.ok((await places()).includes('hello, Updating in Running'), `${await places()}`);
    await page.getByRole('menuitem', { name: 'Promote to acme-stg…' }).click();
    await button(page, 'Promote now').waitFor();
    push(
      'staging',
      {
        'base/values.yaml': greeting('good morning', 'good night'),
        'RUNBOOK.md': () => '# When it is late\n',
      },
      'Fix the greeting where it hurts',
    );
    // The plan is from before the hotfix.
    await button(page, 'Promote now').click();
    await page.getByText('Something changed in the meantime. Nothing was done.').waitFor();
    await picture(page, 'promotion-overtaken');
    await root.json('PUT', '/v1/environments/acme-stg/policy', {
      spec: { rules: [{ kind: 'pr-required', approvers: ['codeowners'], minApprovals: 1 }] },
      reason: 'Careful.',
    });
    await button(page, 'Make a new plan').click();
    await page.getByText(/Somebody must decide first/).waitFor();
    await page
      .getByText(/changed on both sides/)
      .first()
      .waitFor();
    assert.equal(await button(page, 'Promote now').count(), 0);
    await picture(page, 'promotion-hotfix-plan');
    await button(page, 'Open a pull request').click();
    await page.getByRole('heading', { name: /^Promotion from acme-dev at/ }).waitFor();
    await page
      .getByText(/good night/)
      .first()
      .waitFor();
    await picture(page, 'promotion-decide');
    const phone = await openPage(of(people, 'omar'), { width: 390, dark: true });
    await phone.goto(page.url());
    const question = phone.getByRole('form', { name: 'Decisions' });
    await question.scrollIntoViewIfNeeded();
    await fits(phone);
    await picture(phone, 'phone-decide');
    await phone.goto(`${sovereign.url}/inbox`);
    const waits = phone.locator('li[data-entry^="conflict/acme/hello/"]');
    await waits.getByText(/Decide on the pull request which of the two stays/).waitFor();
    assert.equal(await waits.getByText(/push/).count(), 0, 'nobody is to push staging into develop');
    await phone.context().close();

    const reviewer = await visit('amira', new URL(page.url()).pathname);
    await button(reviewer, 'Approve').click();
    await dialog(reviewer).getByRole('button', { name: 'Approve' }).click();
    await dialog(reviewer).waitFor({ state: 'detached' });
    const sides = page.getByRole('form', { name: 'Decisions' });
    await sides
      .getByRole('radiogroup', { name: 'Which side of base/values.yaml stays?' })
      .getByRole('radio', { name: 'Keep what acme-stg has' })
      .check();
    await sides
      .getByRole('radiogroup', { name: 'Which side of RUNBOOK.md stays?' })
      .getByRole('radio', { name: 'Keep what acme-stg has' })
      .check();
    await button(page, 'Save decisions (2 of 2)').click();
    await page
      .getByRole('list', { name: 'Decided' })
      .getByText(/decided by omar/)
      .first()
      .waitFor();
    await page.getByText(/before something was decided about it/).waitFor();
    // What he decided himself is what he has seen.
    assert.equal(await page.getByText('It moved while you looked').count(), 0);
    await picture(page, 'promotion-decided');
  });

  it('lets a decision be made anew: what the source has can be taken', async () => {
    const page = seenBy('omar');
    const detail = await openOf('hello', 'acme-stg');
    assert.deepEqual(detail.promotion?.undecided, []);
    // The page offers no second thought about what is decided; the API does.
    await of(people, 'omar').client.json('POST', `/v1${new URL(page.url()).pathname}/decisions`, {
      revision: detail.head,
      decisions: { 'base/values.yaml': 'source' },
    });
    const reviewer = seenBy('amira');
    await reviewer.getByText(/what acme-dev has is taken/).waitFor();
    // Nobody approves what changed under his eyes before he says that he has looked.
    const moved = reviewer.getByRole('alert').filter({ hasText: 'It moved while you looked' });
    await moved.getByText(/omar decided about changes of acme-stg\./).waitFor();
    assert.equal(await button(reviewer, 'Approve').isDisabled(), true);
    await picture(reviewer, 'promotion-moved');
    await button(reviewer, 'I have looked at it').click();
    await button(reviewer, 'Approve').click();
    await dialog(reviewer).getByRole('button', { name: 'Approve' }).click();
    await dialog(reviewer).waitFor({ state: 'detached' });
    await button(reviewer, 'Merge').click();
    await dialog(reviewer).getByRole('button', { name: 'Merge' }).click();
    await reviewer.getByText('Merged', { exact: true }).waitFor();
    await until('the promoted greeting is served', async () =>
      (await served('hello', 'acme-stg')).includes('good day'),
    );
    const work = clone(sovereign, of(people, 'omar').client.token, 'acme/hello', 'staging');
    folders.push(join(work, '..'));
    assert.match(readFileSync(join(work, 'RUNBOOK.md'), 'utf8'), /When it is late/);
  });

  it('waits in the inbox of its author while a hotfix is to be decided', async () => {
    push(
      'develop',
      { 'base/values.yaml': (text) => text.replace('good day', 'good evening') },
      'Greet at night',
    );
    const { client } = of(people, 'omar');
    const plan = await client.plan('acme-stg', { action: 'promote', application: 'hello' });
    const { pullRequests } = await client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `/v1/environments/acme-stg/plans/${plan.id}/propose`,
      {},
    );
    const [opened] = pullRequests;
    assert.ok(opened);
    const page = await visit('omar', '/inbox');
    const waits = page.locator(`li[data-entry="decision/acme/hello/${opened.number}"]`);
    await waits.getByText('Decision', { exact: true }).waitFor();
    await waits
      .getByText(/changes of its own that acme-dev lacks \(RUNBOOK\.md\)\. Decide for each/)
      .waitFor();
    await picture(page, 'promotion-inbox');
    await waits.getByRole('link', { name: /^Open/ }).click();
    await page.getByRole('form', { name: 'Decisions' }).waitFor();
    const url = `/v1/organizations/acme/pull-requests/hello/${opened.number}`;
    await client.json('PATCH', url, { state: 'closed' });
  });

  it('promotes several as one set, in order, and shows what each waits for', async () => {
    await root.json('PUT', '/v1/environments/acme-prod/policy', {
      spec: { rules: [{ kind: 'pr-required', approvers: ['codeowners'], minApprovals: 1 }] },
      reason: 'Customers depend on it.',
    });
    const page = await visit('omar', '/environments/acme-stg');
    await page.getByRole('link', { name: 'Promote several' }).click();
    for (const name of ['hello', 'shop'])
      await page.getByRole('checkbox', { name: new RegExp(`^${name} `) }).check();
    await picture(page, 'promotion-choose');
    await button(page, 'Review the plan of 2').click();
    await page
      .getByText(/3 pull requests are opened, merged in this order: hello, shop-back, shop/)
      .waitFor();
    await picture(page, 'promotion-several');
    await button(page, 'Open pull requests').click();
    await page.getByRole('heading', { name: 'Promotion to acme-prod' }).waitFor();
    for (const name of ['hello', 'shop-back', 'shop']) await row(page, name).waitFor();
    await row(page, 'hello')
      .getByText(/[Nn]eeds 1 more approval/)
      .waitFor();
    await row(page, 'shop')
      .getByText(/Waits for/)
      .waitFor();
    assert.equal(await button(page, 'Merge in order').isDisabled(), true);
    await picture(page, 'promotion-waits');
    // Who merged or pushed what is carried does not approve it.
    const { client } = of(people, 'zara');
    for (const name of ['hello', 'shop-back']) {
      const { number, head, content } = await openOf(name, 'acme-prod');
      await client.json('POST', `/v1/organizations/acme/pull-requests/${name}/${number}/reviews`, {
        verdict: 'approve',
        revision: head,
        content,
      });
    }
    await until('the page knows', async () => !(await button(page, 'Merge in order').isDisabled()), 20_000);
    await button(page, 'Merge in order').click();
    await page.getByText(/It stopped at shop #/).waitFor();
    await picture(page, 'promotion-stopped');
    const { number, head, content } = await openOf('shop', 'acme-prod');
    await client.json('POST', `/v1/organizations/acme/pull-requests/shop/${number}/reviews`, {
      verdict: 'approve',
      revision: head,
      content,
    });
    await until(
      'the page knows',
      async () => !(await button(page, `Merge shop #${number}`).isDisabled()),
      20_000,
    );
    await button(page, `Merge shop #${number}`).click();
    await page.getByText('Everything is merged').waitFor();
    for (const name of ['hello', 'shop-back', 'shop'])
      await row(page, name).getByText('Running').waitFor({ timeout: 120_000 });
    await picture(page, 'promotion-several-run');
  });

  it('lets an Environment be made in a size, and begins what is new there with the preset', async () => {
    const page = await visit('amira', '/organizations/acme');
    await button(page, 'Add Environment').click();
    await dialog(page)
      .getByRole('checkbox', { name: /^Acceptance/ })
      .check();
    await dialog(page).getByRole('radio', { name: 'Large' }).check();
    await picture(page, 'promotion-size');
    await dialog(page).getByRole('button', { name: 'Add acme-uat' }).click();
    await page.getByText('acme-uat, large').waitFor();
    await page.goto(`${sovereign.url}/environments/acme-uat/promote?from=acme-stg&application=hello`);
    await page.getByText(/from the preset "large"/).waitFor();
    await page.getByText('Settings that differ in acme-uat').click();
    assert.equal(await page.getByRole('textbox', { name: 'Copies' }).inputValue(), '3');
  });

  it('fits a telephone, in the dark too', async () => {
    const page = await openPage(of(people, 'amira'), { width: 390, dark: true });
    const { items } = await root.json<{ items: PullRequestSummary[] }>(
      'GET',
      '/v1/organizations/acme/pull-requests?application=hello&state=merged',
    );
    const opened = items
      .filter(({ environment }) => environment === 'acme-stg')
      .map(({ application, number }) => `opened=${application}/${number}`)
      .join('&');
    const decided = items.find(({ environment }) => environment === 'acme-stg');
    for (const [name, path] of [
      ['phone-promote', '/environments/acme-uat/promote?from=acme-stg&application=shop'],
      ['phone-choose', '/environments/acme-uat/promote?from=acme-stg'],
      ['phone-promotion', `/environments/acme-stg/promotion?${opened}`],
      ['phone-promoted', `/organizations/acme/pull-requests/hello/${decided?.number}`],
      ['phone-environment', '/environments/acme-dev'],
    ] as const) {
      await page.goto(`${sovereign.url}${path}`);
      await page.getByRole('heading').first().waitFor();
      await page.waitForTimeout(1500);
      await fits(page);
      await picture(page, name);
    }
  });
});
