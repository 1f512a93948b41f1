import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import type { Logger } from '../../../ports/logger.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Renders on disk by key. A damaged or missing one is no answer; writing never fails a render. */
export interface RenderCache {
  read(key: string): Promise<readonly KubernetesObject[] | undefined>;
  write(key: string, objects: readonly KubernetesObject[]): Promise<void>;
}

/** Keeps at most `maxBytes` below `directory`, the least recently used go first. Keys are hexadecimal hashes. */
export function createRenderCache(directory: string, maxBytes: number, logger: Logger): RenderCache {
  let total: Promise<number> | undefined;
  const pathOf = (key: string) => join(directory, key.slice(0, 2), key);

  async function evict(): Promise<number> {
    const entries = await listEntries(directory);
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    if (bytes <= maxBytes) return bytes;
    // Down to nine tenths, so that not every write has to look again.
    for (const entry of entries.sort((a, b) => a.usedMs - b.usedMs)) {
      if (bytes <= maxBytes * 0.9) break;
      await rm(entry.path, { force: true });
      bytes -= entry.bytes;
    }
    return bytes;
  }

  return {
    async read(key) {
      const path = pathOf(key);
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      const body = text.slice(65);
      if (text.slice(0, 64) !== sha256(body)) {
        logger.warn({ key }, 'A stored render is damaged and made again');
        await rm(path, { force: true });
        return undefined;
      }
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      return JSON.parse(body) as readonly KubernetesObject[];
    },
    async write(key, objects) {
      const body = JSON.stringify(objects);
      try {
        await writeAtomic(pathOf(key), `${sha256(body)}\n${body}`);
        const bytes = (await (total ?? evict())) + body.length + 65;
        total = bytes > maxBytes ? evict() : Promise.resolve(bytes);
        await total;
      } catch (error) {
        total = undefined;
        logger.warn({ code: (error as NodeJS.ErrnoException).code }, 'A render could not be stored');
      }
    },
  };
}

async function listEntries(directory: string): Promise<{ path: string; bytes: number; usedMs: number }[]> {
  const entries: { path: string; bytes: number; usedMs: number }[] = [];
  for (const folder of await readdir(directory).catch(() => []))
    for (const name of /^[0-9a-f]{2}$/.test(folder)
      ? await readdir(join(directory, folder)).catch(() => [])
      : []) {
      const path = join(directory, folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined) entries.push({ path, bytes: found.size, usedMs: found.mtimeMs });
    }
  return entries;
}

async function writeAtomic(path: string, content: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
