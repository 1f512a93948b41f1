import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EntryRoute, EntryRoutes } from '../../../ports/entry-routes.ts';

/**
 * The entry proxy's table as a file `{ version: 1, routes: [...] }` that the proxy watches. A reader sees the old table or
 * the new one, never a part; a table that was replaced survives a power cut. Calls that overlap take effect in their order.
 * Rejects with the system's error when the file cannot be written; the old table then stays.
 */
export function createFileEntryRoutes(options: { path: string }): EntryRoutes {
  let last: Promise<void> = Promise.resolve();
  return {
    async current() {
      try {
        const table = JSON.parse(await readFile(options.path, 'utf8')) as {
          version: number;
          routes: EntryRoute[];
        };
        return table.version === 1 ? table.routes : [];
      } catch {
        // An unreadable table is replaced by the next one.
        return [];
      }
    },
    replace(routes) {
      const text = JSON.stringify({ version: 1, routes });
      const turn = last.then(() => replaceFile(options.path, text));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  // The rename itself is durable only once the folder is.
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
