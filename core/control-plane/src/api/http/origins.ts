import type { IncomingHttpHeaders } from 'node:http';
import { CatalystError } from '@catalyst/model/problem.ts';

/** Names under which the control plane answers, beside that of its own origin. */
const localNames = ['localhost', '127.0.0.1', '[::1]', 'console.localhost'];

/** Checks against DNS rebinding and cross-site requests. */
export interface Origins {
  /** `http://localhost:8080`: where people sign in. */
  readonly canonical: string;
  /** Throws `MisdirectedRequest` for a Host that is not ours. */
  checkHost(headers: IncomingHttpHeaders): void;
  /** Throws `CrossOrigin` unless a browser says that the request comes from the host it goes to; `proof`: it must say so. */
  checkSameOrigin(headers: IncomingHttpHeaders, proof: boolean): void;
  /** Whether the request came to the canonical host. */
  isCanonical(headers: IncomingHttpHeaders): boolean;
}

/** `origin` as `http://localhost:8080`; local names are accepted with its port. */
export function createOrigins(origin: string): Origins {
  const canonical = new URL(origin);
  const suffix = canonical.port === '' ? '' : `:${canonical.port}`;
  const hosts = new Set([canonical.host, ...localNames.map((name) => `${name}${suffix}`)]);
  const hostOf = (headers: IncomingHttpHeaders) => (headers.host ?? '').toLowerCase();

  return {
    canonical: canonical.origin,
    isCanonical: (headers) => hostOf(headers) === canonical.host,
    checkHost(headers) {
      if (!hosts.has(hostOf(headers)))
        throw new CatalystError(
          'MisdirectedRequest',
          `This host is not served here. Use ${canonical.origin}.`,
        );
    },
    checkSameOrigin(headers, proof) {
      const { origin: from } = headers;
      const site = headers['sec-fetch-site'];
      const same =
        from === undefined || from === 'null'
          ? site === undefined
            ? !proof && from === undefined
            : site === 'same-origin'
          : from.toLowerCase() === `${canonical.protocol}//${hostOf(headers)}`;
      if (!same)
        throw new CatalystError(
          'CrossOrigin',
          'This request comes from another site, so it was not carried out. Use the console, or a token.',
        );
    },
  };
}
