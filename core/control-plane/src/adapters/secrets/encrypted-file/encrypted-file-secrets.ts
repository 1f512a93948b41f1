import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { SecretMetadata, Secrets } from '../../../ports/secrets.ts';
import { loadKey, type SealedVersion, seal, unseal } from './sealing.ts';

const keptVersions = 10;
const maximumValueBytes = 1024 * 1024;
const maximumListed = 10_000;
const segmentPattern = /^[a-zA-Z0-9_](?:[a-zA-Z0-9._-]{0,126}[a-zA-Z0-9_-])?$/;
/** No name of a path contains it, so that the file of `a/b` and the folder of `a/b/c` never meet. */
const fileSuffix = '=.json';

interface SecretFile {
  readonly path: string;
  readonly versions: readonly SealedVersion[];
}

/** Where the sealed files and their key are. */
export interface EncryptedFileSecretsOptions {
  /** Made where it is missing (mode 0700); holds `key` and `values/`. */
  readonly directory: string;
}

/**
 * `Secrets` as one sealed file per path below `<directory>/values`, AES-256-GCM with the key in `<directory>/key`. The last ten
 * versions are kept. A write replaces the whole file and is on the disk before it is acknowledged.
 */
export function createEncryptedFileSecrets(options: EncryptedFileSecretsOptions): Secrets {
  const root = join(options.directory, 'values');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const key = loadKey(join(options.directory, 'key'), () => readdirSync(root).length === 0);
  const trash = join(options.directory, 'trash');
  const lock = createLock();
  let closed = false;

  const guard = () => {
    if (closed) throw new CatalystError(codes.Unavailable, 'The secret store is closed.');
  };

  return {
    async read(path) {
      guard();
      const newest = (await readSecretFile(fileOf(root, path)))?.versions.at(-1);
      return newest && { version: newest.version, values: unseal(key, path, newest) };
    },
    async write(path, values, expectedVersion) {
      guard();
      const file = fileOf(root, path);
      checkValues(values);
      return lock(async () => {
        const present = await readSecretFile(file);
        const version = present?.versions.at(-1)?.version ?? 0;
        if (version !== expectedVersion) return false;
        const sealed = seal(key, path, version + 1, new Date().toISOString(), values);
        const versions = [...(present?.versions ?? []), sealed].slice(-keptVersions);
        await translated(() => replaceFile(root, file, JSON.stringify({ path, versions })));
        return true;
      });
    },
    async metadata(prefix) {
      guard();
      const found: SecretMetadata[] = [];
      if (prefix !== '' && !prefix.endsWith('/')) await describe(fileOf(root, prefix), found);
      await describeBelow(folderOf(root, prefix), found);
      return found.sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    async delete(pathOrPrefix) {
      guard();
      const target = pathOrPrefix.endsWith('/') ? folderOf(root, pathOrPrefix) : fileOf(root, pathOrPrefix);
      if (target === root) throw invalidPath();
      await lock(() => translated(() => removeForGood(target, trash)));
    },
    async close() {
      closed = true;
      await lock(async () => undefined);
    },
  };
}

function fileOf(root: string, path: string): string {
  return join(root, ...segmentsOf(path)) + fileSuffix;
}

function folderOf(root: string, prefix: string): string {
  return prefix === '' ? root : join(root, ...segmentsOf(prefix.replace(/\/$/, '')));
}

function segmentsOf(path: string): string[] {
  const segments = path.split('/');
  if (path.length > 512 || segments.length > 8 || !segments.every((name) => segmentPattern.test(name)))
    throw invalidPath();
  return segments;
}

function invalidPath(): CatalystError {
  return new CatalystError(
    codes.Invalid,
    'A secret path has one to eight names of letters, digits, ".", "_" and "-", joined by "/".',
  );
}

function checkValues(values: Readonly<Record<string, string>>): void {
  const entries = Object.entries(values);
  if (entries.some(([name, value]) => name === '' || name.length > 253 || typeof value !== 'string'))
    throw new CatalystError(
      codes.Invalid,
      'The values of a secret are texts under names of 1 to 253 letters.',
    );
  if (entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > maximumValueBytes)
    throw new CatalystError(codes.TooLarge, 'The values of a secret are over 1 MB.');
}

async function readSecretFile(file: string): Promise<SecretFile | undefined> {
  const text = await translated(() => orMissing(readFile(file, 'utf8')));
  return text === undefined ? undefined : JSON.parse(text);
}

async function describe(file: string, found: SecretMetadata[]): Promise<void> {
  const secret = await readSecretFile(file);
  const newest = secret?.versions.at(-1);
  if (!secret || !newest) return;
  if (found.length >= maximumListed)
    throw new CatalystError(codes.TooLarge, 'More than 10,000 secrets lie below this prefix.');
  const { version, keys, createdAt } = newest;
  found.push({ path: secret.path, version, keys, createdAt });
}

async function describeBelow(folder: string, found: SecretMetadata[]): Promise<void> {
  const entries = (await translated(() => orMissing(readdir(folder, { withFileTypes: true })))) ?? [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await describeBelow(path, found);
    else if (entry.name.endsWith(fileSuffix)) await describe(path, found);
  }
}

async function replaceFile(root: string, file: string, text: string): Promise<void> {
  const folder = dirname(file);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.new-${process.pid}`);
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(folder);
  if (made === undefined) return;
  for (let parent = dirname(folder); parent.startsWith(root); parent = dirname(parent))
    await syncFolder(parent);
}

/** One rename takes everything away at once; the removal after it may be interrupted. */
async function removeForGood(target: string, trash: string): Promise<void> {
  await rm(trash, { recursive: true, force: true });
  if (!existsSync(target)) return;
  await rename(target, trash);
  await syncFolder(dirname(target));
  await rm(trash, { recursive: true, force: true });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new CatalystError(codes.Unavailable, 'The secret store cannot be used: the disk refuses.', {
        cause: error,
        retry: 'later',
      });
    throw error;
  }
}

/** One change after another. */
function createLock(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };
}
