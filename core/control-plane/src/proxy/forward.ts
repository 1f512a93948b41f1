import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import {
  AnswerTimeout,
  type BackendAddress,
  failureCode,
  isUnreachable,
  type ProxyTimeouts,
  toRequestOptions,
  watchConnecting,
} from './backend.ts';
import { hasBody, toClientHeaders } from './headers.ts';

/** One request on its way to a backend. */
export interface Forwarding {
  readonly backend: BackendAddress;
  readonly url: string;
  /** Flat, already cleaned, body framing included. */
  readonly headers: readonly string[];
  readonly framing: readonly string[];
  readonly agent: Agent;
  readonly timeouts: ProxyTimeouts;
  /** Called at most once, when the backend gave no answer and nothing was written to the client. */
  readonly onFailure: (reason: 'unreachable' | 'broken' | 'timeout') => void;
}

/**
 * Passes a request on and its answer back, as streams: nothing is buffered whole. When either side goes away, the other is
 * cut off, so that a client never takes half an answer for a whole one.
 */
export function forward(request: IncomingMessage, response: ServerResponse, forwarding: Forwarding): void {
  const { timeouts } = forwarding;
  const bodied = hasBody(forwarding.framing);
  // A kept connection may just be closing; a request with a body cannot be sent again, so it gets a fresh one. That one may be
  // kept too: a backend that refuses early and closes would break what is still being sent, and its answer would be lost.
  const own = bodied ? new Agent({ keepAlive: true }) : undefined;
  const upstream = httpRequest({
    ...toRequestOptions(forwarding.backend),
    method: request.method,
    path: forwarding.url,
    headers: forwarding.headers,
    agent: own ?? forwarding.agent,
    setHost: false,
  });
  upstream.once('close', () => own?.destroy());
  let settled = false;
  const answerTimer = setTimeout(() => upstream.destroy(new AnswerTimeout()), timeouts.answerMs);
  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    clearTimeout(answerTimer);
    return true;
  };

  watchConnecting(upstream, timeouts.connectMs, () => undefined);
  upstream.on('error', (error) => {
    if (!settle()) return response.destroy();
    if (response.destroyed) return;
    request.unpipe(upstream);
    if (mayRetry(upstream.reusedSocket, bodied, request.method, error))
      return forward(request, response, forwarding);
    if (failureCode(error) === 'EANSWERTIMEOUT') forwarding.onFailure('timeout');
    else forwarding.onFailure(isUnreachable(error) ? 'unreachable' : 'broken');
  });
  upstream.once('response', (answer) => {
    if (!settle()) return;
    answer.setTimeout(timeouts.idleMs, () => answer.destroy());
    if (bodied) answer.once('end', () => linger(request, upstream));
    passBack(answer, response, () => forwarding.onFailure('broken'));
  });
  // Without a listener an upgrade answer that nobody asked for would leave the socket open.
  upstream.once('upgrade', (_, socket) => {
    socket.destroy();
    if (settle()) forwarding.onFailure('broken');
  });
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
  if (bodied) {
    request.once('aborted', () => upstream.destroy());
    request.pipe(upstream);
  } else upstream.end();
}

const lingerMs = 30_000;

/**
 * The backend has said all, and the client is still sending: what comes is read and dropped for a while, because a client that
 * cannot send on, or whose connection is cut, does not hear the answer.
 */
function linger(request: IncomingMessage, upstream: ClientRequest): void {
  if (upstream.writableFinished) return;
  request.unpipe(upstream);
  upstream.destroy();
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMs).unref();
  request.once('close', () => clearTimeout(timer));
}

/** Only what is safe to ask twice, and only when a kept connection turned out to be closed. */
function mayRetry(reused: boolean, bodied: boolean, method: string | undefined, error: unknown): boolean {
  if (!reused || bodied) return false;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') return false;
  return ['ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH'].includes(failureCode(error));
}

function passBack(answer: IncomingMessage, response: ServerResponse, onBadHead: () => void): void {
  if (response.destroyed) {
    answer.destroy();
    return;
  }
  try {
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage ?? '',
      toClientHeaders(answer.rawHeaders),
    );
  } catch {
    answer.destroy();
    onBadHead();
    return;
  }
  // An event stream's headers must not wait for its first event.
  response.flushHeaders();
  answer.once('error', () => response.destroy());
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
  answer.pipe(response);
}
