import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ProxyKit, shopRoute, startProxyKit } from './testing/proxy-kit.ts';

const host = 'Host: shop.acme-dev.localhost\r\n';
const smuggled =
  'GET /smuggled HTTP/1.1\r\nHost: shop.acme-dev.localhost\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n';

const attacks: { name: string; text: string; status: number }[] = [
  {
    name: 'length and chunks',
    text: `POST / HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    status: 400,
  },
  {
    name: 'two lengths',
    text: `POST / HTTP/1.1\r\n${host}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    status: 400,
  },
  {
    name: 'a list of lengths',
    text: `POST / HTTP/1.1\r\n${host}Content-Length: 0, 5\r\n\r\n${smuggled}`,
    status: 400,
  },
  {
    name: 'chunks written another way',
    text: `POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    status: 400,
  },
  {
    name: 'chunks with a tab before the colon',
    text: `POST / HTTP/1.1\r\n${host}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    status: 400,
  },
  {
    name: 'a folded header',
    text: `GET / HTTP/1.1\r\n${host}X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n`,
    status: 400,
  },
  { name: 'a line feed alone', text: `GET / HTTP/1.1\n${host}X-A: b\nContent-Length: 5\n\n`, status: 400 },
  {
    name: 'two hosts',
    text: `GET / HTTP/1.1\r\n${host}Host: localhost\r\nConnection: close\r\n\r\n`,
    status: 400,
  },
  { name: 'no host', text: 'GET / HTTP/1.1\r\n\r\n', status: 400 },
  {
    name: 'a target on another host',
    text: `GET http://localhost/v1/me HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    status: 400,
  },
  { name: 'a control character in a value', text: `GET / HTTP/1.1\r\n${host}X-A: b\0c\r\n\r\n`, status: 400 },
  {
    name: 'too many bytes of headers',
    text: `GET / HTTP/1.1\r\n${host}X-A: ${'a'.repeat(40_000)}\r\n\r\n`,
    status: 431,
  },
  {
    name: 'too many headers',
    text: `GET / HTTP/1.1\r\n${host}${'X-A: 1\r\n'.repeat(200)}Connection: close\r\n\r\n`,
    status: 431,
  },
  { name: 'TRACE', text: `TRACE / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, status: 405 },
  {
    name: 'an upgrade with a body',
    text: `GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    status: 400,
  },
];

describe('request smuggling', () => {
  let kit: ProxyKit;
  const seen: string[] = [];
  before(async () => {
    kit = await startProxyKit();
    const port = await kit.startBackend((incoming, outgoing) => {
      seen.push(`${incoming.method} ${incoming.url}`);
      incoming.resume();
      outgoing.end('answer');
    });
    await kit.setRoutes([shopRoute(port)]);
  });
  after(() => kit.stop());

  for (const { name, text, status } of attacks) {
    test(`${name}: refused, nothing passed on`, async () => {
      seen.length = 0;
      const got = await kit.raw(text);
      assert.match(got, new RegExp(`^HTTP/1.1 ${status} `), got.slice(0, 200));
      assert.deepEqual(seen, []);
    });
  }

  test('h2c is not an upgrade here: the request is an ordinary one', async () => {
    seen.length = 0;
    const text = `GET /plain HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`;
    assert.match(await kit.raw(text, /answer/), /^HTTP\/1.1 200 /);
    assert.deepEqual(seen, ['GET /plain']);
  });

  test('an upgrade that the backend declines gives no path to it', async () => {
    seen.length = 0;
    const text = `GET /socket HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n${smuggled}`;
    assert.match(await kit.raw(text), /^HTTP\/1.1 200 .*answer/s);
    assert.deepEqual(seen, ['GET /socket']);
  });

  test('requests on one connection are judged one by one', async () => {
    seen.length = 0;
    const text = `GET /one HTTP/1.1\r\n${host}\r\nGET /two HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    const got = await kit.raw(text);
    assert.match(got, /^HTTP\/1.1 200 .*HTTP\/1.1 421 /s);
    assert.deepEqual(seen, ['GET /one']);
  });
});
