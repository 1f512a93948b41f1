import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from './kit/client.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';

describe('WordPress with its database, by API', { timeout: 400_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  const environment = 'acme-dev';

  before(async () => {
    ensureImages('mariadb', 'wordpress');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
  });
  after(async () => sovereign.destroy());

  it('installs both from one plan and shows the installation page', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'blog',
      blueprint: 'bp-wordpress',
      values: { image: testImage('wordpress') },
      dependencies: { db: { use: 'new', values: { image: testImage('mariadb') } } },
    });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.applications.map((planned) => [planned.application, planned.change]),
      [
        ['blog-db', 'create'],
        ['blog', 'create'],
      ],
    );
    await client.apply(environment, plan);
    const view = await client.waitFor(
      environment,
      'blog',
      (application) => application.state === 'Running',
      180_000,
    );
    assert.deepEqual(view.dependencies, [{ alias: 'db', blueprint: 'bp-mariadb', application: 'blog-db' }]);
    const page = await fetchLocal(sovereign.port, 'blog.acme-dev.localhost', '/wp-admin/install.php', {
      timeoutMs: 30_000,
    });
    assert.equal(page.status, 200);
    assert.match(page.body, /WordPress/);
  });

  it('gives a second WordPress its own database in the same MariaDB', async () => {
    const plan = await client.plan(environment, {
      action: 'install',
      application: 'news',
      blueprint: 'bp-wordpress',
      values: { image: testImage('wordpress') },
      dependencies: { db: { use: 'existing', application: 'blog-db' } },
    });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(plan.choices[0]?.existing, ['blog-db']);
    await client.apply(environment, plan);
    await client.waitFor(environment, 'news', (application) => application.state === 'Running', 180_000);
    const page = await fetchLocal(sovereign.port, 'news.acme-dev.localhost', '/wp-admin/install.php', {
      timeoutMs: 30_000,
    });
    assert.match(page.body, /WordPress/);
    const database = await client.application(environment, 'blog-db');
    assert.deepEqual(database.usedBy, ['blog', 'news']);
  });

  it('does not uninstall a database that is in use, and says by whom', async () => {
    const plan = await client.plan(environment, { action: 'uninstall', application: 'blog-db' });
    assert.equal(plan.problems[0]?.code, 'InUse');
    assert.match(plan.problems[0]?.message ?? '', /blog, news/);
  });
});
