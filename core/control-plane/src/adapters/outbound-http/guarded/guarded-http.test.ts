import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import type { OutboundAnswer } from '../../../ports/outbound-http.ts';
import { createGuardedHttp } from './guarded-http.ts';
import { createAddressGuard, type ResolvedAddress } from './guarded-lookup.ts';

/** Loopback is all that a test has: this address of it stands for the public, every other one is judged as always. */
const publicAddress = '127.0.0.2';
const judged = createAddressGuard(false);
const guard = (address: string) => address === publicAddress || judged(address);

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(listener: RequestListener, address = publicAddress, server = createServer(listener)) {
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const address = (text: string): ResolvedAddress => ({ address: text, family: text.includes(':') ? 6 : 4 });
const answering = (...lists: string[][]) => {
  let asked = 0;
  return async () => (lists[Math.min(asked++, lists.length - 1)] ?? []).map(address);
};
const http = (resolve = answering([publicAddress]), over: object = {}) =>
  createGuardedHttp({
    allowPrivate: false,
    ownNames: ['localhost'],
    resolve,
    guard,
    timeoutMs: 3000,
    ...over,
  });
const post = (client: ReturnType<typeof http>, url: string) =>
  client.post({ url, headers: { 'webhook-id': 'm' }, body: '{"a":1}' });
const said = (answer: OutboundAnswer) => (answer.ok ? answer.status : answer.code);

describe('guarded outbound HTTP', () => {
  it('posts the body to what is public', async () => {
    const seen: string[] = [];
    const server = await listen((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${request.headers['webhook-id']} ${body}`);
        response.writeHead(204).end();
      });
    });
    assert.deepEqual(await post(http(), `http://hook.example:${server.port}/in?x=1`), {
      ok: true,
      status: 204,
    });
    assert.deepEqual(seen, ['POST /in?x=1 m {"a":1}']);
  });

  const inside = [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'fd00::1',
    '100.64.0.1',
  ];
  for (const target of inside)
    it(`opens no connection to a name that stands for ${target}`, async () => {
      const server = await listen((_request, response) => void response.end(), '127.0.0.1');
      const url = `http://hook.example:${server.port}/`;
      assert.equal(said(await post(http(answering([target])), url)), 'Blocked');
      assert.equal(said(await post(http(answering([publicAddress, target])), url)), 'Blocked');
      assert.equal(server.connections(), 0);
    });

  it('opens no connection to an address in the URL, however it is written, nor to its own names', async () => {
    const server = await listen((_request, response) => void response.end(), '127.0.0.1');
    for (const host of [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '2130706433',
      '[::1]',
      '[::ffff:7f00:1]',
      'localhost',
      'a.LocalHost.',
    ])
      assert.equal(said(await post(http(), `http://${host}:${server.port}/`)), 'Blocked', host);
    assert.equal(server.connections(), 0);
  });

  it('asks again for each connection, and is not fooled by a name that changes its mind', async () => {
    const secret = await listen((_request, response) => void response.end('inside'), '127.0.0.1');
    const lure = await listen((request, response) => {
      response
        .writeHead(307, { location: `http://${request.headers.host?.split(':')[0]}:${secret.port}/` })
        .end();
    });
    const answer = await post(
      http(answering([publicAddress], ['127.0.0.1'])),
      `http://rebind.example:${lure.port}/`,
    );
    assert.equal(said(answer), 'Blocked');
    assert.equal(secret.connections(), 0);
  });

  for (const location of [
    'http://127.0.0.1:{port}/',
    'http://[::ffff:127.0.0.1]:{port}/',
    'http://localhost:{port}/',
    'http://169.254.169.254/latest/meta-data/',
    'http://user:secret@hook.example/',
    'file:///etc/passwd',
  ])
    it(`does not follow a redirect to ${location}`, async () => {
      const secret = await listen((_request, response) => void response.end('inside'), '127.0.0.1');
      const lure = await listen((_request, response) => {
        response.writeHead(302, { location: location.replace('{port}', String(secret.port)) }).end();
      });
      assert.equal(said(await post(http(), `http://hook.example:${lure.port}/`)), 'Blocked');
      assert.equal(secret.connections(), 0);
    });

  it('follows three redirects with the same method and body, and no fourth', async () => {
    const seen: string[] = [];
    const server = await listen((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${body}`);
        const step = Number(request.url?.slice(1));
        if (step === 0) response.writeHead(200).end();
        else response.writeHead(303, { location: `/${step - 1}` }).end();
      });
    });
    assert.equal(said(await post(http(), `http://hook.example:${server.port}/3`)), 200);
    assert.deepEqual(
      seen,
      ['3', '2', '1', '0'].map((step) => `POST /${step} {"a":1}`),
    );
    assert.equal(said(await post(http(), `http://hook.example:${server.port}/4`)), 'Redirected');
  });

  it('does not follow from https to http, and trusts no unknown certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catalyst-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
    ];
    execFileSync(
      'openssl',
      [
        ...args,
        '-subj',
        '/CN=hook.example',
        '-addext',
        'subjectAltName=DNS:hook.example',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    const plain = await listen((_request, response) => void response.end());
    const listener: RequestListener = (_request, response) => {
      response.writeHead(308, { location: `http://hook.example:${plain.port}/` }).end();
    };
    const secure = await listen(listener, publicAddress, createTlsServer(tls, listener));
    const url = `https://hook.example:${secure.port}/`;
    const unknown = await post(http(), url);
    assert.ok(!unknown.ok && /signed by/.test(unknown.message), JSON.stringify(unknown));
    setDefaultCACertificates([tls.cert.toString()]);
    assert.equal(said(await post(http(), url)), 'Redirected');
    assert.equal(plain.connections(), 0);
  });

  it('does not wait for ever, whatever is slow', async () => {
    const silent = await listen(() => {});
    const dripping = await listen((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const begin = Date.now();
    const client = http(answering([publicAddress]), { timeoutMs: 400 });
    assert.equal(said(await post(client, `http://hook.example:${silent.port}/`)), 'TimedOut');
    assert.equal(said(await post(client, `http://hook.example:${dripping.port}/`)), 200);
    const stuck = http((() => new Promise(() => {})) as never, { timeoutMs: 300 });
    assert.equal(said(await post(stuck, 'http://hook.example/')), 'TimedOut');
    assert.ok(Date.now() - begin < 3000);
  });

  it('reads little of an answer', async () => {
    let sent = 0;
    const server = await listen((_request, response) => {
      response.writeHead(200);
      const push = (): void => {
        while (sent < 500_000_000 && response.write(Buffer.alloc(65_536)) && !response.destroyed)
          sent += 65_536;
      };
      response.on('drain', push);
      push();
    });
    assert.equal(said(await post(http(), `http://hook.example:${server.port}/`)), 200);
    assert.ok(sent < 50_000_000, `${sent}`);
  });

  it('says of a broken connection nothing that would map the network', async () => {
    const server = await listen((request) => void request.socket.destroy());
    const answers = [
      await post(http(), `http://hook.example:${server.port}/`),
      await post(http(), 'http://hook.example:1/'),
      await post(http(answering([])), 'http://hook.example/'),
    ];
    for (const answer of answers)
      assert.ok(
        !answer.ok && answer.code === 'Unreachable' && !/\d/.test(answer.message),
        JSON.stringify(answer),
      );
  });

  it('reaches private addresses where the Sovereign allows it, and still no metadata', async () => {
    const server = await listen((_request, response) => void response.end(), '127.0.0.1');
    const allowing = createGuardedHttp({ allowPrivate: true, ownNames: ['localhost'] });
    assert.equal(said(await post(allowing, `http://127.0.0.1:${server.port}/`)), 200);
    assert.equal(said(await post(allowing, `http://localhost:${server.port}/`)), 200);
    assert.equal(said(await post(allowing, 'http://169.254.169.254/')), 'Blocked');
  });
});
