import { ok, type Result, refused } from '../problem.ts';
import { classifyAddress } from './address-class.ts';

/** Where outgoing requests of an Organization may go. */
export interface DestinationRules {
  /** Loopback and private addresses too; never link-local, multicast or metadata addresses. */
  readonly allowPrivate: boolean;
  /** Names of the Sovereign itself, as `localhost`; each stands for everything below it too. */
  readonly ownNames: readonly string[];
}

/** Ports that take mail: a request with a chosen body could be read as one. */
const mailPorts = new Set([25, 465, 587]);

/**
 * Reads the address of a webhook, and refuses what can be refused without asking for addresses: another scheme, credentials, the
 * Sovereign's own names, and hosts written as an address that is not public. Problems have the code `InvalidUrl` or `BlockedUrl`.
 */
export function checkDestination(text: string, rules: DestinationRules): Result<URL> {
  const refuse = (code: string, message: string) => refused({ code, field: 'url', message });
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || text.length > 1000)
    return refuse('InvalidUrl', 'Must be a URL of at most 1,000 characters, as https://example.com/hook.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse('InvalidUrl', 'Must begin with https:// or http://.');
  if (url.username !== '' || url.password !== '')
    return refuse('InvalidUrl', 'Must hold no user and password. The signature tells who sends.');
  if (url.port === '0' || mailPorts.has(Number(url.port)))
    return refuse('BlockedUrl', `Port ${url.port} is not one that web servers use.`);
  const host = hostOf(url);
  const own = rules.ownNames.some((name) => host === name || host.endsWith(`.${name}`));
  if (own && !rules.allowPrivate)
    return refuse('BlockedUrl', 'This name belongs to the Sovereign itself, which sends nothing to itself.');
  if (isAddress(host) && !mayReach(host, rules.allowPrivate)) return refuse('BlockedUrl', blockedMessage);
  return ok(url);
}

/** What is said of an address that is refused; nothing that would tell what is there. */
export const blockedMessage =
  'It leads to an address that is not public. A sovereign-admin can allow private ones (--allow-private-webhooks).';

/** Whether something may be sent to an address. */
export function mayReach(address: string, allowPrivate: boolean): boolean {
  const found = classifyAddress(address);
  return found === 'public' || (allowPrivate && found === 'private');
}

/** The host of a URL without brackets and final dot, in lower case. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** Whether a host of a parsed URL is an address and no name; parsing has brought every way to write one into these two shapes. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+(?:\.\d+){3}$/.test(host);
}
