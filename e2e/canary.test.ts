import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { ChangeList } from '@catalyst/model/api/history.ts';
import { admin, type Client } from './kit/client.ts';
import { containersOf } from './kit/engine.ts';
import { type OpenStream, openStream } from './kit/event-stream.ts';
import { findInFiles, findInText, processesWith } from './kit/find-text.ts';
import { clone, commitAndPush } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { invite, type Person } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, readData, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-dev';
/** Not secret at all: what finds this one would find a secret. */
const marker = 'marker-4711-not-a-secret';

describe('secrets are where they are used, and nowhere else', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  let stream: OpenStream;
  let person: Person;
  let id: string;
  let work = '';
  const secrets: Record<string, string> = {};
  const wanted = () => ({ ...secrets, marker });
  const leaks = (found: readonly string[]) => found.filter((line) => !line.startsWith('marker in '));

  before(async () => {
    ensureImages('busybox', 'mariadb', 'wordpress');
    sovereign = await createSovereign({ environment: { CATALYST_LOG_LEVEL: 'debug' } });
    await sovereign.up();
    secrets['set-up token'] = sovereign.setupToken();
    client = await setUpAndSignIn(sovereign);
    secrets['access token'] = client.token;
    secrets['password'] = admin.password;
    id = (JSON.parse(readData(sovereign, 'settings.json')) as { sovereignId: string }).sovereignId;
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
    stream = await openStream(sovereign.port, environment, client.token);
    person = await invite(sovereign, client, 'acme', 'vera', { role: 'org-viewer' });
    secrets["member's token"] = person.client.token;
    secrets["member's password"] = person.password;
    secrets['session'] = await person.signIn();
    await installAll();
    await useThem();
  });
  after(async () => {
    stream?.close();
    if (work !== '') rmSync(join(work, '..'), { recursive: true, force: true });
    await sovereign.destroy();
  });

  async function installAll(): Promise<void> {
    const install = (application: string, blueprint: string, more: object) =>
      client.change(environment, { action: 'install', application, blueprint, values: {}, ...more });
    await install('hello', 'bp-web-app', {
      values: webApp(marker, { secrets: [{ name: 'API_KEY', length: 40 }, { name: 'SALT' }] }),
    });
    await install('blog', 'bp-wordpress', {
      values: { image: testImage('wordpress') },
      dependencies: { db: { use: 'new', values: { image: testImage('mariadb') } } },
    });
    for (const name of ['hello', 'blog'])
      await client.waitFor(environment, name, (view) => view.state === 'Running', 120_000);
  }

  /** What may put a secret where it does not belong: pushes, refusals, restarts, failed sign-ins. */
  async function useThem(): Promise<void> {
    work = clone(sovereign, client.token, 'acme/hello', 'develop');
    const file = join(work, 'overlays/dev/values.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, 'port: nonsense\n');
    assert.notEqual(commitAndPush(work, 'Break it').status, 0);
    writeFileSync(file, `${text}\n`);
    assert.equal(commitAndPush(work, `Say ${marker}`).status, 0);
    const restarted = await client.change(environment, { action: 'restart', application: 'hello' });
    const path = `/v1/environments/${environment}/plans`;
    assert.equal(
      (await person.client.call('POST', path, { action: 'restart', application: 'hello' })).status,
      403,
    );
    for (const body of [
      { token: secrets['set-up token'], ...admin },
      { token: 'x', password: admin.password },
    ]) {
      const response = await fetchLocal(sovereign.port, 'localhost', '/v1/setup', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: sovereign.url },
        body: JSON.stringify(body),
      });
      assert.ok(response.status >= 400);
      assert.deepEqual(leaks(findInText('the refusal', response.body, wanted())), []);
    }
    // The Pod that the restart replaces is still there for a while, and goes in the middle of a look.
    await client.waitFor(
      environment,
      'hello',
      ({ state, revision, instances }) =>
        state === 'Running' && revision === restarted.commits[0]?.revision && instances.length === 1,
    );
  }

  it('has generated values that containers see in their environment', async () => {
    for (const { id: container, application, container: name, state } of await containersOf(id)) {
      if (state !== 'running' || name === '') continue;
      const text = execFileSync('podman', ['exec', container, 'env'], {
        encoding: 'utf8',
      });
      for (const line of text.split('\n')) {
        const [variable = '', value = ''] = line.split(/=(.*)/s);
        if (/PASSWORD|API_KEY|SALT|SECRET|_KEY$/.test(variable) && value.length >= 8)
          secrets[`${application} ${variable}`] = value;
      }
    }
    assert.equal(secrets['hello API_KEY']?.length, 40);
    assert.ok(secrets['hello SALT']);
    assert.ok(
      Object.keys(secrets).some((name) => name.startsWith('blog ')),
      `WordPress has its database password: ${Object.keys(secrets).join(', ')}`,
    );
  });

  it('not in the data folder: store, database, stream, logs, renders', () => {
    const found = readdirSync(sovereign.dataDirectory)
      .filter((name) => name !== 'volumes')
      .flatMap((name) => findInFiles(join(sovereign.dataDirectory, name), wanted()));
    assert.deepEqual(leaks(found), []);
    for (const place of ['/nats/', '/database.sqlite'])
      assert.ok(
        found.some((line) => line.startsWith('marker in ') && line.includes(place)),
        `the search can see into ${place}: ${found.join(', ')}`,
      );
  });

  it('not in compressed files of the data folder', () => {
    const archives = execFileSync('find', [sovereign.dataDirectory, '-name', '*gz', '-type', 'f'], {
      encoding: 'utf8',
    });
    const found = archives
      .split('\n')
      .filter((path) => path !== '' && !path.includes('/volumes/'))
      .flatMap((path) => findInText(path, gunzipSync(readFileSync(path)).toString('latin1'), wanted()));
    assert.deepEqual(leaks(found), []);
  });

  it('not in Git, in whatever object', () => {
    const repositories = execFileSync(
      'find',
      [join(sovereign.dataDirectory, 'repositories'), '-name', '*.git'],
      {
        encoding: 'utf8',
      },
    );
    const found = repositories
      .split('\n')
      .filter(Boolean)
      .flatMap((path) => {
        const objects = execFileSync(
          'git',
          ['--git-dir', path, 'cat-file', '--batch-all-objects', '--batch'],
          {
            encoding: 'latin1',
            maxBuffer: 256 * 1024 ** 2,
          },
        );
        return findInText(path, objects, wanted());
      });
    assert.deepEqual(leaks(found), []);
    assert.ok(
      found.some((line) => line.endsWith('acme/hello.git')),
      'the search can see into objects',
    );
  });

  it('not in what Catalyst prints, at the finest log level', () => {
    const { 'set-up token': _printedOnce, ...others } = secrets;
    assert.deepEqual(leaks(findInText('output', sovereign.output(), others)), []);
    assert.equal(sovereign.output().split(secrets['set-up token'] ?? '?').length - 1, 1, 'printed once');
  });

  async function podOf(application: string): Promise<string> {
    const [pod] = (await client.application(environment, application)).instances;
    return `?pod=${pod?.name}&container=${pod?.containers.find((container) => !container.init)?.name}`;
  }

  /** The latest change of each came by a plan. */
  async function latestOf(application: string): Promise<string> {
    const { items } = await client.json<ChangeList>(
      'GET',
      `/v1/environments/${environment}/applications/${application}/history?limit=1`,
    );
    return items[0]?.revision ?? '';
  }

  it('not in any answer of the API', async () => {
    const { paths } = await client.json<{ paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/v1/openapi.json',
    );
    const found: string[] = [];
    let asked = 0;
    for (const path of Object.keys(paths).filter((candidate) => paths[candidate]?.['get'])) {
      if (path.endsWith('/events')) continue;
      for (const application of path.includes('{application}') ? ['hello', 'blog', 'blog-db'] : ['']) {
        const revision = application === '' ? '' : await latestOf(application);
        const url = path
          .replace('{organization}', 'acme')
          .replace('{environment}', environment)
          .replace('{application}', application)
          .replace('{name}', 'bp-web-app')
          .replace('{user}', person.id)
          .replace('{revision}', revision)
          .replace('{number}', '1')
          .replace('{webhook}', 'none')
          .replace('{blueprint}', 'bp-web-app')
          .replace('{proposal}', 'none')
          .replace('{id}', 'none')
          .concat(path.endsWith('/blast-radius') ? '?version=1.0.0' : '')
          .concat(path.endsWith('/compare') ? `?from=${revision}&to=${revision}` : '')
          .concat(path.endsWith('/logs') ? await podOf(application) : '');
        const response = await client.call('GET', url);
        // There are no pull requests, webhooks, proposals and verdicts; what is said of that must leak nothing either.
        const wantedStatus = /\{(number|webhook|proposal|id)\}/.test(path) ? 404 : 200;
        assert.equal(response.status, wantedStatus, `${url}: ${response.body.slice(0, 300)}`);
        asked += 1;
        found.push(...findInText(url, response.body, wanted()));
      }
    }
    assert.ok(asked > 20);
    assert.deepEqual(leaks(found), []);
    assert.ok(found.includes(`marker in /v1/environments/${environment}/applications/hello`));
    assert.ok(found.includes(`marker in /v1/environments/${environment}/applications/hello/manifests`));
  });

  it('not on the event stream', () => {
    assert.match(stream.text(), /"state":"Running"/);
    assert.deepEqual(leaks(findInText('stream', stream.text(), wanted())), []);
  });

  it('not in a plan, nor in a page for people', async () => {
    const plan = await client.plan(environment, { action: 'uninstall', application: 'hello' });
    const page = await fetchLocal(sovereign.port, 'nobody.acme-dev.localhost', '/');
    assert.deepEqual(leaks(findInText('plan', JSON.stringify(plan) + page.body, wanted())), []);
  });

  it('not in the command line or environment of any process outside the containers', () => {
    const ours = readlinkSync('/proc/self/ns/mnt');
    const outside = (pid: number) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/mnt`) === ours;
      } catch {
        return false;
      }
    };
    const found = Object.entries(secrets).flatMap(([name, value]) =>
      processesWith(value)
        .filter((seen) => seen.commandLine.includes(value) || outside(seen.pid))
        .map((seen) => `${name} in process ${seen.pid}: ${seen.commandLine.slice(0, 80)}`),
    );
    assert.deepEqual(found, []);
    assert.ok(processesWith(sovereign.dataDirectory).length > 0, 'the search sees processes');
  });

  it('not in labels, commands or other settings of containers, only in their environment', async () => {
    let inspected: { Name: string; Config: { Env?: string[] } }[] = [];
    // A finished Job's or a replaced Pod's container may go between the list and the look.
    await until('every listed container can be inspected', async () => {
      const containers = await containersOf(id);
      const seen = spawnSync('podman', ['inspect', ...containers.map((container) => container.id)], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 ** 2,
      });
      if (seen.status !== 0) return false;
      inspected = JSON.parse(seen.stdout);
      return true;
    });
    const found = inspected.flatMap(({ Config, ...rest }) => {
      const { Env: _allowed, ...config } = Config;
      return findInText(`container ${rest.Name}`, JSON.stringify({ rest, config }), secrets);
    });
    assert.deepEqual(found, []);
    assert.ok(
      inspected.some(({ Config }) =>
        JSON.stringify(Config.Env ?? []).includes(secrets['hello API_KEY'] ?? '?'),
      ),
    );
  });
});
