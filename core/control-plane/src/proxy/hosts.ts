/** Where a request belongs, judged by its host alone. */
export type HostTarget =
  | { readonly kind: 'console'; readonly host: string }
  | { readonly kind: 'application'; readonly host: string }
  | { readonly kind: 'unknown' };

const consoleHosts = new Set(['localhost', '127.0.0.1', 'console.localhost', '[::1]']);
const authority = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253}?)\.?(?::\d{1,5})?$/;
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
// A last label that starts with a letter tells a name from an address.
const applicationHost = new RegExp(`^(?:${label}\\.)+(?=[a-z])${label}$`);

/**
 * Parses a `Host` header. The port does not matter: behind a tunnel it is another one.
 * Only a match of the list names the console, so that a foreign name that resolves to this machine reaches nothing.
 */
export function parseHost(header: string | undefined): HostTarget {
  if (header === undefined || header.length > 260) return { kind: 'unknown' };
  const host = authority.exec(header.toLowerCase())?.[1];
  if (host === undefined) return { kind: 'unknown' };
  if (consoleHosts.has(host)) return { kind: 'console', host };
  return applicationHost.test(host) ? { kind: 'application', host } : { kind: 'unknown' };
}
