import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from './kit/client.ts';
import { type OpenStream, openStream } from './kit/event-stream.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { createToken, setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type LocalResponse, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

/** What differs from answer to answer and tells nothing. */
const passing = new Set([
  'date',
  'x-request-id',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'content-length',
]);

/** An answer as a stranger could compare it, with the name that was asked for taken out. */
function seen(response: LocalResponse, ...names: readonly string[]): unknown {
  const plain = (text: string) => names.reduce((left, name) => left.replaceAll(name, '<name>'), text);
  const headers = Object.entries(response.headers)
    .filter(([name]) => !passing.has(name))
    .map(([name, value]) => `${name}: ${plain(String(value))}`)
    .sort();
  return { status: response.status, headers, body: plain(response.body) };
}

describe('two Organizations on one Sovereign', { timeout: 240_000 }, () => {
  let sovereign: Sovereign;
  let root: Client;
  let admin: Person;
  let limited: Person;
  let viewer: Person;
  const folders: string[] = [];

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    root = await setUpAndSignIn(sovereign);
    for (const name of ['acme', 'bravo'])
      await root.json('POST', '/v1/organizations', { name, environments: ['dev', 'prod'] });
    await install('acme-dev', 'hello', 'bp-web-app', webApp('acme'));
    await install('acme-dev', 'second', 'bp-web-app', webApp('second', { replicas: 0 }));
    await install('bravo-dev', 'secretive', 'bp-web-app', webApp('bravo'));
    await install('bravo-dev', 'ledger', 'bp-mariadb', { image: testImage('busybox') });
    [admin, limited, viewer] = await Promise.all([
      invite(sovereign, root, 'acme', 'amira', { role: 'org-admin' }),
      invite(sovereign, root, 'acme', 'dana', { role: 'org-developer', environments: ['acme-dev'] }),
      invite(sovereign, root, 'acme', 'vera', { role: 'org-viewer' }),
    ]);
    await root.waitFor('bravo-dev', 'secretive', (view) => view.state === 'Running');
  });
  after(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await sovereign.destroy();
  });

  const install = (environment: string, application: string, blueprint: string, values: object) =>
    root.change(environment, {
      action: 'install',
      application,
      blueprint,
      values: values as Record<string, unknown>,
    });
  const workTree = (token: string, repository: string, branch: string) => {
    const folder = clone(sovereign, token, repository, branch);
    folders.push(join(folder, '..'));
    return folder;
  };
  const headOf = (repository: string, branch: string) =>
    git(workTree(root.token, repository, branch), 'rev-parse', 'HEAD').output.trim();

  describe('the API', () => {
    const configure = { action: 'configure', application: 'secretive', paused: true };
    const requests = (organization: string): readonly (readonly [string, string, unknown?])[] => {
      const of = `/v1/organizations/${organization}`;
      const dev = `/v1/environments/${organization}-dev`;
      return [
        ['GET', of],
        ['GET', `${of}/deletion`],
        ['DELETE', `${of}?confirm=${organization}`],
        ['GET', `${of}/members`],
        ['POST', `${of}/members`, { name: 'Eve', email: 'eve@example.net', role: 'org-admin' }],
        ['PATCH', `${of}/members/${admin.id}`, { role: 'org-admin' }],
        ['DELETE', `${of}/members/${admin.id}`],
        ['GET', `${of}/environments`],
        ['POST', `${of}/environments`, { envType: 'stg' }],
        ['GET', `${of}/environments/${organization}-dev`],
        ['GET', `${of}/environments/${organization}-dev/deletion`],
        ['DELETE', `${of}/environments/${organization}-dev?confirm=${organization}-dev`],
        ['GET', `/v1/organizations/acme/environments/${organization}-dev`],
        ['DELETE', `/v1/organizations/acme/environments/${organization}-dev?confirm=${organization}-dev`],
        ['GET', `${dev}/applications`],
        ['GET', `${dev}/applications/secretive`],
        ['GET', `${dev}/applications/secretive/history`],
        ['GET', `${dev}/applications/secretive/manifests`],
        ['GET', `${dev}/applications/secretive/logs`],
        ['GET', `${dev}/volumes`],
        ['DELETE', `${dev}/volumes/ledger/data`],
        ['GET', `${dev}/events`],
        ['POST', `${dev}/plans`, configure],
        ['POST', `${dev}/plans`, { nonsense: true }],
        ['POST', `${dev}/plans/01ARZ3NDEKTSV4RRFFQ69G5FAV/apply`],
        ['GET', `/v1/applications?organization=${organization}`],
      ];
    };

    it('answers a member of one about the other as about what does not exist', async () => {
      const ghost = requests('ghost');
      for (const [at, [method, path, body]] of requests('bravo').entries()) {
        const [, ghostPath = ''] = ghost[at] ?? [];
        const there = await admin.client.call(method, path, body);
        const nowhere = await admin.client.call(method, ghostPath, body);
        assert.deepEqual(seen(there, 'bravo'), seen(nowhere, 'ghost'), `${method} ${path}`);
        assert.ok(there.status === 404 || there.status === 200, `${method} ${path}: ${there.status}`);
        if (there.status === 200) assert.equal(there.body, '{"items":[]}');
      }
    });

    it('answers somebody without a token about neither', async () => {
      const ghost = requests('ghost');
      for (const [at, [method, path]] of requests('bravo').entries()) {
        const ask = (target: string) => fetchLocal(sovereign.port, 'localhost', target, { method });
        const [there, nowhere] = [await ask(path), await ask(ghost[at]?.[1] ?? '')];
        assert.deepEqual(seen(there, 'bravo'), seen(nowhere, 'ghost'), `${method} ${path}`);
        assert.ok([401, 403].includes(there.status), `${method} ${path}: ${there.status}`);
      }
    });

    it('lists nothing of the other', async () => {
      for (const path of [
        '/v1/organizations',
        '/v1/applications',
        '/v1/me',
        '/v1/sovereign',
        '/v1/blueprints',
      ]) {
        const { status, body } = await admin.client.call('GET', path);
        assert.equal(status, 200, path);
        for (const word of ['bravo', 'secretive', 'ledger'])
          assert.ok(!body.includes(word), `${path}: ${body}`);
      }
    });

    it("does not bind to the other's Application, nor says that there is one", async () => {
      const plan = (application: string) =>
        admin.client.json<{ id: string; problems: unknown[]; choices: unknown[] }>(
          'POST',
          '/v1/environments/acme-dev/plans',
          {
            action: 'install',
            application: 'blog',
            blueprint: 'bp-wordpress',
            values: { image: testImage('busybox') },
            dependencies: { db: { use: 'existing', application } },
          },
        );
      const [there, nowhere] = [await plan('ledger'), await plan('nodger')];
      const plain = (value: unknown, name: string) => JSON.stringify(value).replaceAll(name, '<name>');
      assert.ok(there.problems.length > 0);
      assert.equal(plain(there.problems, 'ledger'), plain(nowhere.problems, 'nodger'));
      assert.equal(plain(there.choices, 'ledger'), plain(nowhere.choices, 'nodger'));
    });

    it('gives a plan to nobody but who made it', async () => {
      const plan = await root.plan('acme-dev', { action: 'restart', application: 'hello' });
      const path = (id: string) => `/v1/environments/acme-dev/plans/${id}/apply`;
      const there = await admin.client.call('POST', path(plan.id));
      const nowhere = await admin.client.call('POST', path('01ARZ3NDEKTSV4RRFFQ69G5FAV'));
      assert.deepEqual(seen(there), seen(nowhere));
      assert.equal(there.status, 404);
    });
  });

  describe('Git', () => {
    const ask = (token: string, repository: string, service: string) =>
      fetchLocal(sovereign.port, 'localhost', `/git/${repository}.git/info/refs?service=${service}`, {
        headers: { authorization: `Basic ${Buffer.from(`me:${token}`).toString('base64')}` },
      });

    it('tells a member of one nothing of the repositories of the other, and of none of the system', async () => {
      for (const service of ['git-upload-pack', 'git-receive-pack']) {
        const nowhere = seen(await ask(admin.client.token, 'ghost/none', service));
        for (const repository of [
          'bravo/secretive',
          'bravo/none',
          'acme/none',
          'system/catalyst-config',
          'acme/..%2fbravo%2fsecretive',
        ])
          assert.deepEqual(
            seen(await ask(admin.client.token, repository, service)),
            nowhere,
            `${service} ${repository}`,
          );
        for (const repository of ['bravo/secretive', 'ghost/none', 'system/catalyst-config'])
          assert.deepEqual(
            seen(await ask('cat_nonsense', repository, service)),
            seen(await ask('cat_nonsense', 'acme/hello', service)),
          );
      }
      const folder = mkdtempSync(join(tmpdir(), 'catalyst-clone-'));
      folders.push(folder);
      const url = (repository: string) =>
        `http://me:${admin.client.token}@localhost:${sovereign.port}/git/${repository}.git`;
      const there = git(folder, 'clone', url('bravo/secretive'), 'x');
      const nowhere = git(folder, 'clone', url('bravo/none'), 'x');
      assert.notEqual(there.status, 0);
      assert.equal(
        there.output.replaceAll('secretive', '<name>'),
        nowhere.output.replaceAll('none', '<name>'),
      );
    });

    it('also not to who asks the service at once, without asking for the refs before', async () => {
      for (const service of ['git-upload-pack', 'git-receive-pack']) {
        const post = (repository: string) =>
          fetchLocal(sovereign.port, 'localhost', `/git/${repository}.git/${service}`, {
            method: 'POST',
            headers: {
              authorization: `Basic ${Buffer.from(`me:${admin.client.token}`).toString('base64')}`,
              'content-type': `application/x-${service}-request`,
            },
            body: '0000',
          });
        const there = await post('bravo/secretive');
        assert.deepEqual(seen(there), seen(await post('ghost/none')));
        assert.equal(there.status, 404);
      }
    });

    it("refuses hosts of another Organization's Environment and of another Application", async () => {
      const work = workTree(admin.client.token, 'acme/second', 'develop');
      const file = join(work, 'overlays/dev/application.yaml');
      const text = readFileSync(file, 'utf8');
      for (const host of [
        'secretive.bravo-dev.localhost',
        'nobody.bravo-dev.localhost',
        'hello.acme-dev.localhost',
        'console.localhost',
        'localhost',
      ]) {
        writeFileSync(file, text.replace(/second\.acme-dev\.localhost/g, host));
        const pushed = commitAndPush(work, `Take ${host}`);
        assert.notEqual(pushed.status, 0, host);
        assert.match(pushed.output, /remote:.*application\.yaml|remote:.*spec\.hosts/, pushed.output);
        git(work, 'reset', '--quiet', '--hard', 'origin/develop');
      }
      const page = await fetchLocal(sovereign.port, 'secretive.bravo-dev.localhost', '/');
      assert.equal(page.body.trim(), 'bravo');
    });

    it('lets a developer who is limited to one Environment change that one only', async () => {
      const work = workTree(limited.client.token, 'acme/hello', 'develop');
      writeFileSync(
        join(work, 'overlays/dev/values.yaml'),
        'environment: [{ name: GREETING, value: dana }]\n',
      );
      const own = commitAndPush(work, 'Say dana');
      assert.equal(own.status, 0, own.output);
      for (const branch of ['main', 'staging']) {
        const before_ = headOf('acme/hello', branch);
        git(work, 'checkout', '--quiet', branch);
        writeFileSync(join(work, 'README.md'), 'Mine now.\n');
        const foreign = commitAndPush(work, 'Into another Environment');
        assert.notEqual(foreign.status, 0, foreign.output);
        assert.match(foreign.output, /remote:.*org-developer/);
        assert.equal(headOf('acme/hello', branch), before_);
      }
      const both = git(work, 'push', 'origin', 'main', 'main:refs/heads/mine');
      assert.notEqual(both.status, 0, both.output);
      assert.equal(
        git(work, 'ls-remote', 'origin', 'refs/heads/mine').output,
        '',
        'all refs of a push or none',
      );
      const prod = { action: 'install', application: 'other', blueprint: 'bp-web-app', values: webApp('x') };
      const denied = await limited.client.call('POST', '/v1/environments/acme-prod/plans', prod);
      assert.ok([403, 404].includes(denied.status), denied.body);
      const plan = await limited.client.call('POST', '/v1/environments/acme-dev/plans', {
        action: 'restart',
        application: 'hello',
      });
      assert.equal(plan.status, 201, plan.body);
      const { commits } = await limited.client.change('acme-dev', {
        action: 'install',
        application: 'danas',
        blueprint: 'bp-web-app',
        values: webApp('danas', { replicas: 0 }),
      });
      assert.equal(commits.length, 1, 'a new repository has branches of other Environments too');
    });

    it('lets a viewer, and a token that only reads, clone and not push', async () => {
      const readOnly = await createToken(sovereign, admin, true);
      for (const token of [viewer.client.token, readOnly]) {
        const work = workTree(token, 'acme/second', 'develop');
        writeFileSync(join(work, 'overlays/dev/values.yaml'), 'environment: []\n');
        const pushed = commitAndPush(work, 'Try');
        assert.notEqual(pushed.status, 0);
        assert.match(pushed.output, /403|may read|only reads/i);
        const plan = await fetchLocal(sovereign.port, 'localhost', '/v1/environments/acme-dev/plans', {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ action: 'restart', application: 'hello' }),
        });
        assert.equal(plan.status, 403, plan.body);
      }
    });
  });

  describe('a membership that ends', () => {
    let stream: OpenStream;

    it('ends every right at once, and an open stream within half a minute', async () => {
      stream = await openStream(sovereign.port, 'acme-dev', viewer.client.token);
      assert.equal(stream.status, 200);
      await until('the stream begins', () => stream.text().includes('event: snapshot'));
      assert.ok(!stream.text().includes('secretive'));
      const removedAt = Date.now();
      const removed = await admin.client.call('DELETE', `/v1/organizations/acme/members/${viewer.id}`);
      assert.equal(removed.status, 204, removed.body);

      const there = await viewer.client.call('GET', '/v1/environments/acme-dev/applications/hello');
      const nowhere = await viewer.client.call('GET', '/v1/environments/ghost-dev/applications/hello');
      assert.deepEqual(seen(there, 'acme'), seen(nowhere, 'ghost'));
      assert.throws(() => clone(sovereign, viewer.client.token, 'acme/hello', 'develop'));
      assert.equal((await openStream(sovereign.port, 'acme-dev', viewer.client.token)).status, 404);
      assert.equal((await viewer.client.call('GET', '/v1/organizations')).body, '{"items":[]}');

      await Promise.race([
        stream.ended,
        new Promise((_resolve, reject) => {
          setTimeout(() => reject(new Error('the stream goes on after 32 s')), 32_000).unref();
        }),
      ]);
      assert.ok(Date.now() - removedAt < 32_000);
    });

    it('leaves the others theirs', async () => {
      assert.equal(
        (await limited.client.call('GET', '/v1/environments/acme-dev/applications/hello')).status,
        200,
      );
    });

    it('a token that its owner deletes is dead at once, for the API and for Git', async () => {
      const session = await limited.signIn();
      const headers = { cookie: `catalyst_session=${session}`, origin: sovereign.url };
      const list = await fetchLocal(sovereign.port, 'localhost', '/v1/tokens', { headers });
      const { items } = JSON.parse(list.body) as { items: { id: string }[] };
      for (const { id } of items)
        await fetchLocal(sovereign.port, 'localhost', `/v1/tokens/${id}`, { method: 'DELETE', headers });
      assert.equal((await limited.client.call('GET', '/v1/me')).status, 401);
      assert.throws(
        () => clone(sovereign, limited.client.token, 'acme/hello', 'develop'),
        /401|Authentication/i,
      );
    });
  });
});
