import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { checkDestination, hostOf, isAddress } from '@catalyst/model/webhook/check-url.ts';
import type { OutboundAnswer, OutboundHttp, OutboundPost } from '../../../ports/outbound-http.ts';
import {
  BlockedAddress,
  createAddressGuard,
  createGuardedLookup,
  type Resolver,
  systemResolver,
} from './guarded-lookup.ts';

const timeoutMs = 10_000;
const maxRedirects = 3;
const maxAnswerBytes = 4096;
const redirects = new Set([301, 302, 303, 307, 308]);

/** What `createGuardedHttp` needs. */
export interface GuardedHttpOptions {
  /** Loopback and private addresses too, and the Sovereign's own names. */
  readonly allowPrivate: boolean;
  /** Names of the Sovereign, as `localhost`. */
  readonly ownNames: readonly string[];
  /** How names become addresses; the machine's resolver unless told. */
  readonly resolve?: Resolver;
  /** Whether an address may be reached; decided by its class unless told. Tests have loopback only, and say which of it is "public". */
  readonly guard?: (address: string) => boolean;
  /** Of a whole attempt; 10 s unless told. */
  readonly timeoutMs?: number;
}

/** `OutboundHttp` on Node's own client. */
export function createGuardedHttp(options: GuardedHttpOptions): OutboundHttp {
  const guard = options.guard ?? createAddressGuard(options.allowPrivate);
  const lookup = createGuardedLookup(options.resolve ?? systemResolver, guard);
  const check = (url: string) => checkDestination(url, options);

  /** One request; undefined where the answer points elsewhere is for the caller to see. */
  function send(url: URL, post: OutboundPost, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const host = hostOf(url);
      // Node asks for no address where the host is one.
      if (isAddress(host) && !guard(host)) return reject(new BlockedAddress());
      const start = url.protocol === 'https:' ? requestHttps : requestHttp;
      const request = start(url, {
        method: 'POST',
        headers: { ...post.headers, 'content-length': Buffer.byteLength(post.body) },
        agent: false,
        lookup,
        signal,
        maxHeaderSize: 16 * 1024,
      });
      request.on('socket', (socket) =>
        socket.once('connect', () => {
          // Whatever way it got there.
          if (!guard(socket.remoteAddress ?? '')) request.destroy(new BlockedAddress());
        }),
      );
      request.on('response', resolve);
      request.on('error', reject);
      return request.end(post.body);
    });
  }

  async function follow(post: OutboundPost, signal: AbortSignal): Promise<OutboundAnswer> {
    let next = post.url;
    for (let hops = 0; ; hops += 1) {
      const checked = check(next);
      if (!checked.ok) return blocked(checked.problems[0]?.message ?? '');
      const response = await send(checked.value, post, signal);
      await drain(response);
      const status = response.statusCode ?? 0;
      const { location } = response.headers;
      if (!redirects.has(status) || location === undefined) return { ok: true, status };
      if (hops === maxRedirects) return redirected(`It redirects more than ${maxRedirects} times.`);
      if (!URL.canParse(location, checked.value)) return redirected('It redirects to what is no address.');
      const target = new URL(location, checked.value);
      if (checked.value.protocol === 'https:' && target.protocol !== 'https:')
        return redirected('It redirects from https to http, where anybody could read along.');
      next = target.href;
    }
  }

  return {
    check,
    async post(request) {
      const end = AbortSignal.timeout(options.timeoutMs ?? timeoutMs);
      const signal = request.signal ? AbortSignal.any([end, request.signal]) : end;
      try {
        return await follow(request, signal);
      } catch (error) {
        if (error instanceof BlockedAddress) return blocked(error.message);
        if (end.aborted) return { ok: false, code: 'TimedOut', message: 'It did not answer in time.' };
        return { ok: false, code: 'Unreachable', message: describe(error) };
      }
    },
  };
}

function blocked(message: string): OutboundAnswer {
  return { ok: false, code: 'Blocked', message };
}

function redirected(message: string): OutboundAnswer {
  return { ok: false, code: 'Redirected', message };
}

/** Reads a little of an answer, so that a good server is not cut off, and hangs up on the rest. */
async function drain(response: IncomingMessage): Promise<void> {
  let read = 0;
  try {
    for await (const chunk of response) {
      read += (chunk as Buffer).length;
      if (read > maxAnswerBytes) break;
    }
  } catch {
    // The status came, and that is what counts.
  } finally {
    response.destroy();
  }
}

const causes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Its name has no address.',
  EAI_AGAIN: 'Its name cannot be looked up now.',
  ECONNREFUSED: 'It refuses connections.',
  ECONNRESET: 'It hung up without an answer.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is signed by itself.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Its certificate is signed by an unknown authority.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Its certificate is signed by an unknown authority.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name.',
};

/** One sentence; messages of the platform may hold addresses. */
function describe(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return causes[code] ?? 'It could not be reached.';
}
