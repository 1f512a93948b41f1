import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ApiKit, makeApiKit, silentLogger } from '../testing/api-kit.ts';
import { badRequests, setup } from '../testing/bad-requests.ts';
import { makeOrganizations } from '../testing/doubles.ts';
import { createHttpServer } from './http-server.ts';

const cleanups: (() => Promise<void>)[] = [];
let kit: ApiKit;
let admin: Record<string, string>;
let broken = false;

const organizations = '/v1/organizations';

describe('bad input gets a precise problem', () => {
  before(async () => {
    const double = makeOrganizations({ acme: ['dev'] });
    kit = await makeApiKit((clean) => cleanups.push(clean), {
      replace: {
        organizations: {
          ...double,
          list: async () => {
            if (broken) throw new Error('SELECT * FROM secrets; password=hunter2 at /var/lib');
            return double.list();
          },
        },
      },
    });
    admin = await kit.browser(kit.admin);
  });
  after(async () => {
    for (const clean of cleanups) await clean();
  });

  for (const given of badRequests)
    test(given.name, async () => {
      const response = await kit.app.inject({
        method: given.method ?? 'GET',
        url: given.url,
        headers: { ...admin, ...given.headers },
        ...(given.payload === undefined ? {} : { payload: given.payload }),
      });
      assert.equal(response.statusCode, given.status, response.body);
      assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
      const problem = response.json();
      assert.equal(problem.status, given.status);
      assert.equal(problem.code, given.code);
      assert.ok(problem.detail.length > 10);
      assert.ok(problem.problems.length > 0);
      if (given.field !== undefined) assert.equal(problem.problems[0].field, given.field);
      assert.doesNotMatch(response.body, /node_modules|\.ts:|at \w+ \(/);
    });

  test('an unexpected error tells the caller nothing but how to ask', async () => {
    broken = true;
    const response = await kit.app.inject({ url: organizations, headers: admin });
    broken = false;
    assert.equal(response.statusCode, 500);
    assert.doesNotMatch(response.body, /SELECT|hunter2|var\/lib|stack/);
    assert.equal(response.json().code, 'Internal');
    assert.ok(response.headers['x-request-id']);
  });

  test('tokens: each malformed one is refused, also where nobody needs to sign in', async () => {
    for (const authorization of [
      'Bearer',
      'Bearer ',
      'Bearer a b',
      'Basic YTpi',
      `Bearer cat_${'0'.repeat(48)}`,
      'x',
    ])
      for (const url of ['/v1/me', '/v1/blueprints']) {
        const response = await kit.app.inject({ url, headers: { host: kit.host, authorization } });
        assert.equal(response.statusCode, 401, `${authorization} ${url}`);
        assert.match(String(response.headers['www-authenticate']), /^Bearer/);
      }
  });

  test('a host that is not ours is misdirected, whatever is asked', async () => {
    const { port } = new URL(kit.origin);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `shop.acme-dev.localhost:${port}`,
      'localhost:1',
      '',
      `localhost:${port}.evil.example`,
    ])
      for (const url of ['/', '/v1/me', '/healthz', '/oidc/auth', '/none']) {
        const response = await kit.app.inject({ url, headers: { ...admin, host } });
        assert.equal(response.statusCode, 421, `${host} ${url} ${response.body}`);
      }
    for (const name of ['localhost', '127.0.0.1', '[::1]', 'console.localhost', 'LOCALHOST'])
      assert.equal(
        (await kit.app.inject({ url: '/healthz', headers: { host: `${name}:${port}` } })).statusCode,
        200,
      );
  });

  test('a write with a cookie must come from the page of this very host', async () => {
    const { port } = new URL(kit.origin);
    const { origin, ...rest } = admin;
    const write = (headers: Record<string, string>) =>
      kit.app.inject({ method: 'DELETE', url: '/v1/tokens/none', headers: { ...rest, ...headers } });
    for (const headers of [
      {},
      { origin: 'null' },
      { origin: 'http://evil.example' },
      { origin: `http://shop.acme-dev.localhost:${port}` },
      { origin: 'http://localhost' },
      { origin: `https://localhost:${port}` },
      { origin: `http://127.0.0.1:${port}` },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
    ]) {
      const response = await write(headers as Record<string, string>);
      assert.equal(response.statusCode, 403, JSON.stringify(headers));
      assert.equal(response.json().code, 'CrossOrigin');
    }
    assert.equal((await write({ origin: origin ?? '' })).statusCode, 404);
    assert.equal((await write({ 'sec-fetch-site': 'same-origin' })).statusCode, 404);
    const open = await kit.app.inject({
      method: 'POST',
      url: '/v1/setup',
      headers: { host: kit.host, origin: 'http://evil.example' },
      payload: setup,
    });
    assert.equal(open.statusCode, 403, 'a foreign page cannot use up a link either');
  });

  test('every answer carries the security headers', async () => {
    for (const url of ['/healthz', '/v1/me', '/none', '/v1/sovereign']) {
      const { headers } = await kit.app.inject({ url, headers: { host: kit.host } });
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
      assert.equal(headers['referrer-policy'], 'same-origin');
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
  });

  test('a route that does not say who may use it is not registered', async () => {
    const { access, origin } = kit;
    const app = await createHttpServer({ origin, access, logger: silentLogger, behindProxy: false });
    assert.throws(() => app.get('/v1/forgotten', async () => ({})), /does not say who may use it/);
    await app.close();
  });

  test('behind the proxy the caller is who the proxy saw, not who they say they are', async () => {
    const { access, origin, host } = kit;
    const app = await createHttpServer({ origin, access, logger: silentLogger, behindProxy: true });
    app.get('/ip', { config: { access: 'public' } }, async (request) => request.ip);
    const path = join(await mkdtemp(join(tmpdir(), 'catalyst-http-')), 'socket');
    await app.listen({ path });
    const headers = { host, 'x-forwarded-for': '203.0.113.1, 198.51.100.7' };
    const body = await new Promise((resolve, reject) => {
      request({ socketPath: path, path: '/ip', headers }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(body, '198.51.100.7');
    await app.close();
    await rm(dirname(path), { recursive: true });
  });

  test('guessing set-up links is slowed down, and says until when', async () => {
    const guess = () =>
      kit.app.inject({
        method: 'POST',
        url: '/v1/setup',
        headers: { host: kit.host },
        payload: setup,
        remoteAddress: '192.0.2.9',
      });
    let last = await guess();
    for (let round = 0; round < 25 && last.statusCode === 422; round += 1) last = await guess();
    assert.equal(last.statusCode, 429);
    assert.equal(last.json().code, 'TooMany');
    assert.ok(Number(last.headers['retry-after']) > 0);
  });

  test('what is no HTTP does not take the server down', async () => {
    await kit.app.listen({ host: '127.0.0.1', port: 0 });
    const address = kit.app.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    for (const bytes of [
      '\u0000\u0001\u0002\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`,
      'GET http:// HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'POST /v1/setup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    ]) {
      const answer = await send(port, bytes);
      assert.match(answer, /^(?:HTTP\/1\.1 4\d\d|$)/, JSON.stringify(answer.slice(0, 100)));
    }
    const fine = await fetch(`http://127.0.0.1:${port}/healthz`);
    assert.equal(fine.status, 421);
  });
});

function send(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}
