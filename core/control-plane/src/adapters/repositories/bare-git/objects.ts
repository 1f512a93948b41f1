import { createHash } from 'node:crypto';
import type { TreeFile } from '../../../ports/repositories.ts';

/** A Git object to be written: its bytes with the header, under its name. */
export type NewObjects = Map<string, Buffer>;

/** Names an object and puts it with the others. */
export function addObject(
  objects: NewObjects,
  kind: 'blob' | 'tree' | 'commit',
  content: Uint8Array,
): string {
  const bytes = Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
  const id = createHash('sha1').update(bytes).digest('hex');
  objects.set(id, bytes);
  return id;
}

/** Name of a file's content. */
export function blobIdOf(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

interface Folder {
  readonly files: Map<string, { mode: string; id: string }>;
  readonly folders: Map<string, Folder>;
}

/**
 * Builds the trees of a flat listing, bottom up, and puts those that are not in `existing` with the objects. The files must be
 * free of `file` versus `folder` conflicts.
 */
export function buildTrees(
  files: Iterable<TreeFile>,
  existing: ReadonlySet<string>,
  objects: NewObjects,
): { root: string; trees: Set<string> } {
  const root = emptyFolder();
  for (const file of files) {
    const names = file.path.split('/');
    const last = names.pop() ?? '';
    let folder = root;
    for (const name of names) {
      const next = folder.folders.get(name) ?? emptyFolder();
      folder.folders.set(name, next);
      folder = next;
    }
    folder.files.set(last, { mode: file.mode, id: file.blob });
  }
  const trees = new Set<string>();
  const build = (folder: Folder): string => {
    const entries = [
      ...[...folder.files].map(([name, { mode, id }]) => ({ name, order: name, mode, id })),
      // Git orders a folder as if its name ended in a slash.
      ...[...folder.folders].map(([name, child]) => ({
        name,
        order: `${name}/`,
        mode: '40000',
        id: build(child),
      })),
    ].sort((a, b) => Buffer.compare(Buffer.from(a.order), Buffer.from(b.order)));
    const content = Buffer.concat(
      entries.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
    );
    const made: NewObjects = new Map();
    const id = addObject(made, 'tree', content);
    const bytes = made.get(id);
    if (bytes && !existing.has(id)) objects.set(id, bytes);
    trees.add(id);
    return id;
  };
  return { root: build(root), trees };
}

function emptyFolder(): Folder {
  return { files: new Map(), folders: new Map() };
}

/** What a commit says besides its tree. */
export interface CommitText {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: { readonly name: string; readonly email: string };
  readonly timeMs: number;
  readonly message: string;
}

/** Puts a commit with the objects; names and message are stripped of what the format gives a meaning. */
export function addCommit(objects: NewObjects, commit: CommitText): string {
  const name =
    commit.author.name
      .replace(/[<>\p{Cc}]/gu, ' ')
      .trim()
      .slice(0, 200) || 'unknown';
  const email = commit.author.email.replace(/[<>\s\p{Cc}]/gu, '').slice(0, 200);
  const who = `${name} <${email}> ${Math.floor(commit.timeMs / 1000)} +0000`;
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
    '',
    `${toMessage(commit.message)}\n`,
  ];
  return addObject(objects, 'commit', Buffer.from(lines.join('\n')));
}

/** The message as it is stored. */
export function toMessage(message: string): string {
  return message.replaceAll('\0', ' ').replaceAll('\r\n', '\n').trim().slice(0, 65_536) || 'No message';
}

/** First line of a message, for events. */
export function subjectOf(message: string): string {
  return (toMessage(message).split('\n')[0] ?? '').slice(0, 500);
}
