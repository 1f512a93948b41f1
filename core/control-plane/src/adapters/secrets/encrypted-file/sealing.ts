import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CatalystError, codes } from '@catalyst/model/problem.ts';

const keyBytes = 32;

/** One version of a secret as it stands on the disk: the values sealed, the rest readable and bound to them. */
export interface SealedVersion {
  readonly version: number;
  /** RFC 3339 */
  readonly createdAt: string;
  readonly keys: readonly string[];
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** Seals values with AES-256-GCM; path, version, time and keys are authenticated with them, so that no file can be moved or mixed. */
export function seal(
  key: KeyObject,
  path: string,
  version: number,
  createdAt: string,
  values: Readonly<Record<string, string>>,
): SealedVersion {
  const keys = Object.keys(values).sort();
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(boundTo(path, { version, createdAt, keys }));
  const data = Buffer.concat([cipher.update(JSON.stringify(values), 'utf8'), cipher.final()]);
  return {
    version,
    createdAt,
    keys,
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
}

/** Inverse of `seal`; throws `Internal` where the file was altered or another key sealed it. */
export function unseal(key: KeyObject, path: string, sealed: SealedVersion): Record<string, string> {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'), {
      authTagLength: 16,
    });
    decipher.setAAD(boundTo(path, sealed));
    decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
    const text = Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]);
    return JSON.parse(text.toString('utf8'));
  } catch {
    // The cause is not passed on: it may quote what was decrypted.
    throw new CatalystError(
      codes.Internal,
      `The secret ${path} cannot be opened: its file was altered, or another key sealed it.`,
    );
  }
}

function boundTo(path: string, version: Pick<SealedVersion, 'version' | 'createdAt' | 'keys'>): Buffer {
  return Buffer.from(JSON.stringify([path, version.version, version.createdAt, version.keys]));
}

/**
 * Reads the key file, or makes it (mode 0600) where `mayCreate`. A missing key beside sealed values is an error, because a
 * new one would make them look empty; an `Unavailable` says so.
 */
export function loadKey(file: string, mayCreate: () => boolean): KeyObject {
  const found = readKey(file);
  if (found) return found;
  if (!mayCreate())
    throw new CatalystError(
      codes.Unavailable,
      `The key file ${file} is missing, and secrets sealed with it exist. Restore it from its backup.`,
    );
  const temporary = `${file}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, 'wx', 0o600);
  writeSync(descriptor, `${randomBytes(keyBytes).toString('base64')}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  // A link never replaces a key that somebody else made in between.
  linkSync(temporary, file);
  rmSync(temporary);
  syncFolder(dirname(file));
  return readKey(file) ?? raise(file);
}

function readKey(file: string): KeyObject | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CatalystError(codes.Unavailable, `The key file ${file} cannot be read.`, { cause: error });
  }
  chmodSync(file, 0o600);
  const bytes = Buffer.from(text.trim(), 'base64');
  return bytes.length === keyBytes ? createSecretKey(bytes) : raise(file);
}

function raise(file: string): never {
  throw new CatalystError(codes.Unavailable, `The key file ${file} holds no key of ${keyBytes} bytes.`);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
