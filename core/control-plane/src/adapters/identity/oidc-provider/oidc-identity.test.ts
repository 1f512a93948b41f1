import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { identityContract, tokenOf } from '../../../ports/identity.contract.ts';
import type { Logger } from '../../../ports/logger.ts';
import { createSqliteDatabase } from '../../database/sqlite/sqlite-database.ts';
import { createOidcIdentity } from './oidc-identity.ts';

const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
};
const issuer = 'http://localhost:4999/oidc';
const redirectUri = 'http://localhost:4999/auth/callback';
const password = 'correct horse battery';

async function makeIdentity(after: (clean: () => Promise<void>) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'catalyst-identity-'));
  const database = createSqliteDatabase({ path: join(folder, 'database.sqlite') });
  after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  let offset = 0;
  const identity = await createOidcIdentity({
    issuer,
    dataDirectory: folder,
    database,
    clock: { now: () => Date.now() + offset, sleep: async () => {} },
    logger: silent,
    secureCookies: false,
    clients: [{ clientId: 'catalyst-console', name: 'Catalyst', redirectUris: [redirectUri] }],
  });
  const advance = (ms: number) => {
    offset += ms;
  };
  return { identity, folder, advance };
}

identityContract('oidc-provider', makeIdentity);

/** The issuer on a port of its own, and a browser's cookie jar. */
async function serve(t: TestContext) {
  const fixture = await makeIdentity((clean) => t.after(clean));
  const server = createServer((request, response) => {
    request.headers['x-forwarded-for'] = '192.0.2.7';
    fixture.identity.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  const jar = new Map<string, string>();
  const browse = async (path: string, init: RequestInit = {}) => {
    const url = path.replace('http://localhost:4999', '');
    const response = await fetch(`http://127.0.0.1:${port}${url}`, {
      redirect: 'manual',
      ...init,
      headers: {
        accept: 'text/html',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(init.headers as Record<string, string> | undefined),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=', 2) ?? [];
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    return response;
  };
  const post = (path: string, fields: Record<string, string>) =>
    browse(path, { method: 'POST', body: new URLSearchParams(fields) });
  const link = await fixture.identity.setupLink();
  assert.ok(link);
  await fixture.identity.accept(tokenOf(link.path), { name: 'Ada', email: 'ada@example.org', password });
  return { ...fixture, browse, post };
}

const authorize = (extra: Record<string, string> = {}) =>
  `/oidc/auth?${new URLSearchParams({
    client_id: 'catalyst-console',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    state: 'state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...extra,
  })}`;
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

test('the keys are made once and only the owner reads them', async (t) => {
  const { folder } = await makeIdentity((clean) => t.after(clean));
  const file = join(folder, 'issuer-keys.json');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.ok(JSON.parse(await readFile(file, 'utf8')).jwks.keys[0].d);
});

test('discovery and keys are public and carry the issuer; private parts of keys are not', async (t) => {
  const { browse } = await serve(t);
  const found = await (await browse('/oidc/.well-known/openid-configuration')).json();
  assert.equal(found.issuer, issuer);
  assert.equal(found.token_endpoint, `${issuer}/token`);
  const { keys } = await (await browse('/oidc/jwks')).json();
  assert.equal(keys.length, 1);
  assert.equal(keys[0].d, undefined);
});

test('code flow: a wrong password, the right one, a code that works once and only with its verifier', async (t) => {
  const { browse, post } = await serve(t);
  const start = await browse(authorize());
  assert.equal(start.status, 303);
  const form = start.headers.get('location') ?? '';
  assert.match(form, /^\/oidc\/interaction\//);
  const page = await browse(form);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  const html = await page.text();
  assert.match(html, /to Catalyst/);
  assert.doesNotMatch(html, /<script/i);

  const wrong = await post(form, { email: 'ada@example.org', password: '"><script>alert(1)</script>' });
  assert.equal(wrong.status, 401);
  assert.match(await wrong.text(), /not right/);
  const unknown = await post(form, { email: '"><script>@example.org', password });
  assert.equal(unknown.status, 401);
  assert.doesNotMatch(await unknown.text(), /<script/i);

  const right = await post(form, { email: ' ADA@example.org', password });
  assert.equal(right.status, 303);
  const back = await browse(right.headers.get('location') ?? '');
  const callback = new URL(back.headers.get('location') ?? '');
  assert.equal(callback.origin + callback.pathname, redirectUri);
  assert.equal(callback.searchParams.get('state'), 'state');
  const code = callback.searchParams.get('code') ?? '';
  const exchange = (code_verifier: string) =>
    post('/oidc/token', {
      grant_type: 'authorization_code',
      client_id: 'catalyst-console',
      redirect_uri: redirectUri,
      code,
      code_verifier,
    });
  assert.equal((await exchange('x'.repeat(43))).status, 400);
  const again = await browse(authorize());
  const second = new URL(again.headers.get('location') ?? '').searchParams.get('code');
  assert.ok(second && second !== code, 'signed in: no form the second time');
});

test('a code is exchanged once', async (t) => {
  const { browse, post } = await serve(t);
  const form = (await browse(authorize())).headers.get('location') ?? '';
  const right = await post(form, { email: 'ada@example.org', password });
  const back = await browse(right.headers.get('location') ?? '');
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const exchange = () =>
    post('/oidc/token', {
      grant_type: 'authorization_code',
      client_id: 'catalyst-console',
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
    });
  const first = await exchange();
  assert.equal(first.status, 200);
  assert.ok((await first.json()).id_token);
  assert.equal((await exchange()).status, 400);
});

test('what is not registered, or has no PKCE, leads nowhere', async (t) => {
  const { browse } = await serve(t);
  for (const extra of [
    { redirect_uri: 'http://localhost:4999/auth/callback2' },
    { redirect_uri: 'http://evil.example/auth/callback' },
    { client_id: 'another' },
  ]) {
    const answer = await browse(authorize(extra));
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get('location'), null);
  }
  const plain = await browse(authorize({ code_challenge_method: 'plain' }));
  assert.match(plain.headers.get('location') ?? '', /error=invalid_request/);
  const none = await browse(authorize().replace(/&code_challenge.*/, ''));
  assert.match(none.headers.get('location') ?? '', /error=invalid_request/);
});

test('too many attempts are refused with the time, also with the right password, and end', async (t) => {
  const { browse, post, advance } = await serve(t);
  const form = (await browse(authorize())).headers.get('location') ?? '';
  const wrong = { email: 'ada@example.org', password: 'not the password' };
  for (let round = 0; round < 8; round += 1) assert.equal((await post(form, wrong)).status, 401);
  const refused = await post(form, { email: 'ada@example.org', password });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.match(await refused.text(), /Try again after \d\d:\d\d UTC/);
  advance(15 * 60_000 + 1000);
  const fresh = (await browse(authorize())).headers.get('location') ?? '';
  assert.equal((await post(fresh, { email: 'ada@example.org', password })).status, 303);
});

test('odd forms are told what is missing', async (t) => {
  const { browse, post } = await serve(t);
  const form = (await browse(authorize())).headers.get('location') ?? '';
  assert.equal((await post(form, {})).status, 422);
  assert.equal((await post(form, { email: 'a'.repeat(20_000), password: 'x' })).status, 422);
  const json = await browse(form, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(json.status, 422);
  const gone = await browse('/oidc/interaction/unknown-uid', { headers: { cookie: '' } });
  assert.equal(gone.status, 400);
  assert.match(await gone.text(), /expired/);
});
