import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PolicyProposalView } from '@catalyst/model/api/policies.ts';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import { admin as boss, type Client } from './kit/client.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { createCheckClient, setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-prod';
const policy = { rules: [{ kind: 'pr-required', approvers: ['security'], minApprovals: 2 }] };

/** Changes the greeting of the Application in a work tree. */
function say(work: string, word: string): void {
  const text = `environment:\n  - name: GREETING\n    value: ${word}\n`;
  writeFileSync(join(work, 'overlays/prod/values.yaml'), text);
}

describe('a protected Environment, by API and Git', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let admin: Client;
  let omar: Person;
  let ada: Person;
  let ben: Person;
  let viewer: Person;

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    admin = await setUpAndSignIn(sovereign);
    await admin.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    await admin.json('POST', '/v1/organizations', { name: 'globex', environments: ['prod'] });
    omar = await invite(sovereign, admin, 'acme', 'omar', { role: 'org-developer' });
    ada = await invite(sovereign, admin, 'acme', 'ada', { role: 'org-developer' });
    ben = await invite(sovereign, admin, 'acme', 'ben', { role: 'org-developer' });
    viewer = await invite(sovereign, admin, 'acme', 'vera', { role: 'org-viewer' });
    await admin.json('PUT', '/v1/organizations/acme/teams/security', { members: [ada.id, ben.id] });
  });
  after(async () => sovereign.destroy());

  const path = (pullRequest: Pick<PullRequestSummary, 'application' | 'number'>, more = '') =>
    `/v1/organizations/acme/pull-requests/${pullRequest.application}/${pullRequest.number}${more}`;
  const detail = (of: PullRequestSummary, by = omar) => by.client.json<PullRequestDetail>('GET', path(of));
  const approve = (by: Person, of: PullRequestSummary, revision = of.head) =>
    by.client.call('POST', path(of, '/reviews'), { verdict: 'approve', revision });
  const merge = (by: Person, of: PullRequestSummary, expectedHead = of.head) =>
    by.client.call('POST', path(of, '/merge'), { expectedHead });
  const served = async () =>
    (await fetchLocal(sovereign.port, `shop.${environment}.localhost`, '/')).body.trim();
  const openOnes = async () =>
    (
      await omar.client.json<{ items: PullRequestSummary[] }>(
        'GET',
        '/v1/organizations/acme/pull-requests?state=open&application=shop',
      )
    ).items;

  it('is protected by a policy that is a commit with a reason', async () => {
    const unreal = { rules: [{ kind: 'pr-required', approvers: ['nobody'], minApprovals: 1 }] };
    const url = `/v1/environments/${environment}/policy`;
    const refused = await admin.call('PUT', url, { spec: unreal, reason: 'x' });
    assert.equal(refused.status, 422);
    assert.match(refused.body, /neither a team nor a member/);
    assert.equal((await omar.client.call('PUT', url, { spec: policy, reason: 'x' })).status, 403);
    await admin.json('PUT', url, { spec: policy, reason: 'Customers depend on it.' });
    const view = await viewer.client.json<{ protected: boolean; policies: { sentences: string[] }[] }>(
      'GET',
      url,
    );
    assert.equal(view.protected, true);
    assert.match(view.policies[0]?.sentences[0] ?? '', /2 approvals from @acme\/security/);
    const work = clone(sovereign, admin.token, 'system/catalyst-config', 'main');
    assert.match(git(work, 'log', '-1', '--format=%B').output, /Protect acme-prod\n\nCustomers depend on it/);
  });

  it('is protected by a policy that one person alone cannot change, by API or by push', async () => {
    const url = `/v1/environments/${environment}/policy`;
    const weaker = { rules: [{ kind: 'pr-required', approvers: ['security'], minApprovals: 1 }] };
    for (const spec of [weaker, null]) {
      const refused = await admin.call('PUT', url, { spec, reason: 'x' });
      assert.equal(refused.status, 422);
      assert.equal((JSON.parse(refused.body) as { code: string }).code, 'ReviewNeeded');
    }
    const work = clone(sovereign, admin.token, 'system/catalyst-config', 'main');
    const file = join(work, 'policies/acme-prod-policy.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('minApprovals: 2', 'minApprovals: 1'));
    const pushed = commitAndPush(work, 'Weaken it');
    assert.notEqual(pushed.status, 0);
    assert.match(pushed.output, /remote:.*changed or removed only by a proposal that somebody else approves/);

    const propose = async (spec: object | null) =>
      (await admin.json<PolicyProposalView>('POST', `${url}/proposals`, { spec, reason: 'For a while.' })).id;
    const decide = (by: Client, id: string, what: string) =>
      by.call('POST', `${url}/proposals/${id}/${what}`, {});
    assert.equal((await admin.call('POST', `${url}/proposals`, { spec: policy, reason: 'x' })).status, 422);
    const [id, late] = [await propose(weaker), await propose(null)];
    assert.equal((await decide(admin, id, 'approve')).status, 403);
    assert.equal((await decide(omar.client, id, 'approve')).status, 403);
    assert.equal((await decide(viewer.client, id, 'approve')).status, 403);
    assert.equal((await decide(omar.client, id, 'withdraw')).status, 403);
    // The present policy names her team.
    const done = await decide(ada.client, id, 'approve');
    assert.equal(done.status, 200, done.body);
    const stale = await decide(ada.client, late, 'approve');
    assert.equal((JSON.parse(stale.body) as { code: string }).code, 'Stale');
    assert.equal((await decide(admin, late, 'withdraw')).status, 200);
    const after = clone(sovereign, admin.token, 'system/catalyst-config', 'main');
    assert.match(
      git(after, 'log', '-1', '--format=%an%n%(trailers)').output,
      new RegExp(`Policy-Proposal: ${id}\nProposed-by: .*\nApproved-by: ada `),
    );
    const back = await decide(ada.client, await propose(policy), 'approve');
    assert.equal(back.status, 200, back.body);
  });

  it('takes its first Application by a pull request: apply is refused, propose is the way', async () => {
    const plan = await omar.client.plan(environment, {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web-app',
      values: webApp('one'),
    });
    assert.deepEqual(plan.problems, []);
    assert.equal(plan.policy?.protected, true);
    const plans = `/v1/environments/${environment}/plans/${plan.id}`;
    const refused = await omar.client.call('POST', `${plans}/apply`);
    assert.equal((JSON.parse(refused.body) as { code: string }).code, 'Protected');
    assert.match(refused.body, /[Pp]ropose/);
    const proposed = await omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `${plans}/propose`,
      {
        description: 'Our shop.',
      },
    );
    const again = await omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `${plans}/propose`,
      {},
    );
    assert.deepEqual(
      again.pullRequests.map(({ number }) => number),
      [1],
    );
    const [first] = proposed.pullRequests;
    assert.ok(first);
    const shown = await detail(first);
    assert.deepEqual(shown.plan?.problems, []);
    assert.ok(shown.plan?.application?.objects.some(({ kind }) => kind === 'Deployment'));
    assert.equal(shown.mergeable, false);
    assert.match(shown.why, /2 more approvals from @acme\/security/);
    assert.equal((await approve(omar, first)).status, 403);
    assert.equal((await approve(viewer, first)).status, 403);
    assert.equal((await merge(omar, first)).status, 422);
    assert.equal((await approve(ada, first)).status, 200);
    assert.equal((await approve(ben, first)).status, 200);
    const merged = await merge(omar, first);
    assert.equal(merged.status, 200, merged.body);
    await omar.client.waitFor(environment, 'shop', ({ state }) => state === 'Running');
    assert.equal(await served(), 'one');
  });

  it('refuses a push on the terminal with what to do instead, and the push option does it', async () => {
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    say(work, 'two');
    const pushed = commitAndPush(work, 'Say two');
    assert.notEqual(pushed.status, 0);
    assert.match(pushed.output, /remote:.*acme-prod is protected/);
    assert.match(pushed.output, /git push -o pull-request origin HEAD:main/);
    assert.match(pushed.output, /git push origin HEAD:refs\/heads\/<topic>/);
    const opened = git(work, 'push', '-o', 'pull-request=Say two', 'origin', 'HEAD:main');
    assert.equal(opened.status, 0, opened.output);
    assert.match(opened.output, /refs\/pull\/2\/head/);
    assert.match(opened.output, /remote:.*\/organizations\/acme\/pull-requests\/shop\/2/);
    assert.match(opened.output, /remote:.*change (?:ConfigMap|Deployment)/);
    assert.match(opened.output, /remote:.*2 more approvals from @acme\/security/);
    const [second] = await openOnes();
    assert.ok(second);
    assert.equal(second.title, 'Say two');
    assert.equal(git(work, 'fetch', '--quiet', 'origin', 'refs/pull/2/head').status, 0);
    assert.equal(git(work, 'rev-parse', 'FETCH_HEAD').output.trim(), second.head);
    const shown = await detail(second);
    assert.ok(shown.plan?.application?.objects.some(({ change }) => change === 'change'));
    assert.equal(shown.commits[0]?.pusher, 'omar');
    assert.deepEqual(shown.owners, ['@acme/org-admins']);
    assert.equal(await served(), 'one');
  });

  it('lets approvals fall when the content changes, and merges what two people approved', async () => {
    const [second] = await openOnes();
    assert.ok(second);
    assert.equal((await approve(ada, second)).status, 200);
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    git(work, 'fetch', '--quiet', 'origin', 'refs/pull/2/head');
    git(work, 'checkout', '--quiet', '-B', 'main', 'FETCH_HEAD');
    say(work, 'three');
    git(work, 'commit', '--quiet', '-am', 'Say three');
    const updated = git(work, 'push', '-o', 'pull-request', 'origin', 'HEAD:main');
    assert.equal(updated.status, 0, updated.output);
    assert.match(updated.output, /Pull request #2 is updated/);
    const moved = await detail(second);
    assert.notEqual(moved.head, second.head);
    assert.deepEqual(
      moved.reviews.map(({ stale }) => stale),
      [true],
    );
    assert.match(moved.why, /fell when the content changed/);
    assert.equal((await approve(ben, second)).status, 409);
    const named = { verdict: 'approve', revision: moved.head, content: second.content };
    const other = await ben.client.call('POST', path(moved, '/reviews'), named);
    assert.equal(other.status, 409, 'where a content is named, it is that one');
    assert.equal((await merge(omar, second)).status, 409);
    assert.equal((await approve(ben, moved)).status, 200);
    assert.equal((await merge(omar, moved)).status, 422);
    assert.equal((await approve(ada, moved)).status, 200);
    const merged = await merge(omar, moved);
    assert.equal(merged.status, 200, merged.body);
    await omar.client.waitFor(
      environment,
      'shop',
      ({ state, lastChange }) =>
        state === 'Running' && lastChange?.message.startsWith('Say two (#2)') === true,
    );
    assert.equal(await served(), 'three');
    git(work, 'pull', '--quiet', 'origin', 'main');
    assert.match(git(work, 'log', '-1', '--format=%P %s').output, /^\w{40} \w{40} Say two \(#2\)/);
  });

  it('goes on after a crash with what was proposed and approved', async () => {
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    git(work, 'checkout', '--quiet', '-b', 'four');
    say(work, 'four');
    git(work, 'commit', '--quiet', '-am', 'Say four');
    assert.equal(git(work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/four').status, 0);
    const opened = await omar.client.json<PullRequestSummary>(
      'POST',
      '/v1/organizations/acme/pull-requests',
      {
        application: 'shop',
        source: 'four',
        destination: 'main',
        title: 'Say four',
      },
    );
    await approve(ada, opened);
    await approve(ben, opened);
    await omar.client.json('POST', path(opened, '/comments'), { text: 'Ready.' });
    const outside = await createCheckClient(sovereign, boss, { organization: 'acme', names: ['scan'] });
    await outside.json('PUT', path(opened, '/checks/scan'), { revision: opened.head, status: 'success' });
    await sovereign.kill();
    await sovereign.up();
    const shown = await detail(opened);
    assert.equal(shown.mergeable, true, shown.why);
    assert.equal(shown.comments[0]?.text, 'Ready.');
    assert.equal(shown.checks[0]?.status, 'success');
    const merges = await Promise.all([merge(omar, opened), merge(ada, opened), merge(ben, opened)]);
    assert.deepEqual(merges.map(({ status }) => status).sort(), [200, 409, 409]);
    await omar.client.waitFor(environment, 'shop', ({ state }) => state === 'Running');
  });

  it('goes back without a review, is held then, and takes changes again once released', async () => {
    const history = await omar.client.json<{ items: { revision: string }[] }>(
      'GET',
      `/v1/environments/${environment}/applications/shop/history`,
    );
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    writeFileSync(join(work, 'base/notes.md'), 'A new word.\n');
    const open = async (title: string) => {
      git(work, 'add', '-A');
      git(work, 'commit', '--quiet', '-m', title);
      assert.equal(git(work, 'push', '-o', 'pull-request', 'origin', 'HEAD:main').status, 0);
      const [opened] = await openOnes();
      assert.ok(opened);
      await approve(ada, opened);
      await approve(ben, opened);
      return opened;
    };
    const noted = await merge(omar, await open('Add a note'));
    assert.equal(noted.status, 200, noted.body);
    const revision = history.items[0]?.revision ?? '';
    const reason = 'The note is wrong.';
    await omar.client.change(environment, { action: 'rollback', application: 'shop', revision, reason });
    git(work, 'pull', '--quiet', 'origin', 'main');
    assert.doesNotMatch(git(work, 'ls-files').output, /notes\.md/);
    writeFileSync(join(work, 'base/notes.md'), 'A better word.\n');
    const held = await open('Add a better note');
    const refused = await merge(omar, held);
    assert.equal((JSON.parse(refused.body) as { code: string }).code, 'Held');
    assert.match((await detail(held)).why, /held in acme-prod by omar.*The note is wrong/);
    const release = await omar.client.plan(environment, {
      action: 'release',
      application: 'shop',
      reason: 'Better now.',
    });
    const { pullRequests } = await omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `/v1/environments/${environment}/plans/${release.id}/propose`,
      {},
    );
    const [released] = pullRequests;
    assert.ok(released);
    await approve(ada, released);
    await approve(ben, released);
    assert.equal((await merge(omar, released)).status, 200);
    const late = await merge(omar, held);
    assert.equal(late.status, 200, late.body);
  });

  it('opens the gate of a check only for a token that an org-admin gave the right', async () => {
    const policy = '/v1/environments/acme-prod/policy';
    const kim = await invite(sovereign, admin, 'acme', 'kim', { role: 'org-admin' });
    const { id } = await kim.client.json<{ id: string }>('POST', `${policy}/proposals`, {
      spec: { rules: [{ kind: 'checks', names: ['ci/security-scan'] }] },
      reason: 'Scan what is merged.',
    });
    await admin.json('POST', `${policy}/proposals/${id}/approve`, {});
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    writeFileSync(join(work, 'base/scanned.md'), 'Scan me.\n');
    git(work, 'add', '-A');
    git(work, 'commit', '--quiet', '-m', 'Add what is scanned');
    const pushed = git(work, 'push', '-o', 'pull-request', 'origin', 'HEAD:main');
    assert.match(pushed.output, /ci\/security-scan has not reported on this head/);
    const [opened] = await openOnes();
    assert.ok(opened);
    const check = path(opened, `/checks/${encodeURIComponent('ci/security-scan')}`);
    const result = (status: string) => ({ revision: opened.head, status });
    const codeOf = ({ body }: { body: string }) => (JSON.parse(body) as { code?: string }).code;

    // Whoever it is: a token that writes is the right to nothing but what its owner can do.
    for (const { client } of [omar, ada, kim]) {
      const refused = await client.call('PUT', check, result('success'));
      assert.equal(refused.status, 403, refused.body);
      assert.match(refused.body, /an org-admin of acme \(or a sovereign-admin\) makes one/);
    }
    assert.equal(codeOf(await merge(omar, opened)), 'GateClosed');
    await assert.rejects(
      createCheckClient(sovereign, omar, { organization: 'acme', names: ['ci/security-scan'] }),
      /token: 403/,
    );

    const names = ['ci/security-scan'];
    const outside = await createCheckClient(sovereign, kim, { organization: 'acme', names });
    await outside.json('PUT', check, result('failure'));
    for (const { client } of [omar, kim])
      assert.equal((await client.call('PUT', check, result('success'))).status, 403);
    assert.equal((await outside.call('PUT', path(opened, '/checks/other'), result('success'))).status, 403);
    const elsewhere = path(opened, '/checks/other').replace('acme', 'globex');
    const nowhere = path(opened, '/checks/other').replace('acme', 'nowhere');
    const [theirs, none] = await Promise.all(
      [elsewhere, nowhere].map((url) => outside.call('PUT', url, result('success'))),
    );
    assert.deepEqual([theirs?.status, theirs?.body], [404, none?.body]);
    assert.equal(codeOf(await merge(omar, opened)), 'GateClosed');

    // It can do nothing else that writes.
    const verdict = { verdict: 'approve', revision: opened.head };
    assert.equal((await outside.call('POST', path(opened, '/reviews'), verdict)).status, 403);
    const pushedByIt = git(
      clone(sovereign, outside.token, 'acme/shop', 'main'),
      ...['push', '--quiet', 'origin', 'HEAD:refs/heads/by-the-outside'],
    );
    assert.notEqual(pushedByIt.status, 0);

    await outside.json('PUT', check, result('success'));
    await outside.revoke();
    assert.equal((await outside.call('PUT', check, result('failure'))).status, 401);
    const [posted] = (await detail(opened)).checks;
    assert.deepEqual([posted?.status, posted?.token, posted?.by], ['success', 'outside', 'kim']);
    const merged = await merge(omar, opened);
    assert.equal(merged.status, 200, merged.body);
  });

  it('shows nothing of it to another Organization', async () => {
    const eve = await invite(sovereign, admin, 'globex', 'eve', { role: 'org-admin' });
    for (const url of ['/v1/organizations/acme/pull-requests', path({ application: 'shop', number: 1 })]) {
      const theirs = await eve.client.call('GET', url);
      const nowhere = await eve.client.call('GET', url.replace('acme', 'nowhere'));
      assert.equal(theirs.status, 404);
      assert.equal(theirs.body, nowhere.body);
    }
  });
});
