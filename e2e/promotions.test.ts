import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Inbox } from '@catalyst/model/api/people.ts';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import type { Client } from './kit/client.ts';
import { containersOf } from './kit/engine.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const review = { rules: [{ kind: 'pr-required', approvers: ['security'], minApprovals: 1 }] };

describe('promotion, by API and Git', { timeout: 400_000 }, () => {
  let sovereign: Sovereign;
  let admin: Client;
  let omar: Person;
  let ada: Person;

  before(async () => {
    ensureImages('busybox', 'mariadb', 'wordpress');
    sovereign = await createSovereign();
    await sovereign.up();
    admin = await setUpAndSignIn(sovereign);
    await admin.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'stg', 'prod'] });
    omar = await invite(sovereign, admin, 'acme', 'omar', { role: 'org-developer' });
    ada = await invite(sovereign, admin, 'acme', 'ada', { role: 'org-developer' });
    await admin.json('PUT', '/v1/organizations/acme/teams/security', { members: [ada.id] });
  });
  after(async () => sovereign.destroy());

  const path = (of: Pick<PullRequestSummary, 'application' | 'number'>, more = '') =>
    `/v1/organizations/acme/pull-requests/${of.application}/${of.number}${more}`;
  const detail = (of: PullRequestSummary) => omar.client.json<PullRequestDetail>('GET', path(of));
  const merge = (of: PullRequestSummary) =>
    omar.client.call('POST', path(of, '/merge'), { expectedHead: of.head, content: of.content });
  const approve = ({ head, content, ...of }: PullRequestSummary) =>
    ada.client.call('POST', path(of, '/reviews'), { verdict: 'approve', revision: head, content });
  const running = (environment: string, name: string) =>
    omar.client.waitFor(environment, name, ({ state }) => state === 'Running', 180_000);
  const served = async (environment: string) =>
    (await fetchLocal(sovereign.port, `shop.${environment}.localhost`, '/')).body.trim();

  async function install(request: Extract<PlanRequest, { action: 'install' }>): Promise<void> {
    await omar.client.change('acme-dev', request);
    await running('acme-dev', request.application);
  }

  async function promote(
    environment: string,
    application: string,
    more: { readonly values?: Record<string, unknown> } = {},
  ): Promise<PullRequestSummary[]> {
    const plan = await omar.client.plan(environment, { action: 'promote', application, ...more });
    assert.deepEqual(plan.problems, []);
    const proposed = await omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `/v1/environments/${environment}/plans/${plan.id}/propose`,
      {},
    );
    return proposed.pullRequests;
  }

  it('brings a running Application to the next Environment, with settings of its own there', async (t) => {
    await install({
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web-app',
      values: webApp('one'),
    });
    const started = performance.now();
    const [opened] = await promote('acme-stg', 'shop');
    assert.ok(opened);
    const merged = await merge(opened);
    assert.equal(merged.status, 200, merged.body);
    await running('acme-stg', 'shop');
    t.diagnostic(`from planning to Running in ${Math.round(performance.now() - started)} ms`);
    assert.equal(await served('acme-stg'), 'one');
    assert.equal(await served('acme-dev'), 'one');
  });

  it('does the same for a plain pull request of Git, and says the verdict on the terminal', async () => {
    await admin.json('PUT', '/v1/environments/acme-stg/policy', { spec: review, reason: 'Careful.' });
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'develop');
    writeFileSync(join(work, 'base/values.yaml'), textOf('two'));
    assert.equal(commitAndPush(work, 'Say two').status, 0);
    const direct = git(work, 'push', 'origin', '+develop:staging');
    assert.notEqual(direct.status, 0);
    assert.match(
      direct.output,
      /open a pull request: git push -o pull-request origin \+<its branch>:staging/,
    );
    // The plus is for Git on this side, which knows nothing of pull requests: no branch moves.
    const pushed = git(work, 'push', '-o', 'pull-request', 'origin', '+develop:staging');
    assert.match(pushed.output, /Promote shop from acme-dev to acme-stg/);
    assert.match(pushed.output, /Needs 1 more approval from @acme\/security/);
    const { items } = await omar.client.json<{ items: PullRequestSummary[] }>(
      'GET',
      '/v1/organizations/acme/pull-requests?state=open&application=shop',
    );
    const [opened] = items;
    assert.ok(opened);
    assert.equal(opened.promotedFrom, 'acme-dev');
    const page = await detail(opened);
    assert.ok(pushed.output.includes(page.why), `${page.why} is what the terminal says`);
    const early = await merge(opened);
    assert.equal(early.status, 422);
    assert.ok(early.body.includes(page.why), 'the merge says the same');
    assert.ok(!page.files.some(({ path: file }) => file.startsWith('overlays/')));
    assert.equal((await approve(opened)).status, 200);
    assert.equal((await merge(opened)).status, 200);
    await omar.client.waitFor('acme-stg', 'shop', ({ state, revision, appliedRevision }) =>
      Boolean(state === 'Running' && revision === appliedRevision && revision !== opened.head),
    );
    assert.equal(await served('acme-stg'), 'two');
  });

  it('is approved and merged as it was read, and not as somebody planned it anew at the same revision', async () => {
    await admin.json('PUT', '/v1/environments/acme-prod/policy', { spec: review, reason: 'Careful.' });
    const settings = (word: string) => ({ values: { environment: [{ name: 'WORD', value: word }] } });
    const [opened] = await promote('acme-prod', 'shop', settings('good'));
    assert.ok(opened);
    const read = await ada.client.json<PullRequestDetail>('GET', path(opened));
    const [replaced] = await promote('acme-prod', 'shop', settings('evil'));
    assert.deepEqual([replaced?.number, replaced?.head], [read.number, read.head]);
    const approved = await approve(read);
    assert.equal(approved.status, 409, approved.body);
    assert.match(approved.body, /"Stale".*omar planned this promotion anew at/s);
    assert.equal((await merge(read)).status, 409);
    const armed = { expectedHead: read.head, content: read.content };
    assert.equal((await omar.client.call('PUT', path(read, '/auto-merge'), armed)).status, 409);
    const unnamed = { verdict: 'approve', revision: read.head };
    const refused = await ada.client.call('POST', path(read, '/reviews'), unnamed);
    assert.match(refused.body, /"code":"Invalid".*Say which content you read/s);
    const { items } = await ada.client.json<Inbox>('GET', '/v1/inbox');
    const waits = items.find(({ environment }) => environment === 'acme-prod');
    assert.equal(waits?.content, replaced?.content, 'the inbox names what a verdict must name');
    const [back] = await promote('acme-prod', 'shop', settings('good'));
    assert.ok(back);
    assert.equal(back.content, read.content);
    assert.equal((await approve(read)).status, 200);
    assert.equal((await merge(back)).status, 200);
    await running('acme-prod', 'shop');
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    const overlay = readFileSync(join(work, 'overlays/prod/values.yaml'), 'utf8');
    assert.match(overlay, /good/);
    assert.doesNotMatch(overlay, /evil/);
  });

  it('brings WordPress into an empty Environment with its MariaDB and secrets of its own', async () => {
    await install({
      action: 'install',
      application: 'blog',
      blueprint: 'bp-wordpress',
      values: { image: testImage('wordpress') },
      dependencies: { db: { use: 'new', values: { image: testImage('mariadb') } } },
    });
    const plan = await omar.client.plan('acme-stg', { action: 'promote', application: 'blog' });
    assert.match(plan.consequences.join(' '), /Data and secrets do not travel/);
    const [database, blog] = await promote('acme-stg', 'blog');
    assert.ok(database && blog);
    assert.equal(database.application, 'blog-db');
    for (const one of [database, blog]) {
      assert.equal((await approve(one)).status, 200);
      const merged = await merge(one);
      assert.equal(merged.status, 200, merged.body);
    }
    const view = await running('acme-stg', 'blog');
    assert.deepEqual(
      view.dependencies.map(({ application }) => application),
      ['blog-db'],
    );
    const page = await fetchLocal(sovereign.port, 'blog.acme-stg.localhost', '/wp-admin/install.php', {
      timeoutMs: 30_000,
    });
    assert.match(page.body, /WordPress/);
    const [first, second] = await Promise.all(
      ['acme-dev', 'acme-stg'].map((environment) => passwordIn(sovereign, environment)),
    );
    assert.ok(first && second && first.length > 10);
    assert.notEqual(first, second, 'the secret was made anew');
  });
});

/** The database password that WordPress got in an Environment, as its container has it. */
async function passwordIn({ dataDirectory }: Sovereign, environment: string): Promise<string> {
  const settings = JSON.parse(readFileSync(join(dataDirectory, 'settings.json'), 'utf8')) as {
    sovereignId: string;
  };
  const containers = await containersOf(settings.sovereignId);
  const own = containers.find(
    ({ name, application, container, state }) =>
      name.includes(environment) && application === 'blog' && container !== '' && state === 'running',
  );
  const { stdout } = await promisify(execFile)('podman', [
    'inspect',
    '--format',
    '{{range .Config.Env}}{{println .}}{{end}}',
    own?.id ?? '',
  ]);
  return /^WORDPRESS_DB_PASSWORD=(.*)$/m.exec(stdout)?.[1] ?? '';
}

function textOf(word: string): string {
  return JSON.stringify(webApp(word));
}
