import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import { noRevision } from './hostile-names.ts';
import type { NewObjects } from './objects.ts';

const deflated = promisify(deflate);
const parallelWrites = 8;

/** Writes the folder of an empty bare repository, as `git init --bare` does without its templates. */
export async function writeSkeleton(directory: string, head: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    await mkdir(join(directory, folder), { recursive: true, mode: 0o700 });
  await writeDurably(join(directory, 'HEAD'), `ref: refs/heads/${head}\n`);
  await writeDurably(
    join(directory, 'config'),
    '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n',
  );
  for (const folder of ['objects', 'refs', '.']) await syncFolder(join(directory, folder));
}

/** Writes loose objects so that they and their names are on the disk when it resolves. */
export async function writeObjects(directory: string, objects: NewObjects): Promise<void> {
  const waiting = [...objects];
  const folders = new Set<string>();
  let madeFolder = false;
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [id, bytes] = next;
      const folder = join(directory, 'objects', id.slice(0, 2));
      const path = join(folder, id.slice(2));
      if (await exists(path)) continue;
      if (await mkdir(folder, { recursive: true, mode: 0o700 })) madeFolder = true;
      const temporary = join(folder, `tmp_obj_${randomBytes(8).toString('hex')}`);
      await writeDurably(temporary, await deflated(bytes, { level: 1 }), 0o444);
      await rename(temporary, path);
      folders.add(folder);
    }
  };
  await Promise.all(Array.from({ length: parallelWrites }, work));
  await Promise.all([...folders].map(syncFolder));
  if (madeFolder) await syncFolder(join(directory, 'objects'));
}

/** The revision that a ref holds; undefined where there is none. Nobody but Catalyst moves refs, so no lock is needed. */
export async function readRef(directory: string, ref: string): Promise<string | undefined> {
  const loose = await readText(join(directory, ref));
  const direct = /^([0-9a-f]{40})\s*$/.exec(loose ?? '');
  if (direct) return direct[1];
  const packed = (await readText(join(directory, 'packed-refs'))) ?? '';
  for (const line of packed.split('\n'))
    if (line.slice(41) === ref && line[40] === ' ') return line.slice(0, 40);
  return undefined;
}

/**
 * Moves a ref if it still holds `from`, with the lock file that Git uses; on the disk when it resolves. False when it holds
 * something else or its name is in the way of another ref. The caller owns the repository.
 */
export async function moveRef(directory: string, ref: string, from: string, to: string): Promise<boolean> {
  const path = join(directory, ref);
  await removeStaleLocks(directory, [ref]);
  try {
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(`${path}.lock`, `${to}\n`);
    if (((await readRef(directory, ref)) ?? noRevision) !== from) {
      await rm(`${path}.lock`, { force: true });
      return false;
    }
    await rename(`${path}.lock`, path);
    await syncUpTo(made === undefined ? dirname(path) : dirname(made), dirname(path));
    return true;
  } catch (error) {
    await rm(`${path}.lock`, { force: true }).catch(() => undefined);
    if (errorCode(error) === 'EISDIR' || errorCode(error) === 'ENOTDIR' || errorCode(error) === 'EEXIST')
      return false;
    throw error;
  }
}

/** Makes durable what a Git process has moved: names of packs and refs. */
export async function syncRepository(directory: string, refs: readonly string[]): Promise<void> {
  for (const folder of ['objects/pack', 'objects', '.']) await syncFolder(join(directory, folder));
  // The folders of a branch that is deleted go with it.
  for (const ref of refs) await syncUpTo(directory, join(directory, dirname(ref)));
}

/** Flushes a folder and those around it, up to `top`; those that are not there are passed over. */
async function syncUpTo(top: string, folder: string): Promise<void> {
  for (let at = folder; at.length >= top.length; at = dirname(at)) await syncFolder(at).catch(ignoreMissing);
}

/** Removes lock files that a killed process left. The caller owns the repository and knows that no process moves refs in it. */
export async function removeStaleLocks(directory: string, refs: readonly string[]): Promise<void> {
  for (const ref of [...refs, 'HEAD', 'packed-refs'])
    await rm(join(directory, `${ref}.lock`), { force: true }).catch((error: unknown) => {
      // Where a branch is in the way of the name there is no lock either.
      if (errorCode(error) !== 'ENOTDIR') throw error;
    });
}

/** Whether something is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** Names in a folder; none where it is not there. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Flushes a folder, so that the names in it survive. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Runs work on the disk; what the disk refuses is `Unavailable`. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CatalystError || errorCode(error) === undefined) throw error;
    throw new CatalystError(codes.Unavailable, 'The repositories cannot be used: the disk refuses.', {
      cause: error,
      retry: 'later',
    });
  }
}

async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const handle = await open(path, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && 'syscall' in error ? String(error.code) : undefined;
}
