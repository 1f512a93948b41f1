import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Client } from './kit/client.ts';
import { clone, commitAndPush } from './kit/git.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';

// A shell as process 1 ignores SIGTERM unless it says otherwise; a good citizen ends at once.
const serve =
  'mkdir -p /tmp/www; echo "$GREETING" > /tmp/www/index.html; trap "exit 0" TERM; httpd -f -p 8080 -h /tmp/www & wait';

function running(view: ApplicationView): unknown[] {
  return view.instances.filter((pod) => pod.ready).map((pod) => [pod.name, pod.startedAt]);
}

describe('the first Application, by API and Git', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  const environment = 'acme-dev';
  const host = 'hello.acme-dev.localhost';

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
  });
  after(async () => sovereign.destroy());

  const values = {
    image: testImage('busybox'),
    command: ['/bin/sh', '-c'],
    args: [serve],
    port: 8080,
    environment: [{ name: 'GREETING', value: 'one' }],
  };

  it('installs a container image and serves it under its own host', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'hello',
      blueprint: 'bp-web-app',
      values,
    });
    assert.deepEqual(plan.problems, []);
    assert.ok(plan.applications[0]?.files.some((file) => file.path === 'overlays/dev/values.yaml'));
    await client.apply(environment, plan);
    const view = await client.waitFor(environment, 'hello', (application) => application.state === 'Running');
    assert.equal(view.url, `http://${host}:${sovereign.port}`);
    const answer = await fetchLocal(sovereign.port, host, '/');
    assert.equal(answer.status, 200);
    assert.equal(answer.body.trim(), 'one');
  });

  it('changes it with git push, and the container has the new value', async () => {
    const work = clone(sovereign, client.token, 'acme/hello', 'develop');
    const file = join(work, 'overlays/dev/values.yaml');
    writeFileSync(file, 'environment:\n  - name: GREETING\n    value: two\n');
    const pushed = commitAndPush(work, 'Say two');
    assert.equal(pushed.status, 0, pushed.output);
    await client.waitFor(
      environment,
      'hello',
      (application) =>
        application.state === 'Updating' || application.lastChange?.message.startsWith('Say two') === true,
      10_000,
    );
    await client.waitFor(
      environment,
      'hello',
      (application) =>
        application.state === 'Running' && application.lastChange?.message.startsWith('Say two') === true,
    );
    assert.equal((await fetchLocal(sovereign.port, host, '/')).body.trim(), 'two');
  });

  it('refuses an invalid push on the terminal, with file and field', async () => {
    const work = clone(sovereign, client.token, 'acme/hello', 'develop');
    writeFileSync(join(work, 'overlays/dev/values.yaml'), 'port: nonsense\n');
    const pushed = commitAndPush(work, 'Break it');
    assert.notEqual(pushed.status, 0);
    assert.match(pushed.output, /remote:.*overlays\/dev\/values\.yaml.*port/);
    assert.equal((await fetchLocal(sovereign.port, host, '/')).body.trim(), 'two');
  });

  it('survives Ctrl-C: the Application stays reachable and is not restarted', async () => {
    const before_ = await client.application(environment, 'hello');
    await sovereign.interrupt();
    assert.equal((await fetchLocal(sovereign.port, host, '/')).status, 200);
    assert.equal((await fetchLocal(sovereign.port, 'localhost', '/')).status, 503);
    await sovereign.up();
    const view = await client.waitFor(environment, 'hello', ({ state }) => state === 'Running');
    assert.deepEqual(running(view), running(before_));
  });

  it('uninstalls with a commit; the repository stays', async () => {
    await client.change(environment, { action: 'uninstall', application: 'hello' });
    const gone = async () =>
      (await client.call('GET', `/v1/environments/${environment}/applications/hello`)).status === 404;
    const until = Date.now() + 30_000;
    while (!(await gone()) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(await gone());
    const answer = await fetchLocal(sovereign.port, host, '/');
    assert.equal(answer.status, 421);
    const work = clone(sovereign, client.token, 'acme/hello', 'develop');
    assert.match(readFileSync(join(work, 'CODEOWNERS'), 'utf8'), /acme/);
  });
});
