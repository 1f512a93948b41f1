/**
 * Escapes one token of a NATS subject or KV key: letters, digits, `-` and `_` stay, every other UTF-8 byte becomes `=XX` in
 * upper-case hexadecimal (`%` is no KV key character). The empty token is `=`. Inverse: `decodeToken`.
 */
export function encodeToken(token: string): string {
  if (token === '') return '=';
  return Array.from(new TextEncoder().encode(token), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Inverse of `encodeToken`. Throws a RangeError for text that `encodeToken` cannot have made. */
export function decodeToken(token: string): string {
  if (token === '=') return '';
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(token)) throw new RangeError('not an encoded token');
  const bytes = token.replace(
    /=([0-9A-F]{2})|([\s\S])/g,
    (_all, hex: string | undefined, char: string | undefined) =>
      hex ?? (char as string).charCodeAt(0).toString(16).padStart(2, '0'),
  );
  return new TextDecoder('utf-8', { fatal: true }).decode(
    Uint8Array.from({ length: bytes.length / 2 }, (_item, index) =>
      Number.parseInt(bytes.slice(index * 2, index * 2 + 2), 16),
    ),
  );
}

/** Joins tokens into a subject or key, each escaped. */
export function encodeSubject(...tokens: readonly string[]): string {
  return tokens.map(encodeToken).join('.');
}

/** `ws.<environment>.<rest>` carries an Environment. */
export function environmentSubject(environment: string, ...rest: readonly string[]): string {
  return encodeSubject('ws', environment, ...rest);
}

/** `sv.<rest>` carries what belongs to no Environment. */
export function sovereignSubject(...rest: readonly string[]): string {
  return encodeSubject('sv', ...rest);
}
