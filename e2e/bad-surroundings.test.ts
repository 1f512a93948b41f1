import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ProblemDocument } from '@catalyst/model/api/problem-document.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { Client } from './kit/client.ts';
import { clone, commitAndPush } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import {
  createSovereign,
  fetchLocal,
  freePort,
  readData,
  runCatalyst,
  type Sovereign,
} from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-dev';

/** What both suites do to their Sovereign. */
function actions(sovereign: () => Sovereign, client: () => Client) {
  return {
    install: (application: string, values: JsonObject) =>
      client().change(environment, { action: 'install', application, blueprint: 'bp-web-app', values }),
    running: (name: string, timeoutMs?: number) =>
      client().waitFor(environment, name, (view) => view.state === 'Running', timeoutMs),
    serves: async (name: string) =>
      (await fetchLocal(sovereign().port, `${name}.${environment}.localhost`, '/')).body.trim(),
  };
}

describe('a machine that fails gets a clear state, and the rest goes on', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  const folders: string[] = [];
  const { install, running, serves } = actions(
    () => sovereign,
    () => client,
  );

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
    await install('hello', webApp('two'));
    await running('hello');
  });
  after(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await sovereign.destroy();
  });

  describe('an Application', () => {
    it('whose image is missing says so, and starts as soon as the image is there', async () => {
      const image = `localhost/catalyst-e2e-${process.pid}/missing:1`;
      await install('missing', webApp('found', { image }));
      const view = await client.waitFor(environment, 'missing', (seen) =>
        /image/i.test(seen.why?.message ?? ''),
      );
      assert.ok(['Failed', 'Installing', 'Waiting'].includes(view.state), view.state);
      assert.ok(view.why?.message.includes(image), view.why?.message);
      execFileSync('podman', ['tag', testImage('busybox'), image]);
      try {
        await running('missing', 60_000);
        assert.equal(await serves('missing'), 'found');
        await client.change(environment, { action: 'uninstall', application: 'missing' });
      } finally {
        execFileSync('podman', ['untag', testImage('busybox'), image]);
      }
    });

    it('whose new version never gets ready says why, and the old one serves on', async () => {
      const values = webApp('two', { probe: { path: '/never', startupSeconds: 5 } });
      await client.change(environment, { action: 'configure', application: 'hello', values });
      const view = await client.waitFor(environment, 'hello', (seen) =>
        /404|probe/i.test(seen.why?.message ?? ''),
      );
      assert.notEqual(view.state, 'Running');
      const from = Date.now();
      while (Date.now() - from < 8_000) assert.equal(await serves('hello'), 'two');
      const later = await client.application(environment, 'hello');
      assert.notEqual(later.state, 'Running');
      await client.change(environment, {
        action: 'configure',
        application: 'hello',
        values: webApp('three'),
      });
      await running('hello');
      assert.equal(await serves('hello'), 'three');
    });

    it('is installed although nats-server is killed meanwhile', async () => {
      const [, nats = 0] = sovereign.children();
      await install('durable', webApp('kept'));
      process.kill(nats, 'SIGKILL');
      await running('durable');
      assert.equal(await serves('durable'), 'kept');
      await until('it is ready', async () => (await client.call('GET', '/readyz')).status === 200);
    });
  });

  it('a container engine that goes away is said, and what runs is served; it comes back by itself', async () => {
    const { sovereignId } = JSON.parse(readData(sovereign, 'settings.json')) as { sovereignId: string };
    const pid = () => Number(readFileSync(`/run/catalyst-${sovereignId}/podman.pid`, 'utf8'));
    const engine = async () =>
      (await client.json<{ engine: { available: boolean; message: string } }>('GET', '/v1/me')).engine;
    const first = pid();
    process.kill(first, 'SIGSTOP');
    try {
      await until('it is said', async () => !(await engine()).available);
      assert.match((await engine()).message, /Podman|engine/);
      await client.waitFor(environment, 'hello', (view) => view.why?.reason === 'EngineUnavailable');
      assert.equal(await serves('hello'), 'three');
      await install('patient', webApp('waited'));
      const view = await client.waitFor(environment, 'patient', (seen) => seen.state === 'Waiting');
      assert.equal(view.why?.reason, 'EngineUnavailable');
    } finally {
      process.kill(first, 'SIGKILL');
    }
    await until('it is back', async () => (await engine()).available);
    assert.notEqual(pid(), first);
    await running('patient');
    await running('hello');
    assert.equal(await serves('patient'), 'waited');
  });

  describe('up', () => {
    it('on a folder that is held says by whom', async () => {
      const second = await runCatalyst('up', '--data', sovereign.dataDirectory);
      assert.notEqual(second.code, 0);
      assert.match(second.output, new RegExp(`held by process ${sovereign.pid()}\\b`));
      assert.equal(await serves('hello'), 'three');
    });

    it('on a port that is taken says by whom, on a fresh folder and on a kept port', async () => {
      const fresh = mkdtempSync(join(tmpdir(), 'catalyst-e2e-'));
      folders.push(fresh);
      const port = await freePort();
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      try {
        const first = await runCatalyst('up', '--data', fresh, '--port', String(port));
        assert.notEqual(first.code, 0);
        assert.match(first.output, new RegExp(`${port} is taken by .*\\(process ${process.pid}\\)`));
      } finally {
        server.close();
      }

      await sovereign.down();
      const thief = createServer().listen(sovereign.port, '127.0.0.1');
      await once(thief, 'listening');
      try {
        const kept = await runCatalyst('up', '--data', sovereign.dataDirectory);
        assert.notEqual(kept.code, 0);
        assert.match(kept.output, new RegExp(`${sovereign.port} is taken by .*\\(process ${process.pid}\\)`));
        const moved = await runCatalyst('up', '--data', sovereign.dataDirectory, '--port', String(port));
        assert.match(moved.output, new RegExp(`keeps port ${sovereign.port}`));
      } finally {
        thief.close();
      }
      await sovereign.up();
      await running('hello');
      assert.equal(await serves('hello'), 'three');
    });

    it('with words that it does not know shows its usage', async () => {
      for (const args of [
        ['upp'],
        ['up', '--prot', '1'],
        ['up', '--port', '80'],
        ['up', '--host', '0.0.0.0'],
      ]) {
        const { code, output } = await runCatalyst(...args);
        assert.notEqual(code, 0);
        assert.match(output, /Usage: /);
      }
    });
  });
});

describe('a full disk', { timeout: 200_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  let folder: string;
  const filler = () => join(folder, 'filler');
  const { install, running, serves } = actions(
    () => sovereign,
    () => client,
  );

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'catalyst-e2e-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'catalyst-e2e', folder]);
    sovereign = await createSovereign({ dataDirectory: join(folder, 'data') });
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
    await install('hello', webApp('one'));
    await running('hello');
  });
  after(async () => {
    rmSync(filler(), { force: true });
    await sovereign.destroy();
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });

  function fill(): void {
    const file = openSync(filler(), 'w');
    try {
      for (let size = 1024 * 1024; size >= 1; size = size > 4096 ? size / 2 : 0)
        try {
          for (;;) if (writeSync(file, Buffer.alloc(size)) < size) break;
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
        }
    } finally {
      closeSync(file);
    }
  }

  it('refuses what would be written, says why, and leaves what runs alone', async () => {
    const plan = await client.plan(environment, {
      action: 'configure',
      application: 'hello',
      values: webApp('two'),
    });
    const work = clone(sovereign, client.token, 'acme/hello', 'develop');
    execFileSync('sh', ['-c', 'echo hello > README.md'], { cwd: work });
    fill();
    const path = `/v1/environments/${environment}/plans`;
    const attempts = [
      ['POST', `${path}/${plan.id}/apply`, undefined],
      [
        'POST',
        path,
        { action: 'install', application: 'late', blueprint: 'bp-web-app', values: webApp('x') },
      ],
      ['POST', '/v1/organizations', { name: 'bravo', environments: ['dev'] }],
    ] as const;
    for (const [method, target, body] of attempts) {
      const answer = await client.call(method, target, body);
      assert.equal(answer.status, 503, `${target}: ${answer.status} ${answer.body}`);
      assert.match((JSON.parse(answer.body) as ProblemDocument).detail, /disk|space/i);
    }
    const pushed = commitAndPush(work, 'Say hello');
    assert.notEqual(pushed.status, 0);
    assert.match(pushed.output, /disk|space/i);
    assert.equal(await serves('hello'), 'one');
    assert.equal((await client.call('GET', '/v1/organizations')).status, 200);
    rmSync(join(work, '..'), { recursive: true });
  });

  it('goes on when there is room again, with nothing half made', async () => {
    rmSync(filler());
    await until('it is ready', async () => (await client.call('GET', '/readyz')).status === 200);
    assert.equal((await client.call('GET', '/v1/organizations/bravo')).status, 404);
    assert.equal((await client.call('GET', `/v1/environments/${environment}/applications/late`)).status, 404);
    execFileSync('git', ['--git-dir', join(sovereign.dataDirectory, 'repositories/acme/hello.git'), 'fsck']);
    await install('late', webApp('late'));
    await running('late');
    assert.equal(await serves('late'), 'late');
    await client.change(environment, {
      action: 'configure',
      application: 'hello',
      values: webApp('three'),
    });
    await until('the change is served', async () => (await serves('hello')) === 'three');
    await client.json('POST', '/v1/organizations', { name: 'bravo', environments: ['dev'] });
  });
});
