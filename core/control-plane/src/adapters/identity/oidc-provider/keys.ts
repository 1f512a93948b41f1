import { generateKeyPair, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { JWK } from 'oidc-provider';

/** What signs the issuer's tokens and cookies. */
export interface IssuerKeys {
  readonly jwks: { readonly keys: JWK[] };
  readonly cookieKeys: string[];
}

/** Reads `<directory>/issuer-keys.json`, and makes it once (mode 0600, durable before it is used). */
export async function loadIssuerKeys(directory: string): Promise<IssuerKeys> {
  const file = join(directory, 'issuer-keys.json');
  try {
    return parseKeys(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const keys = await generateKeys();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeDurably(file, JSON.stringify(keys));
  return keys;
}

async function generateKeys(): Promise<IssuerKeys> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' });
  return {
    jwks: { keys: [{ ...jwk, kid: randomUUID(), use: 'sig', alg: 'RS256' } as JWK] },
    cookieKeys: [randomBytes(32).toString('base64url')],
  };
}

function parseKeys(text: string, file: string): IssuerKeys {
  try {
    const parsed = JSON.parse(text) as Partial<IssuerKeys>;
    if (parsed.jwks?.keys?.length && parsed.cookieKeys?.length)
      return { jwks: parsed.jwks, cookieKeys: parsed.cookieKeys };
  } catch {
    // Said below: the parser's own words would quote the key.
  }
  throw new CatalystError(
    'Internal',
    `The issuer's keys in ${file} cannot be read. Restore the file from a backup, or delete it: then everybody signs in again.`,
  );
}

async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
