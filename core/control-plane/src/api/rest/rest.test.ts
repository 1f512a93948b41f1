import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type ApiKit, makeApiKit, password, tokenOf } from '../testing/api-kit.ts';
import { createReadModel, makeOrganizations, makeView, revision } from '../testing/doubles.ts';

const shop = '/v1/environments/acme-dev/applications/shop';
const followed = `${shop}/logs?pod=shop-0&container=web&follow=true`;

async function start(t: TestContext, options: Parameters<typeof makeApiKit>[1] = {}) {
  const kit = await makeApiKit((clean) => t.after(clean), options);
  const headers = await kit.browser(kit.admin);
  const get = async (url: string, extra: Record<string, string> = {}) =>
    kit.app.inject({ url, headers: { ...headers, ...extra } });
  return { kit, headers, get };
}

async function listen({ app, origin }: ApiKit): Promise<void> {
  await app.listen({ host: 'localhost', port: Number(new URL(origin).port) });
}

test('set-up, invitation and acceptance, by the links that people get', async (t) => {
  const { kit, headers } = await start(t);
  const { app, host, origin } = kit;
  const sovereign = await app.inject({ url: '/v1/sovereign', headers: { host } });
  assert.deepEqual(sovereign.json(), {
    name: 'test',
    version: '0.1.0',
    setupNeeded: false,
    domain: 'localhost',
    port: Number(new URL(origin).port),
  });
  const added = await app.inject({
    method: 'POST',
    url: '/v1/organizations/acme/members',
    headers,
    payload: { name: 'Omar', email: 'omar@example.org', role: 'org-viewer' },
  });
  assert.equal(added.statusCode, 201, added.body);
  const { invitation } = added.json();
  assert.equal(invitation.email, 'omar@example.org');
  assert.ok(invitation.url.startsWith(`${origin}/invitations/accept?token=`));
  const accept = () =>
    app.inject({
      method: 'POST',
      url: '/v1/invitations/accept',
      headers: { host },
      payload: { token: tokenOf(invitation.url), name: 'Omar A.', password },
    });
  const accepted = await accept();
  assert.equal(accepted.statusCode, 200, accepted.body);
  assert.equal(accepted.json().user.name, 'Omar A.');
  const twice = await accept();
  assert.equal(twice.statusCode, 410);
  assert.equal(twice.json().code, 'LinkUsed');
});

test('an Application’s page has its merged values, its files and its history', async (t) => {
  const { kit, get } = await start(t);
  const detail = (await get(shop)).json();
  assert.deepEqual(detail.values, { replicas: 1, title: 'overlay' });
  assert.deepEqual(detail.baseValues, { title: 'base' });
  assert.deepEqual(detail.overlayValues, { title: 'overlay' });
  assert.deepEqual(detail.repository, { cloneUrl: `${kit.origin}/git/acme/shop.git`, branch: 'develop' });
  assert.deepEqual(detail.versions, ['1.0.0']);
  assert.equal(detail.configSchema.type, 'object');
  const manifests = (await get(`${shop}/manifests`)).json();
  assert.deepEqual(
    manifests.files.map(({ path }: { path: string }) => path),
    ['base/values.yaml', 'overlays/dev/values.yaml'],
  );
  assert.equal(manifests.objects[0].kind, 'ConfigMap');
  assert.equal((await get(`${shop}/history?limit=5`)).json().items[0].revision, revision);
});

test('what is answered is what the OpenAPI document says', async (t) => {
  const { kit, get } = await start(t);
  const document = (await kit.app.inject({ url: '/v1/openapi.json', headers: { host: kit.host } })).json();
  const ajv = new Ajv2020({ strict: false });
  const paths: Record<string, string> = {
    '/v1/sovereign': '',
    '/v1/me': '',
    '/readyz': '',
    '/v1/blueprints': '',
    '/v1/blueprints/{name}': '/v1/blueprints/bp-web-app',
    '/v1/organizations': '',
    '/v1/organizations/{organization}': '/v1/organizations/acme',
    '/v1/organizations/{organization}/environments': '/v1/organizations/acme/environments',
    '/v1/organizations/{organization}/members': '/v1/organizations/acme/members',
    '/v1/organizations/{organization}/deletion': '/v1/organizations/acme/deletion',
    '/v1/applications': '',
    '/v1/environments/{environment}/applications/{application}': shop,
    '/v1/environments/{environment}/applications/{application}/history': `${shop}/history`,
    '/v1/environments/{environment}/applications/{application}/manifests': `${shop}/manifests`,
    '/v1/environments/{environment}/volumes': '/v1/environments/acme-dev/volumes',
    '/v1/tokens': '',
  };
  for (const [path, url] of Object.entries(paths)) {
    const response = await get(url || path);
    assert.equal(response.statusCode, 200, path);
    const schema = document.paths[path].get.responses['200'].content['application/json'].schema;
    const validate = ajv.compile(schema);
    assert.ok(validate(response.json()), `${path} ${JSON.stringify(validate.errors)}`);
  }
  const problem = await get('/v1/none');
  const problems = document.paths['/v1/me'].get.responses.default.content['application/problem+json'];
  assert.ok(ajv.validate(problems.schema, problem.json()));
});

test('pages of 10,000 Applications: every one once, in order, each page quickly', async (t) => {
  const organizations = Object.fromEntries(
    Array.from({ length: 100 }, (_item, index) => [`org-${index}`, ['dev', 'stg', 'prod'] as const]),
  );
  const views = Array.from({ length: 10_000 }, (_item, index) => {
    const organization = `org-${index % 100}`;
    const environment = `${organization}-${['dev', 'stg', 'prod'][index % 3]}`;
    return makeView(organization, environment, `app-${index}`, index % 1_000 === 0 ? 'Failed' : 'Running');
  }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const { get } = await start(t, {
    replace: { organizations: makeOrganizations(organizations), readModel: createReadModel(views) },
  });
  const seen: string[] = [];
  let next = '';
  do {
    const page = (await get(`/v1/applications?limit=200${next}`)).json();
    seen.push(
      ...page.items.map((view: { environment: string; name: string }) => `${view.environment}/${view.name}`),
    );
    next = page.continue ? `&continue=${encodeURIComponent(page.continue)}` : '';
  } while (next);
  assert.equal(new Set(seen).size, 10_000);
  assert.equal(seen.length, 10_000);

  const failed = (await get('/v1/applications?status=Failed')).json();
  assert.equal(failed.items.length, 10);
  assert.equal(failed.continue, undefined);
  const one = (await get('/v1/applications?organization=org-7&limit=200')).json();
  assert.equal(one.items.length, 100);

  const times: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const begin = performance.now();
    await get('/v1/applications');
    times.push(performance.now() - begin);
  }
  const p99 = times.sort((a, b) => a - b)[197] ?? 0;
  t.diagnostic(`first page of 10,000: p50 ${times[100]?.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  // The budget is 20 ms (design.md section 10); other work shares the machine of a test.
  assert.ok(p99 < 100, `${p99} ms`);
});

test('logs: lines as NDJSON, as events, and live until the reader goes', async (t) => {
  const { kit, headers, get } = await start(t);
  const url = `${shop}/logs?pod=shop-0&container=web`;
  const plain = await get(url);
  assert.match(String(plain.headers['content-type']), /^application\/x-ndjson/);
  assert.equal(plain.headers['x-content-type-options'], 'nosniff');
  const lines = plain.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ line }) => line),
    ['hello', 'line\nbreak'],
  );
  const events = await get(url, { accept: 'text/event-stream' });
  assert.match(String(events.headers['content-type']), /^text\/event-stream/);
  assert.equal(events.body.match(/^data: /gm)?.length, 3);
  assert.match(events.body, /event: end\n/);

  await listen(kit);
  const aborter = new AbortController();
  const response = await fetch(`${kit.origin}${url}&follow=true`, { headers, signal: aborter.signal });
  const reader = response.body?.getReader();
  const first = await reader?.read();
  assert.match(new TextDecoder().decode(first?.value), /hello/);
  assert.equal(kit.state.followed, 1);
  aborter.abort();
  for (let round = 0; round < 50 && kit.state.followed > 0; round += 1) await sleep(20);
  assert.equal(kit.state.followed, 0, 'the engine is told that nobody reads any more');
});

for (const { name, lose } of [
  {
    name: 'is no member any more',
    lose: (kit: ApiKit, user: string) => kit.access.removeMember(kit.boss, 'acme', user),
  },
  {
    name: 'has signed out',
    lose: (kit: ApiKit, _user: string, { cookie = '' }: Record<string, string>) =>
      kit.access.signOut(cookie.replace('catalyst_session=', '')),
  },
] as const)
  test(`logs: who ${name} does not go on following`, async (t) => {
    const { kit } = await start(t);
    await listen(kit);
    const user = await kit.addPerson('vera@example.org', { organization: 'acme', role: 'org-viewer' });
    const headers = await kit.browser(user);
    const response = await fetch(`${kit.origin}${followed}`, { headers });
    const reader = response.body?.getReader();
    await reader?.read();
    kit.advance(31_000);
    await sleep(1_500);
    assert.equal(kit.state.followed, 1, 'whoever still may goes on');
    await lose(kit, user, headers);
    kit.advance(31_000);
    await assert.rejects(async () => {
      while (reader && !(await reader.read()).done);
    }, 'the answer is cut off, not ended as if the log had');
    for (let round = 0; round < 50 && kit.state.followed > 0; round += 1) await sleep(20);
    assert.equal(kit.state.followed, 0);
  });

test('logs: a token that is revoked ends what it follows', async (t) => {
  const { kit } = await start(t);
  await listen(kit);
  const made = await kit.access.createToken(kit.boss, { name: 't', expiresInDays: 1 });
  assert.ok(made.ok);
  const headers = { host: kit.host, authorization: `Bearer ${made.value.token}` };
  const response = await fetch(`${kit.origin}${followed}`, { headers });
  assert.equal(response.status, 200);
  await kit.access.deleteToken(kit.boss, made.value.id);
  kit.advance(31_000);
  for (let round = 0; round < 150 && kit.state.followed > 0; round += 1) await sleep(20);
  assert.equal(kit.state.followed, 0);
  await response.body?.cancel().catch(() => {});
});

test('logs: one person cannot take what all may follow, also not by asking many times at once', async (t) => {
  const { kit, headers } = await start(t);
  await listen(kit);
  const vera = await kit.browser(
    await kit.addPerson('vera@example.org', { organization: 'acme', role: 'org-viewer' }),
  );
  const aborter = new AbortController();
  const follow = async (of: Record<string, string>) =>
    (await fetch(`${kit.origin}${followed}`, { headers: of, signal: aborter.signal })).status;
  const statuses = await Promise.all(Array.from({ length: 60 }, () => follow(vera)));
  assert.equal(statuses.filter((status) => status === 200).length, 30);
  assert.equal(statuses.filter((status) => status === 429).length, 30);
  assert.equal(kit.state.followed, 30);
  assert.equal(await follow(headers), 200, 'somebody else still follows');
  aborter.abort();
  for (let round = 0; round < 50 && kit.state.followed > 0; round += 1) await sleep(20);
  const again = new AbortController();
  const response = await fetch(`${kit.origin}${followed}`, { headers: vera, signal: again.signal });
  assert.equal(response.status, 200, 'who has closed some may open others');
  again.abort();
});

test('the OCI surface serves the public catalog and nothing else', async (t) => {
  const { kit } = await start(t);
  const get = (url: string, method: 'GET' | 'HEAD' = 'GET', extra = {}) =>
    kit.app.inject({ method, url, headers: { host: kit.host, ...extra } });
  for (const url of ['/v2', '/v2/']) {
    const root = await get(url);
    assert.equal(root.statusCode, 200, url);
    assert.equal(root.headers['docker-distribution-api-version'], 'registry/2.0');
  }
  const manifest = '/v2/catalog/bp-web-app/manifests/1.0.0';
  const found = await get(manifest);
  assert.equal(found.statusCode, 200);
  assert.equal(found.headers['docker-content-digest'], `sha256:${'1'.repeat(64)}`);
  assert.match(String(found.headers['content-type']), /^application\/vnd.oci.image.manifest/);
  const head = await get(manifest, 'HEAD');
  assert.equal(head.statusCode, 200);
  assert.equal(head.headers['content-length'], '2');
  assert.equal(head.body, '');
  assert.equal((await get(manifest, 'GET', { 'if-none-match': found.headers.etag })).statusCode, 304);
  for (const path of [
    'globex/bp-secret/manifests/1.0.0',
    'catalog/../globex/x',
    'catalog/%2e%2e/globex',
    'catalog/bp-web-app/manifests/9.9.9',
    'catalog/',
    '_catalog',
  ])
    assert.equal((await get(`/v2/${path}`)).statusCode, 404, path);
});

test('the console: pages fall back to index.html, assets are immutable, nothing climbs out', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'catalyst-console-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
  await writeFile(join(folder, 'assets', 'index-abc.js'), 'export {};');
  await writeFile(join(folder, '.secret'), 'no');
  const { kit } = await start(t, { replace: { consoleDirectory: folder } });
  const get = (url: string, accept = 'text/html') =>
    kit.app.inject({ url, headers: { host: kit.host, accept } });
  for (const url of ['/', '/environments/acme-dev/applications/shop', '/setup', '/index.html']) {
    const page = await get(url);
    assert.equal(page.statusCode, 200, url);
    assert.match(page.body, /Console/);
    assert.match(String(page.headers['content-security-policy']), /script-src 'self'/);
    assert.doesNotMatch(String(page.headers['content-security-policy']), /script-src[^;]*unsafe/);
  }
  const asset = await get('/assets/index-abc.js', '*/*');
  assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.match(String(asset.headers['content-type']), /javascript/);
  for (const url of [
    '/assets/none.js',
    '/favicon.ico',
    '/.secret',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/v1/none',
    '/auth/none',
    '/git/none',
  ])
    assert.equal((await get(url)).statusCode, 404, url);
  assert.equal((await get('/environments/acme-dev', 'application/json')).statusCode, 404);
});

test('without a built console people are told what to do', async (t) => {
  const { kit } = await start(t);
  const page = await kit.app.inject({ url: '/', headers: { host: kit.host, accept: 'text/html' } });
  assert.equal(page.statusCode, 503);
  assert.match(page.body, /not built/);
});

test('while the read model is made anew nothing is shown as gone', async (t) => {
  const readModel = { ...createReadModel([]), epoch: () => '2' };
  const { get } = await start(t, { replace: { readModel } });
  for (const url of [shop, '/v1/applications', '/v1/environments/acme-dev/applications']) {
    const response = await get(url);
    assert.equal(response.statusCode, 503, url);
    assert.equal(response.json().code, 'Unavailable');
    assert.ok(response.headers['retry-after']);
  }
  assert.equal((await get('/v1/organizations')).statusCode, 200);
});
