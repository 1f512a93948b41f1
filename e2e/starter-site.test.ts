import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from './kit/client.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';

const mirrors = `mirrors:
  - from: docker.io/library/wordpress:6-apache
    to: ${testImage('wordpress')}
  - from: docker.io/library/mariadb:11.4
    to: ${testImage('mariadb')}
  - from: docker.io/valkey/valkey:8.1
    to: ${testImage('valkey')}
`;

describe('the starter site, a composite', { timeout: 400_000 }, () => {
  const environment = 'acme-dev';
  let sovereign: Sovereign;
  let client: Client;
  let planId: string;

  before(async () => {
    ensureImages('mariadb', 'valkey', 'wordpress');
    sovereign = await createSovereign();
    writeFileSync(join(sovereign.dataDirectory, 'mirrors.yaml'), mirrors);
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
  });
  after(async () => sovereign.destroy());

  it('is installed as one set from one plan, with what it was configured with', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'first',
      blueprint: 'bp-starter',
      values: { cache: { memory: '64Mi' } },
    });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(plan.applications.map(({ application, change }) => `${change} ${application}`).sort(), [
      'create first-cache',
      'create first-db',
      'create first-site',
    ]);
    planId = plan.id;
    await client.apply(environment, plan);
    for (const name of ['first-cache', 'first-db', 'first-site'])
      await client.waitFor(environment, name, ({ state }) => state === 'Running', 180_000);
    const site = await client.application(environment, 'first-site');
    assert.deepEqual(site.dependencies, [{ alias: 'db', blueprint: 'bp-mariadb', application: 'first-db' }]);
    const cache = await client.application(environment, 'first-cache');
    assert.deepEqual(
      [
        (cache['values'] as Record<string, unknown>)['maxmemory'],
        (cache['values'] as Record<string, unknown>)['persistence'],
      ],
      ['64Mi', 'none'],
    );
    const host = 'first-site.acme-dev.localhost';
    const page = await fetchLocal(sovereign.port, host, '/wp-admin/install.php', { timeoutMs: 30_000 });
    assert.match(page.body, /WordPress/);
  });

  it('leaves out what was not wanted', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'second',
      blueprint: 'bp-starter',
      values: { cache: { enabled: false } },
    });
    assert.deepEqual(plan.problems, []);
    assert.ok(!plan.applications.some(({ application }) => application === 'second-cache'));
  });

  it('is taken back as one', async () => {
    await client.change(environment, { action: 'undo', plan: planId });
    await until(
      'all are gone',
      async () => {
        const path = `/v1/environments/${environment}/applications`;
        return (await client.json<{ items: object[] }>('GET', path)).items.length === 0;
      },
      90_000,
    );
  });
});
