/** Belong to one connection, not to the message (RFC 9110 7.6.1), or are made anew by Node. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]);

/** Say who the client is; only this proxy may say that. `Proxy` becomes HTTP_PROXY in CGI programs. */
const clientClaims = new Set([
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'proxy',
  'catalyst-entry',
]);

/** Marks answers that the proxy itself gave, so that its waiting page can tell them from an Application's. */
export const entryHeader = 'Catalyst-Entry';

/** What the proxy knows of the client. */
export interface ClientFacts {
  readonly address: string;
  readonly host: string;
}

/** Name and value pairs in the order in which they came. */
type Pairs = readonly (readonly [string, string])[];

/** Pairs of Node's flat list of raw headers. */
export function toPairs(raw: readonly string[]): Pairs {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return pairs;
}

/** A list in which CGI's spelling (`X_Forwarded_For`) hides nothing. */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function namedByConnection(pairs: Pairs): Set<string> {
  const named = new Set<string>();
  for (const [name, value] of pairs) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const token of value.split(',')) named.add(token.trim().toLowerCase());
  }
  // Nobody may have these removed by naming them in `Connection`.
  for (const name of ['host', 'content-length', 'cookie', 'authorization']) named.delete(name);
  return named;
}

/** The request's headers as the backend gets them, flat as Node wants them; body and upgrade headers are not among them. */
export function toBackendHeaders(raw: readonly string[], client: ClientFacts): string[] {
  const pairs = toPairs(raw);
  const dropped = namedByConnection(pairs);
  const headers: string[] = [];
  for (const [name, value] of pairs) {
    const key = canonical(name);
    if (hopByHop.has(key) || dropped.has(name.toLowerCase()) || key === 'content-length') continue;
    if (clientClaims.has(key) || key.startsWith('x-forwarded-')) continue;
    headers.push(name, value);
  }
  const port = /:(\d+)$/.exec(client.host)?.[1];
  headers.push(
    'X-Forwarded-For',
    client.address,
    'X-Forwarded-Host',
    client.host,
    'X-Forwarded-Proto',
    'http',
  );
  if (port !== undefined) headers.push('X-Forwarded-Port', port);
  return headers;
}

/** The backend's headers as the client gets them. */
export function toClientHeaders(raw: readonly string[]): string[] {
  const pairs = toPairs(raw);
  const dropped = namedByConnection(pairs);
  const headers: string[] = [];
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    if (hopByHop.has(key) || dropped.has(key) || key === 'catalyst-entry') continue;
    headers.push(name, value);
  }
  return headers;
}

/** How the body of a request is framed towards the backend; `undefined` when the framing cannot be trusted. */
export function bodyFraming(raw: readonly string[], method: string): readonly string[] | undefined {
  let length: string | undefined;
  let chunked = false;
  for (const [name, value] of toPairs(raw)) {
    const key = name.toLowerCase();
    if (key === 'content-length') {
      if (!/^\d{1,15}$/.test(value) || (length !== undefined && length !== value)) return undefined;
      length = value;
    } else if (key === 'transfer-encoding') {
      if (value.toLowerCase() !== 'chunked' || chunked) return undefined;
      chunked = true;
    }
  }
  if (chunked) return length === undefined ? ['Transfer-Encoding', 'chunked'] : undefined;
  if (length !== undefined) return ['Content-Length', length];
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? ['Content-Length', '0'] : [];
}

/** True when the request has a body that is still to come. */
export function hasBody(framing: readonly string[]): boolean {
  return framing.length > 0 && framing[1] !== '0';
}

/** How often a header occurs. */
export function countHeader(raw: readonly string[], name: string): number {
  return toPairs(raw).filter(([key]) => key.toLowerCase() === name).length;
}
