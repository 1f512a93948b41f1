import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { FileChanges, MergeOutcome, MergeRequest, RepositoryName } from '../../../ports/repositories.ts';
import type { CommitGraph } from './commit-graph.ts';
import type { GitEnvironment } from './git-environment.ts';
import { createTextMerge, type TextMerge } from './merge-text.ts';
import type { Listing } from './trees.ts';

const maximumBases = 8;
const maximumDepth = 4;

/** Where the sides of a merge are read. */
export interface MergeDeps {
  readonly git: GitEnvironment;
  readonly graph: CommitGraph;
  /** Folder for files of a merge; emptied at every start. */
  readonly scratch: string;
  readonly directoryOf: (repository: RepositoryName) => string;
  /** Throws `NotFound` for a revision that is not there. */
  readonly listingOf: (repository: RepositoryName, revision: string) => Promise<Listing>;
  readonly readBlob: (repository: RepositoryName, blob: string) => Promise<Uint8Array>;
}

interface Entry {
  readonly mode: string;
  readonly blob: string;
}

type Tree = ReadonlyMap<string, Entry>;

/** What an ancestor held where its own sides are in conflict: it equals nothing. */
const unknown: Entry = { mode: 'unknown', blob: '' };

/**
 * `Repositories.merge`: path by path, and line by line where both sides changed a text. Several newest common ancestors are
 * merged into one first, as Git does it. Files are not followed through renames: a file that one side renamed and the other
 * changed is a conflict. Nothing is written to the repository.
 */
export async function merge(deps: MergeDeps, request: MergeRequest): Promise<MergeOutcome> {
  const texts = createTextMerge(deps.git, deps.scratch, (blob) => deps.readBlob(request.repository, blob));
  const treeOf = async (revision: string) => toTree(await deps.listingOf(request.repository, revision));
  const basesOf = (revisions: readonly string[]) =>
    deps.graph.basesOf(deps.directoryOf(request.repository), revisions);
  const ours = await treeOf(request.ours);
  const theirs = await treeOf(request.theirs);
  const bases = await basesOf([request.ours, request.theirs]);
  const base = await toOne(bases, 0, { treeOf, basesOf, texts });
  const merged = await mergeTrees(base, ours, theirs, texts);
  return {
    base: bases[0] ?? null,
    changes: await toChanges(ours, merged, texts),
    conflicts: [...merged.conflicts].sort(),
  };
}

interface Sides {
  readonly treeOf: (revision: string) => Promise<Tree>;
  readonly basesOf: (revisions: readonly string[]) => Promise<readonly string[]>;
  readonly texts: TextMerge;
}

/** The common ancestors as one tree: none is an empty one, several are merged. */
async function toOne(bases: readonly string[], depth: number, sides: Sides): Promise<Tree> {
  const [first, ...others] = bases;
  if (first === undefined) return new Map();
  if (bases.length > maximumBases || depth > maximumDepth)
    throw new CatalystError(
      codes.TooLarge,
      'The two histories have crossed too often to be merged here. Merge them on a branch of your own and push it.',
    );
  let tree = await sides.treeOf(first);
  const taken = [first];
  for (const next of others) {
    const base = await toOne(await sides.basesOf([next, ...taken]), depth + 1, sides);
    const merged = await mergeTrees(base, tree, await sides.treeOf(next), sides.texts);
    tree = new Map([
      ...merged.tree,
      ...[...merged.conflicts].map((path): [string, Entry] => [path, unknown]),
    ]);
    taken.push(next);
  }
  return tree;
}

interface Merged {
  readonly tree: Map<string, Entry>;
  readonly conflicts: ReadonlySet<string>;
}

async function mergeTrees(base: Tree, ours: Tree, theirs: Tree, texts: TextMerge): Promise<Merged> {
  const tree = new Map<string, Entry>();
  const conflicts = new Set<string>();
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const entry = await mergeEntry(base.get(path), ours.get(path), theirs.get(path), texts);
    if (entry === 'conflict') conflicts.add(path);
    else if (entry) tree.set(path, entry);
  }
  for (const path of [...tree.keys(), ...conflicts])
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      if (!tree.has(parent) && !conflicts.has(parent)) continue;
      for (const both of [path, parent]) {
        conflicts.add(both);
        tree.delete(both);
      }
    }
  return { tree, conflicts };
}

async function mergeEntry(
  base: Entry | undefined,
  ours: Entry | undefined,
  theirs: Entry | undefined,
  texts: TextMerge,
): Promise<Entry | undefined | 'conflict'> {
  if (isSame(ours, theirs) || isSame(base, theirs)) return ours;
  if (isSame(base, ours)) return isFile(theirs) || theirs === undefined ? theirs : 'conflict';
  if (!isFile(base) || !isFile(ours) || !isFile(theirs)) return 'conflict';
  const mode = pick(base.mode, ours.mode, theirs.mode);
  const blob =
    pick(base.blob, ours.blob, theirs.blob) ?? (await texts.merge(base.blob, ours.blob, theirs.blob));
  return mode === undefined || blob === undefined ? 'conflict' : { mode, blob };
}

/** What three say where at most one changed it. */
function pick(base: string, ours: string, theirs: string): string | undefined {
  if (ours === theirs || base === theirs) return ours;
  return base === ours ? theirs : undefined;
}

function isSame(left: Entry | undefined, right: Entry | undefined): boolean {
  return left?.mode === right?.mode && left?.blob === right?.blob;
}

function isFile(entry: Entry | undefined): entry is Entry {
  return entry?.mode === '100644' || entry?.mode === '100755';
}

async function toChanges(ours: Tree, { tree, conflicts }: Merged, texts: TextMerge): Promise<FileChanges> {
  const changes: [string, Uint8Array | null][] = [];
  for (const path of ours.keys()) if (!tree.has(path) && !conflicts.has(path)) changes.push([path, null]);
  for (const [path, entry] of tree)
    if (!isSame(ours.get(path), entry)) changes.push([path, await texts.read(entry.blob)]);
  // A file may be called `__proto__`.
  return Object.fromEntries(changes.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function toTree(listing: Listing): Tree {
  return new Map(listing.files.map(({ path, mode, blob }) => [path, { mode, blob }]));
}
