import type { FoundObject } from './object-reader.ts';
import type { NewObjects } from './objects.ts';

/**
 * Objects that Catalyst wrote lately, answered from memory: whatever follows a commit reads it at once, and the first question to a
 * repository would start a Git process for it.
 */
export interface RecentObjects {
  /** Takes what is on the disk. */
  add(directory: string, objects: NewObjects): void;
  /**
   * What `git cat-file` says of `<id>`, `<revision>:<path>` and `<revision>:`. Undefined where that needs an object that is not kept,
   * or one over `maxBytes`: Git knows.
   */
  find(
    directory: string,
    name: string,
    maxBytes: number,
  ): { readonly found: FoundObject | undefined } | undefined;
  /** Forgets a repository that is deleted. */
  forget(directory: string): void;
}

const largestKept = 256 * 1024;
/** What keeping one takes beside its bytes: its name, and its place. */
const eachBytes = 500;

/** Keeps the newest objects of up to 256 KiB, in about `mostBytes` in all. */
export function createRecentObjects(mostBytes = 4 * 1024 * 1024): RecentObjects {
  const kept = new Map<string, Buffer>();
  let bytes = 0;

  function drop(key: string): void {
    const object = kept.get(key);
    if (!object) return;
    bytes -= object.length + eachBytes;
    kept.delete(key);
  }

  function read(directory: string, id: string): FoundObject | undefined {
    const object = kept.get(keyOf(directory, id));
    if (!object) return undefined;
    const header = object.indexOf(0);
    const [kind = ''] = object.toString('latin1', 0, header).split(' ');
    return { id, kind, content: Uint8Array.from(object.subarray(header + 1)) };
  }

  return {
    add(directory, objects) {
      for (const [id, object] of objects) {
        if (object.length > largestKept) continue;
        const key = keyOf(directory, id);
        drop(key);
        // Of its own: a small Buffer is a part of a larger one, which would be kept with it.
        kept.set(key, Buffer.from(Uint8Array.from(object).buffer));
        bytes += object.length + eachBytes;
      }
      for (const key of kept.keys()) {
        if (bytes <= mostBytes) break;
        drop(key);
      }
    },
    find(directory, name, maxBytes) {
      const [, start = '', path] = /^([0-9a-f]{40})(?::(.*))?$/s.exec(name) ?? [];
      let found = read(directory, start);
      if (path !== undefined) {
        if (found?.kind === 'commit') found = read(directory, treeOfCommit(found.content));
        for (const segment of path.split('/').filter(Boolean)) {
          if (!found) return undefined;
          const id = found.kind === 'tree' ? entryOf(found.content, segment) : undefined;
          if (id === undefined) return { found: undefined };
          found = read(directory, id);
        }
      }
      return found && found.content.length <= maxBytes ? { found } : undefined;
    },
    forget(directory) {
      for (const key of kept.keys()) if (key.startsWith(`${directory} `)) drop(key);
    },
  };
}

function keyOf(directory: string, id: string): string {
  return `${directory} ${id}`;
}

function treeOfCommit(content: Uint8Array): string {
  return Buffer.from(content).toString('latin1', 'tree '.length, 'tree '.length + 40);
}

/** Id of what a tree names so; a tree is `<mode> <name>\0<20 bytes>` for each entry. */
function entryOf(content: Uint8Array, name: string): string | undefined {
  const tree = Buffer.from(content.buffer, content.byteOffset, content.length);
  for (let at = 0; at < tree.length; ) {
    const [space, end] = [tree.indexOf(32, at), tree.indexOf(0, at)];
    if (tree.toString('utf8', space + 1, end) === name) return tree.toString('hex', end + 1, end + 21);
    at = end + 21;
  }
  return undefined;
}
