import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestToken } from './git-server.ts';

/** A request that never ends: its head, then a byte now and then. */
export interface SlowRequest {
  /** What the server answered, once it hangs up. */
  readonly answer: Promise<string>;
  hangUp(): void;
}

/** Opens one over a socket. */
export function openSlowRequest(
  port: number,
  by: TestToken,
  path: string,
  service: 'git-upload-pack' | 'git-receive-pack',
): SlowRequest {
  const socket = connect(port, '127.0.0.1');
  const password = Buffer.from(`any:${by}`).toString('base64');
  socket.write(
    `POST /git/${path}/${service} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${password}\r\n` +
      `Content-Type: application/x-${service}-request\r\nTransfer-Encoding: chunked\r\n\r\n` +
      // Git now waits for a packet of 4 kB.
      '4\r\n0fff\r\n',
  );
  const drip = setInterval(() => socket.writable && socket.write('1\r\na\r\n'), 100);
  let text = '';
  const answer = new Promise<string>((resolve) => {
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket
      .on('error', () => undefined)
      .on('close', () => {
        clearInterval(drip);
        resolve(text);
      });
  });
  return { answer, hangUp: () => void socket.destroy() };
}

/** A poor line to a server: what the client says passes in pieces of `bytes`, one each `everyMs`. */
export async function openPoorLine(
  port: number,
  { bytes, everyMs }: { readonly bytes: number; readonly everyMs: number },
): Promise<{ readonly port: number; close(): void }> {
  const open = new Set<Socket>();
  const line = createServer(async (client) => {
    const server = connect(port, '127.0.0.1');
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    server.pipe(client);
    try {
      for await (const chunk of client as AsyncIterable<Buffer>)
        for (let at = 0; at < chunk.length; at += bytes) {
          server.write(chunk.subarray(at, at + bytes));
          await sleep(everyMs);
        }
      server.end();
    } catch {
      server.destroy();
    }
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const address = line.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close() {
      line.close();
      for (const socket of open) socket.destroy();
    },
  };
}
