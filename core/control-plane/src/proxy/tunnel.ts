import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  AnswerTimeout,
  type BackendAddress,
  failureCode,
  isUnreachable,
  type ProxyTimeouts,
  toRequestOptions,
  watchConnecting,
} from './backend.ts';
import { toClientHeaders } from './headers.ts';
import type { WrittenAnswer } from './pages.ts';

/** One WebSocket on its way to a backend. */
export interface Tunnelling {
  readonly backend: BackendAddress;
  readonly url: string;
  readonly headers: readonly string[];
  readonly timeouts: ProxyTimeouts;
  readonly onFailure: (reason: 'unreachable' | 'broken' | 'timeout') => WrittenAnswer;
}

/**
 * Opens a WebSocket through the proxy. Bytes flow freely only after the backend itself has agreed with 101: otherwise a
 * client could use the connection to send the backend requests that this proxy never saw.
 */
export function tunnel(client: Duplex, head: Buffer, tunnelling: Tunnelling): void {
  const upstream = httpRequest({
    ...toRequestOptions(tunnelling.backend),
    method: 'GET',
    path: tunnelling.url,
    headers: [...tunnelling.headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    agent: false,
    setHost: false,
  });
  const answerTimer = setTimeout(() => upstream.destroy(new AnswerTimeout()), tunnelling.timeouts.answerMs);
  watchConnecting(upstream, tunnelling.timeouts.connectMs, () => undefined);
  client.on('error', () => upstream.destroy());
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => clearTimeout(answerTimer));
  upstream.once('error', (error) => {
    if (client.destroyed) return;
    const reason =
      failureCode(error) === 'EANSWERTIMEOUT' ? 'timeout' : isUnreachable(error) ? 'unreachable' : 'broken';
    writeRaw(client, tunnelling.onFailure(reason));
  });
  upstream.once('response', (answer) => {
    clearTimeout(answerTimer);
    passRefusalBack(answer, client);
  });
  upstream.once('upgrade', (answer, backend, backendHead) => {
    clearTimeout(answerTimer);
    client.write(
      toHead(101, 'Switching Protocols', [
        ...toClientHeaders(answer.rawHeaders),
        'Connection',
        'Upgrade',
        'Upgrade',
        'websocket',
      ]),
    );
    if (backendHead.length > 0) client.write(backendHead);
    if (head.length > 0) backend.write(head);
    keepAlive(client);
    keepAlive(backend);
    join(client, backend);
  });
  upstream.end();
}

function keepAlive(socket: Duplex): void {
  if ('setKeepAlive' in socket && typeof socket.setKeepAlive === 'function')
    socket.setKeepAlive(true, 60_000);
  if ('setTimeout' in socket && typeof socket.setTimeout === 'function') socket.setTimeout(0);
}

/** How long the other side may still finish its sentence, in milliseconds. */
const farewellMs = 5000;

/** Pipes both ways; when one side is gone, so is the other, and soon, even if that one never notices. */
function join(client: Duplex, backend: Duplex): void {
  client.pipe(backend);
  backend.pipe(client);
  for (const [from, to] of [
    [client, backend],
    [backend, client],
  ] as const) {
    from.on('error', () => to.destroy());
    from.once('close', () => to.destroy());
    from.once('end', () => {
      const timer = setTimeout(() => to.destroy(), farewellMs);
      to.once('close', () => clearTimeout(timer));
    });
  }
}

/** The backend declined the upgrade: its answer goes to the client, and the connection ends with it. */
function passRefusalBack(answer: IncomingMessage, client: Duplex): void {
  const headers = toClientHeaders(answer.rawHeaders).filter(
    (_, at, all) => all[at - (at % 2)]?.toLowerCase() !== 'content-length',
  );
  client.write(
    toHead(answer.statusCode ?? 502, answer.statusMessage ?? '', [...headers, 'Connection', 'close']),
  );
  answer.once('error', () => client.destroy());
  answer.pipe(client);
}

/** Writes an answer of the proxy's own to a connection that has left Node's HTTP server, and ends it. */
export function writeRaw(client: Duplex, answer: WrittenAnswer): void {
  const headers = Object.entries(answer.headers).flat();
  client.end(`${toHead(answer.status, '', [...headers, 'Connection', 'close'])}${answer.body}`);
  client.once('finish', () => client.destroy());
}

function toHead(status: number, reason: string, headers: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status} ${clean(reason)}`];
  for (let at = 0; at + 1 < headers.length; at += 2)
    lines.push(`${headers[at]}: ${clean(headers[at + 1] ?? '')}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function clean(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}
