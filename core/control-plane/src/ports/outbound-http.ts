import type { Result } from '@catalyst/model/problem.ts';

/** What is to be sent. */
export interface OutboundPost {
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the attempt early. */
  readonly signal?: AbortSignal;
}

/**
 * What came of it: the status of the last answer, or why there was none. `Blocked`: an address that may not be reached, and nothing
 * was sent to it. `message` is one sentence that tells nothing of what is at an address.
 */
export type OutboundAnswer =
  | { readonly ok: true; readonly status: number }
  | {
      readonly ok: false;
      readonly code: 'Blocked' | 'Redirected' | 'TimedOut' | 'Unreachable';
      readonly message: string;
    };

/**
 * Requests to places that strangers name. Never to an address that is not public (unless the Sovereign allows private ones), whatever a
 * name resolves to and whereto an answer redirects: what is checked is the very address that is connected to. Follows at most three
 * redirects, with the same method and body, never from https to http. Ten seconds in all; at most 4 kB of an answer is read, and none
 * of it is given to anybody. No proxy, no cookies, no connection is used twice. Never throws for what the other side does.
 */
export interface OutboundHttp {
  /** What can be refused without sending anything; asks for no addresses. */
  check(url: string): Result<URL>;
  post(request: OutboundPost): Promise<OutboundAnswer>;
}
