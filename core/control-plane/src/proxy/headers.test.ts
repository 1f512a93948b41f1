import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyFraming, toBackendHeaders, toClientHeaders } from './headers.ts';

const client = { address: '10.0.0.9', host: 'shop.acme-dev.localhost:8080' };

test('headers: what a client claims of itself does not reach the backend', () => {
  const sent = toBackendHeaders(
    [
      'Host',
      client.host,
      'X-Forwarded-For',
      '1.2.3.4',
      'x_forwarded_proto',
      'https',
      'Forwarded',
      'for=1.2.3.4',
      'X-Real-IP',
      '1.2.3.4',
      'Proxy',
      'http://evil',
      'Cookie',
      'a=b',
    ],
    client,
  );
  assert.deepEqual(sent, [
    ...['Host', client.host, 'Cookie', 'a=b', 'X-Forwarded-For', '10.0.0.9', 'X-Forwarded-Host', client.host],
    ...['X-Forwarded-Proto', 'http', 'X-Forwarded-Port', '8080'],
  ]);
});

test('headers: those of one connection end at the proxy, those that Connection names too', () => {
  const raw = [
    'Host',
    'h',
    'Connection',
    'keep-alive, X-Once',
    'X-Once',
    '1',
    'TE',
    'trailers',
    'Upgrade',
    'h2c',
    'HTTP2-Settings',
    'x',
    'Expect',
    '100-continue',
    'X-Kept',
    '1',
  ];
  const sent = toBackendHeaders(raw, { address: 'a', host: 'h' });
  assert.deepEqual(sent.slice(0, 4), ['Host', 'h', 'X-Kept', '1']);
  assert.equal(sent.includes('X-Once'), false);
});

test('headers: Connection cannot remove the host or a credential', () => {
  const sent = toBackendHeaders(
    ['Host', 'h', 'Connection', 'Host, Authorization, Cookie', 'Authorization', 'Bearer x', 'Cookie', 'c=1'],
    { address: 'a', host: 'h' },
  );
  assert.deepEqual(sent.slice(0, 6), ['Host', 'h', 'Authorization', 'Bearer x', 'Cookie', 'c=1']);
});

test('headers: repeated ones of an answer stay repeated, and the mark of the proxy cannot be forged', () => {
  const back = toClientHeaders([
    'Set-Cookie',
    'a=1',
    'Set-Cookie',
    'b=2',
    'Transfer-Encoding',
    'chunked',
    'Catalyst-Entry',
    'waiting',
  ]);
  assert.deepEqual(back, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
});

const framings: { name: string; raw: string[]; method?: string; want: readonly string[] | undefined }[] = [
  { name: 'no body', raw: [], want: [] },
  { name: 'a POST without length is empty', raw: [], method: 'POST', want: ['Content-Length', '0'] },
  { name: 'a length', raw: ['Content-Length', '5'], want: ['Content-Length', '5'] },
  { name: 'chunks', raw: ['Transfer-Encoding', 'chunked'], want: ['Transfer-Encoding', 'chunked'] },
  { name: 'both', raw: ['Content-Length', '5', 'Transfer-Encoding', 'chunked'], want: undefined },
  { name: 'two lengths that differ', raw: ['Content-Length', '5', 'Content-Length', '6'], want: undefined },
  { name: 'a signed length', raw: ['Content-Length', '+5'], want: undefined },
  { name: 'an encoding that hides chunks', raw: ['Transfer-Encoding', 'xchunked'], want: undefined },
  { name: 'a list of encodings', raw: ['Transfer-Encoding', 'gzip, chunked'], want: undefined },
];
for (const { name, raw, method, want } of framings) {
  test(`framing: ${name}`, () => assert.deepEqual(bodyFraming(raw, method ?? 'GET'), want));
}
