import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProxyKit, shopRoute, startProxyKit } from './testing/proxy-kit.ts';

const acceptKey = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

describe('WebSocket', () => {
  let kit: ProxyKit;
  let echoPort = 0;
  const off = { ...shopRoute(1, 'Paused', 'Paused by Ada.'), host: 'off.acme-dev.localhost' };
  let seen: IncomingMessage | undefined;
  const backendSockets = new Set<Duplex>();
  before(async () => {
    kit = await startProxyKit({ connectMs: 300, answerMs: 500 });
    const port = await kit.startBackend(
      (_, outgoing) => void outgoing.writeHead(404).end('no socket'),
      (server) => {
        server.on('upgrade', (incoming, socket: Duplex, head: Buffer) => {
          seen = incoming;
          backendSockets.add(socket);
          socket.on('error', () => undefined).once('close', () => backendSockets.delete(socket));
          const key = acceptKey(String(incoming.headers['sec-websocket-key']));
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\nearly`,
          );
          socket.write(head);
          socket.pipe(socket);
        });
      },
    );
    echoPort = port;
    await kit.setRoutes([shopRoute(port), off]);
  });
  after(() => kit.stop());

  const shake = (socket: Socket, extra = ''): void => {
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: shop.acme-dev.localhost:1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n${extra}`,
    );
  };
  const readUntil = async (socket: Socket, until: RegExp): Promise<string> => {
    let text = '';
    while (!until.test(text)) {
      const [chunk] = await once(socket, 'data');
      text += String(chunk);
    }
    return text;
  };

  test('is carried both ways, bytes sent early included', async () => {
    const socket = await kit.open();
    shake(socket, 'first');
    const text = await readUntil(socket, /earlyfirst/);
    assert.match(text, /^HTTP\/1.1 101 /);
    assert.match(text, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    assert.equal(seen?.headers['x-forwarded-for'], '127.0.0.1');
    socket.write('later');
    await readUntil(socket, /later/);
    socket.destroy();
  });

  test('ends on both sides when either is gone', async () => {
    const socket = await kit.open();
    shake(socket);
    await readUntil(socket, /early/);
    socket.destroy();
    await sleep(100);
    assert.equal(backendSockets.size, 0);
    const other = await kit.open();
    shake(other);
    await readUntil(other, /early/);
    for (const backend of backendSockets) backend.destroy();
    await once(other, 'close');
  });

  test('ends even if the backend never notices that the client has left', async () => {
    const port = await kit.startBackend(
      () => undefined,
      (server) => {
        server.on('upgrade', (_, socket: Duplex) => {
          backendSockets.add(socket);
          socket.on('error', () => undefined).once('close', () => backendSockets.delete(socket));
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nearly',
          );
        });
      },
    );
    await kit.setRoutes([shopRoute(port), off]);
    const counted = (): Promise<number> =>
      new Promise((resolve, reject) =>
        kit.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      );
    const socket = await kit.open();
    shake(socket);
    await readUntil(socket, /early/);
    socket.end();
    for (let attempt = 0; attempt < 80 && (await counted()) > 0; attempt += 1) await sleep(100);
    assert.equal(await counted(), 0);
    for (const backend of backendSockets) backend.destroy();
  });

  test('to an Application that is not ready says why', async () => {
    const text = await kit.raw(
      'GET /ws HTTP/1.1\r\nHost: off.acme-dev.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    assert.match(text, /^HTTP\/1.1 503 .*Paused by Ada/s);
  });

  test('stays open when it is silent for long', async () => {
    await kit.setRoutes([shopRoute(echoPort), off]);
    const socket = await kit.open();
    shake(socket);
    await readUntil(socket, /early/);
    await sleep(700);
    socket.write('still');
    await readUntil(socket, /still/);
    socket.destroy();
  });
});
