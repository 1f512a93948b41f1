import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ChangeList } from '@catalyst/model/api/history.ts';
import type { Client } from './kit/client.ts';
import { ensureImages, testImage } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';

const environment = 'acme-dev';
const path = `/v1/environments/${environment}`;

describe('the undo of a set, by API', { timeout: 600_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;

  before(async () => {
    ensureImages('mariadb', 'wordpress');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
  });
  after(async () => sovereign.destroy());

  it('takes back a whole set with one undo, unless somebody is bound to it meanwhile', async () => {
    const installed = await client.plan(environment, {
      action: 'install',
      application: 'blog',
      blueprint: 'bp-wordpress',
      values: { image: testImage('wordpress') },
      dependencies: { db: { use: 'new', values: { image: testImage('mariadb') } } },
    });
    await client.apply(environment, installed);
    await client.change(environment, {
      action: 'install',
      application: 'news',
      blueprint: 'bp-wordpress',
      values: { image: testImage('wordpress') },
      dependencies: { db: { use: 'existing', application: 'blog-db' } },
    });
    await client.waitFor(environment, 'blog', (view) => view.state === 'Running', 180_000);
    const bound = await client.plan(environment, { action: 'undo', plan: installed.id });
    assert.equal(bound.problems[0]?.code, 'InUse');
    assert.match(bound.problems[0]?.message ?? '', /news/);
    await client.change(environment, { action: 'uninstall', application: 'news' });
    await until(
      'news is gone',
      async () => (await client.call('GET', `${path}/applications/news`)).status === 404,
    );
    const undo = await client.plan(environment, { action: 'undo', plan: installed.id });
    assert.deepEqual(undo.problems, []);
    assert.deepEqual(
      undo.applications.map(({ application, change }) => [application, change]),
      [
        ['blog', 'remove'],
        ['blog-db', 'remove'],
      ],
    );
    await client.apply(environment, undo);
    for (const name of ['blog', 'blog-db'])
      await until(
        `${name} is gone`,
        async () => (await client.call('GET', `${path}/applications/${name}`)).status === 404,
      );
    const { items } = await client.json<{ items: { application: string; inUse: boolean }[] }>(
      'GET',
      `${path}/volumes`,
    );
    assert.ok(
      items.some(({ application, inUse }) => application === 'blog-db' && !inUse),
      'data is kept',
    );
    const twice = await client.plan(environment, { action: 'undo', plan: installed.id });
    assert.equal(twice.problems[0]?.code, 'NothingChanges');
  });

  it('undoes the undo: what was uninstalled comes back with its data', async () => {
    const { items } = await client.json<ChangeList>('GET', `${path}/applications/blog-db/history?limit=1`);
    const again = await client.plan(environment, { action: 'undo', plan: items[0]?.planId ?? '' });
    assert.deepEqual(again.problems, []);
    assert.deepEqual(
      again.applications.map(({ application, change }) => [application, change]),
      [
        ['blog-db', 'create'],
        ['blog', 'create'],
      ],
    );
    await client.apply(environment, again);
    await client.waitFor(environment, 'blog', (view) => view.state === 'Running', 180_000);
  });
});
