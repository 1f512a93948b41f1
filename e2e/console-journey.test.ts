import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openContext, picture } from './kit/browser.ts';
import type { Client } from './kit/client.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { type Prober, startProber } from './kit/prober.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';

const timeZone = 'Asia/Muscat';
const minuteMs = 60_000;

/** Serves a word, and where it is told to only after a long sleep, so that it never becomes ready in its time. */
function values(word: string, sleeps: string): string {
  const script = `mkdir -p /tmp/www; echo ${word} > /tmp/www/index.html; trap "exit 0" TERM; [ "$PLACE" = "${sleeps}" ] && sleep 1000; httpd -f -p 8080 -h /tmp/www & wait`;
  const config = {
    image: testImage('busybox'),
    command: ['/bin/sh', '-c'],
    args: [script],
    port: 8080,
    environment: [{ name: 'PLACE', value: 'somewhere' }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** The wall clock of the window's zone: minute and hour of a moment. */
function cronAt(at: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const [hour = 0, minute = 0] = parts.format(at).split(':').map(Number);
  return `${minute} ${hour} * * *`;
}

describe('one change from dev to prod, under every gate', { timeout: 600_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let omar: Person;
  let browser: Browser;
  let visitors: Prober | undefined;
  let work = '';
  let opensAt = 0;
  let number = 0;
  const pages = new Map<string, Page>();

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    root = await setUpAndSignIn(sovereign);
    await root.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'stg', 'prod'] });
    browser = await openBrowser();
    omar = await open('omar', { width: 1440 });
    const [ada, ben] = [await open('ada', { width: 390, dark: true }), await open('ben', { width: 1440 })];
    await root.json('PUT', '/v1/organizations/acme/teams/security', { members: [ada.id, ben.id] });
    await root.change('acme-dev', {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web-app',
      values: JSON.parse(values('one', 'nowhere')) as Record<string, unknown>,
    });
    await running('acme-dev');
    for (const environment of ['acme-stg', 'acme-prod']) {
      const place = environment.slice('acme-'.length);
      const plan = await root.plan(environment, {
        action: 'promote',
        application: 'shop',
        values: { environment: [{ name: 'PLACE', value: place }] },
      });
      const [first] = await propose(root, plan.environment, plan.id);
      assert.ok(first);
      await root.json('POST', path(first, '/merge'), { expectedHead: first.head, content: first.content });
      await running(environment);
    }
  });
  after(async () => {
    await visitors?.stop();
    await browser?.close();
    if (work !== '') rmSync(join(work, '..'), { recursive: true, force: true });
    await sovereign?.destroy();
  });
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false) return;
    for (const [name, page] of pages) {
      await picture(page, `journey-failure-${name}`);
      process.stderr.write(
        `${name} at ${page.url()} saw:\n${await page.locator('main').ariaSnapshot().catch(String)}\n`,
      );
      page.setDefaultTimeout(1000);
    }
  });

  async function open(name: string, look: { width?: number; dark?: boolean }): Promise<Person> {
    const person = await invite(sovereign, root, 'acme', name, { role: 'org-developer' });
    const context = await openContext(browser, look);
    const session = { name: 'catalyst_session', value: await person.signIn(), url: sovereign.url };
    await context.addCookies([session]);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    pages.set(name, page);
    return person;
  }
  const seenBy = (name: string): Page => {
    const page = pages.get(name);
    assert.ok(page);
    return page;
  };
  const path = (of: Pick<PullRequestSummary, 'application' | 'number'>, more = '') =>
    `/v1/organizations/acme/pull-requests/${of.application}/${of.number}${more}`;
  const propose = async (by: Client, environment: string, plan: string) =>
    (
      await by.json<{ pullRequests: PullRequestSummary[] }>(
        'POST',
        `/v1/environments/${environment}/plans/${plan}/propose`,
        {},
      )
    ).pullRequests;
  const running = (environment: string) =>
    root.waitFor(environment, 'shop', ({ state, revision, appliedRevision }) =>
      Boolean(state === 'Running' && revision === appliedRevision),
    );
  const served = async (environment: string) =>
    (await fetchLocal(sovereign.port, `shop.${environment}.localhost`, '/')).body.trim();
  const detail = () => omar.client.json<PullRequestDetail>('GET', path({ application: 'shop', number }));
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const approve = async (page: Page) => {
    await button(page, 'Approve').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  };
  const visit = async (name: string) => {
    const page = seenBy(name);
    await page.goto(`${sovereign.url}/organizations/acme/pull-requests/shop/${number}`);
    return page;
  };

  it('is pushed to dev, and promoted to stg where it runs', async () => {
    work = clone(sovereign, omar.client.token, 'acme/shop', 'develop');
    assert.match(readFileSync(join(work, 'base/values.yaml'), 'utf8'), /echo one/);
    writeFileSync(join(work, 'base/values.yaml'), values('two', 'prod'));
    const pushed = commitAndPush(work, 'Say two');
    assert.equal(pushed.status, 0, pushed.output);
    await until('dev has it', async () => (await served('acme-dev')) === 'two', 30_000);
    await running('acme-dev');
    const page = seenBy('omar');
    await page.goto(`${sovereign.url}/environments/acme-stg/promote?application=shop&from=acme-dev`);
    await button(page, 'Promote now').click();
    await page.getByText('Everything is merged').waitFor();
    await until('stg has it', async () => (await served('acme-stg')) === 'two', 30_000);
  });

  it('is refused for prod too early, in the same words on the page, at the merge and on a terminal', async () => {
    opensAt = Math.ceil((Date.now() + 75_000) / minuteMs) * minuteMs;
    await root.json('PUT', '/v1/environments/acme-prod/policy', {
      reason: 'Customers depend on it.',
      spec: {
        rules: [
          { kind: 'pr-required', approvers: ['security'], minApprovals: 2 },
          { kind: 'soak', sourceEnvironment: 'acme-stg', duration: '1m' },
          { kind: 'change-window', cron: cronAt(opensAt), duration: '15m', timeZone },
        ],
        automaticRollback: { after: '1m' },
      },
    });
    const page = seenBy('omar');
    await page.goto(`${sovereign.url}/environments/acme-prod/promote?application=shop&from=acme-stg`);
    await button(page, 'Open a pull request').click();
    await page.waitForURL(/pull-requests|promotion/);
    const [opened, ...more] = (
      await omar.client.json<{ items: PullRequestSummary[] }>(
        'GET',
        '/v1/organizations/acme/pull-requests?state=open&environment=acme-prod',
      )
    ).items;
    assert.ok(opened && more.length === 0);
    number = opened.number;
    const shown = await detail();
    assert.match(shown.why, /Running in acme-stg for .* of 1m/);
    assert.match(shown.why, /Closed until the change window opens at .*\(Asia\/Muscat\)/);
    assert.match(shown.why, /Needs 2 more approvals from @acme\/security/);
    await visit('omar');
    await page.getByText(/of 1m/).first().waitFor();
    await picture(page, 'journey-too-early');
    const { head: expectedHead, content } = opened;
    const refused = await omar.client.call('POST', path(opened, '/merge'), { expectedHead, content });
    assert.equal(refused.status, 422);
    assert.match(refused.body, /Closed until the change window opens/);
    git(work, 'fetch', '--quiet', 'origin');
    const pushed = git(work, 'push', '-o', 'pull-request', 'origin', '+origin/staging:main');
    const window = shown.gates.find(({ rule }) => rule === 'change-window')?.reason ?? '';
    assert.ok(window !== '' && pushed.output.includes(window), pushed.output);
    assert.match(pushed.output, /Needs 2 more approvals from @acme\/security/);
    assert.equal((await detail()).number, number, 'the same promotion');
  });

  it('is approved by two people in two browsers', async () => {
    for (const name of ['ada', 'ben']) {
      const page = await visit(name);
      await approve(page);
      await page
        .getByText(new RegExp(`Approved by|${name}`))
        .first()
        .waitFor();
      await picture(page, `journey-approved-${name}`);
    }
    await until('both count', async () =>
      (await detail()).gates.some(({ rule, allowed }) => rule === 'pr-required' && allowed),
    );
  });

  it('is merged by itself when the window opens', async (t) => {
    const page = await visit('omar');
    await button(page, 'Merge when gates open').click();
    await page.getByText(/It is merged by itself, as omar asked for/).waitFor();
    await picture(page, 'journey-armed');
    visitors = startProber(sovereign.port, ['shop.acme-prod.localhost']);
    assert.equal((await detail()).state, 'open');
    const left = opensAt - Date.now();
    await until('it is merged', async () => (await detail()).state === 'merged', Math.max(0, left) + 20_000);
    const { mergedAt = '' } = await detail();
    const afterMs = Date.parse(mergedAt) - opensAt;
    t.diagnostic(`merged ${afterMs} ms after the window opened`);
    assert.ok(afterMs >= 0, 'not before it opened');
  });

  it('goes back by itself when it never becomes healthy, held, while visitors are served', async () => {
    await until(
      'it went back',
      async () => (await detail()).watch?.state === 'rolled-back',
      200_000,
      async () => JSON.stringify((await detail()).watch),
    );
    const view = await running('acme-prod');
    assert.equal(view.holds?.length, 1);
    assert.equal(await served('acme-prod'), 'one');
    assert.deepEqual(visitors?.failures(), []);
    const page = await visit('omar');
    await page
      .getByText(/Rolled back by itself/)
      .first()
      .waitFor();
    await picture(page, 'journey-rolled-back');
    const again = await omar.client.plan('acme-prod', { action: 'promote', application: 'shop' });
    assert.ok(again.problems.length > 0 || /held/.test(again.consequences.join(' ')), JSON.stringify(again));
  });

  it('is released with a reason, through the same gates', async () => {
    const plan = await omar.client.plan('acme-prod', {
      action: 'release',
      application: 'shop',
      reason: 'Understood.',
    });
    const [proposed] = await propose(omar.client, 'acme-prod', plan.id);
    assert.ok(proposed);
    await omar.client.json('PUT', path(proposed, '/auto-merge'), { expectedHead: proposed.head });
    number = proposed.number;
    for (const name of ['ada', 'ben']) {
      const page = await visit(name);
      await approve(page);
    }
    await until(
      'it is merged',
      async () => (await detail()).state === 'merged',
      30_000,
      async () => JSON.stringify(await detail()),
    );
    await root.waitFor('acme-prod', 'shop', ({ holds, state }) => !holds?.length && state === 'Running');
  });
});
