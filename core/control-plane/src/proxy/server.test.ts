import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProxyKit, shopRoute, startProxyKit } from './testing/proxy-kit.ts';

const shop = 'shop.acme-dev.localhost:8080';

describe('entry proxy', () => {
  let kit: ProxyKit;
  before(async () => {
    kit = await startProxyKit({ connectMs: 300, answerMs: 500 });
  });
  after(() => kit.stop());

  test('passes method, path, query, body and headers on, and the answer back', async () => {
    const port = await kit.startBackend((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('end', () => {
        outgoing.writeHead(201, 'Made', [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['X-Seen', JSON.stringify(incoming.headers)],
        ]);
        outgoing.end(`${incoming.method} ${incoming.url} ${Buffer.concat(chunks).toString('utf8')}`);
      });
    });
    await kit.setRoutes([shopRoute(port)]);
    const headers = { cookie: 'session=1', 'x-forwarded-for': '6.6.6.6', x_forwarded_host: 'evil' };
    const answer = await kit.ask(shop, '/a%2Fb?c=d', { method: 'PUT', headers, body: 'hello' });
    assert.equal(answer.status, 201);
    assert.equal(answer.body, 'PUT /a%2Fb?c=d hello');
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    const seen: unknown = JSON.parse(String(answer.headers['x-seen']));
    assert.partialDeepStrictEqual(seen, {
      host: shop,
      cookie: 'session=1',
      'content-length': '5',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': shop,
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '8080',
    });
    assert.equal(JSON.stringify(seen).includes('evil'), false);
  });

  test('streams large bodies both ways without keeping them', async () => {
    const port = await kit.startBackend((incoming, outgoing) => void incoming.pipe(outgoing));
    await kit.setRoutes([shopRoute(port)]);
    const block = randomBytes(1024 * 1024);
    const sent = createHash('sha256');
    const received = createHash('sha256');
    let bytes = 0;
    const before = process.memoryUsage().rss;
    await new Promise<void>((resolve, reject) => {
      const outgoing = request(
        {
          port: kit.port,
          host: '127.0.0.1',
          method: 'POST',
          path: '/',
          headers: { host: shop },
          agent: false,
        },
        (incoming) => {
          incoming.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            received.update(chunk);
          });
          incoming.once('end', resolve);
          incoming.once('error', reject);
        },
      );
      outgoing.once('error', reject);
      void (async () => {
        for (let count = 0; count < 200; count += 1) {
          sent.update(block);
          if (!outgoing.write(block)) await once(outgoing, 'drain');
        }
        outgoing.end();
      })();
    });
    assert.equal(bytes, 200 * block.length);
    assert.equal(received.digest('hex'), sent.digest('hex'));
    assert.ok(process.memoryUsage().rss - before < 150 * 1024 * 1024);
  });

  test('an event stream arrives event by event, headers before the first', async () => {
    const port = await kit.startBackend((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.flushHeaders();
      setTimeout(() => outgoing.write('data: 1\n\n'), 100);
      setTimeout(() => outgoing.end('data: 2\n\n'), 900);
    });
    await kit.setRoutes([shopRoute(port)]);
    const outgoing = request({
      port: kit.port,
      host: '127.0.0.1',
      path: '/',
      headers: { host: shop },
      agent: false,
    }).end();
    const [incoming] = await once(outgoing, 'response');
    const [first] = await once(incoming, 'data');
    assert.equal(String(first), 'data: 1\n\n');
    const [second] = await once(incoming, 'data');
    assert.equal(String(second), 'data: 2\n\n');
  });

  test('an answer that comes before the body was read reaches a client that sends all of it', async () => {
    const port = await kit.startBackend((_incoming, outgoing) => {
      outgoing.writeHead(413).end('too much');
    });
    await kit.setRoutes([shopRoute(port)]);
    const socket = await kit.open();
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    const block = Buffer.alloc(1024 * 1024);
    socket.write(`POST / HTTP/1.1\r\nHost: ${shop}\r\nContent-Length: ${32 * block.length}\r\n\r\n`);
    for (let sent = 0; sent < 32; sent += 1) if (!socket.write(block)) await once(socket, 'drain');
    // The connection lives on: whoever sent all of it may ask again.
    socket.write(`GET / HTTP/1.1\r\nHost: ${shop}\r\nConnection: close\r\n\r\n`);
    await once(socket, 'close');
    assert.equal(received.match(/HTTP\/1\.1 413/g)?.length, 2, received);
  });

  test('a host that nobody has is answered with 421', async () => {
    await kit.setRoutes([]);
    for (const host of ['evil.example', 'other.acme-dev.localhost', '169.254.169.254']) {
      const answer = await kit.ask(host, '/');
      assert.equal(answer.status, 421, host);
      assert.equal(JSON.parse(answer.body).code, 'UnknownHost');
    }
  });

  test('an Application without backend gets a page that says what it waits for, harmlessly', async () => {
    await kit.setRoutes([shopRoute(undefined, 'Waiting', 'Waits for <script>alert(1)</script> of mariadb.')]);
    const page = await kit.ask(shop, '/', { headers: { accept: 'text/html,*/*' } });
    assert.equal(page.status, 503);
    assert.equal(page.headers['retry-after'], '2');
    assert.equal(page.headers['catalyst-entry'], 'waiting');
    assert.match(page.body, /Waits for &lt;script&gt;alert/);
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
    const problem = await kit.ask(shop, '/', { headers: { accept: 'application/json' } });
    assert.equal(problem.headers['content-type'], 'application/problem+json');
    assert.partialDeepStrictEqual(JSON.parse(problem.body), {
      code: 'ApplicationNotReady',
      state: 'Waiting',
      application: 'shop',
      environment: 'acme-dev',
    });
  });

  test('a backend that refuses connections gets the same page, and recovers', async () => {
    const port = await kit.startBackend((_, outgoing) => void outgoing.end('up'));
    await kit.setRoutes([shopRoute(1, 'Installing', 'Starts.')]);
    assert.equal((await kit.ask(shop, '/')).status, 503);
    assert.equal((await kit.ask(shop, '/', { method: 'POST', body: 'x'.repeat(100_000) })).status, 503);
    await kit.setRoutes([shopRoute(port)]);
    assert.equal((await kit.ask(shop, '/')).body, 'up');
  });

  test('a backend that accepts and dies is 502, one that stays silent is 504', async () => {
    const port = await kit.startBackend((incoming) => {
      if (incoming.url === '/dies') incoming.socket.destroy();
    });
    await kit.setRoutes([shopRoute(port)]);
    assert.equal((await kit.ask(shop, '/dies')).status, 502);
    assert.equal((await kit.ask(shop, '/dies', { method: 'POST', body: 'x' })).status, 502);
    assert.equal((await kit.ask(shop, '/silent')).status, 504);
  });

  test('a backend that dies inside its answer cuts the answer off, so that it is not taken for whole', async () => {
    const port = await kit.startBackend((_, outgoing) => {
      outgoing.writeHead(200);
      outgoing.write('half');
      setTimeout(() => outgoing.destroy(), 50);
    });
    await kit.setRoutes([shopRoute(port)]);
    await assert.rejects(kit.ask(shop, '/'));
  });

  test('what is not HTTP in a backend is 502', async () => {
    const port = await kit.startBackend(
      () => undefined,
      (server) => {
        server.removeAllListeners('connection');
        server.on(
          'connection',
          (socket) =>
            void socket
              .on('error', () => undefined)
              .resume()
              .end('SSH-2.0-OpenSSH\r\n'),
        );
      },
    );
    await kit.setRoutes([shopRoute(port)]);
    assert.equal((await kit.ask(shop, '/')).status, 502);
  });

  test('an aborted request is aborted at the backend too', async () => {
    let aborted = 0;
    const port = await kit.startBackend((incoming, outgoing) => {
      outgoing.on('close', () => {
        if (!outgoing.writableFinished) aborted += 1;
      });
      incoming.on('error', () => undefined).resume();
    });
    await kit.setRoutes([shopRoute(port)]);
    const get = request({
      port: kit.port,
      host: '127.0.0.1',
      path: '/',
      headers: { host: shop },
      agent: false,
    });
    get.on('error', () => undefined).end();
    const post = request({
      port: kit.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/',
      headers: { host: shop, 'content-length': '1000' },
      agent: false,
    });
    post.on('error', () => undefined).write('half');
    await sleep(150);
    get.destroy();
    post.destroy();
    await sleep(150);
    assert.equal(aborted, 2);
  });

  test('a kept backend connection that was closed meanwhile is not an error', async () => {
    let connections = 0;
    const port = await kit.startBackend(
      (_, outgoing) => void outgoing.end('ok'),
      (server) => {
        server.keepAliveTimeout = 100_000;
        server.on('connection', (socket) => {
          connections += 1;
          setTimeout(() => socket.destroy(), 60);
        });
      },
    );
    await kit.setRoutes([shopRoute(port)]);
    for (let count = 0; count < 12; count += 1) {
      assert.equal((await kit.ask(shop, '/')).body, 'ok');
      await sleep(15);
    }
    assert.ok(connections >= 2 && connections < 12, `${connections} connections for 12 requests`);
  });

  test('the console is the control plane, and its absence is said', async () => {
    const absent = await kit.ask('localhost:8080', '/', { headers: { accept: 'text/html' } });
    assert.equal(absent.status, 503);
    assert.match(absent.body, /Applications keep running/);
    const server = await kit.startControlPlane(
      (incoming, outgoing) => void outgoing.end(`console ${incoming.headers.host}`),
    );
    for (const host of ['localhost:8080', '127.0.0.1', 'console.localhost', '[::1]:8080']) {
      assert.equal((await kit.ask(host, '/')).body, `console ${host}`);
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.equal((await kit.ask('localhost', '/')).status, 503);
  });

  test('its own status is told to localhost only', async () => {
    const status = await kit.ask('localhost', '/-/proxy');
    assert.partialDeepStrictEqual(JSON.parse(status.body), { version: '1.2.3', pid: process.pid });
    assert.equal((await kit.ask('console.localhost', '/-/proxy')).status, 503);
  });
});
