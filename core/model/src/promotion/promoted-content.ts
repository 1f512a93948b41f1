import { codeownersPath } from '../application-repository/write-files.ts';

/** Which side a path follows, where somebody had to decide. */
export type Take = 'source' | 'destination';

/** Somebody's decision about one path, for exactly the contents that it was made for. */
export interface DecidedPath {
  readonly take: Take;
  /** Blob at the source; null where the path is not there. */
  readonly source: string | null;
  /** Blob at the destination; null where the path is not there. */
  readonly destination: string | null;
}

/** A change of the destination's own overlay that comes with a promotion. */
export interface OverlayEdit {
  /** Null: the file goes. */
  readonly content: string | null;
  /** Blob that it was decided from; null where there was no file. */
  readonly over: string | null;
}

/** A path with the blob that lies there, for every file of one revision. */
export type BlobTree = ReadonlyMap<string, string>;

/** What a promotion is made from. Blobs are Git's ids of contents. */
export interface PromotionInput {
  readonly source: BlobTree;
  readonly destination: BlobTree;
  /** The three-way merge, relative to the destination: the blob that comes of each path that changes, null where it goes. */
  readonly merged: ReadonlyMap<string, string | null>;
  /** Paths that the three-way merge cannot decide. */
  readonly conflicts: readonly string[];
  /** Whether the destination has the Application now; where it has not, the source is taken as it is. */
  readonly installed: boolean;
  readonly decisions: Readonly<Record<string, DecidedPath>>;
  readonly overlay: Readonly<Record<string, OverlayEdit>>;
}

/** Where the content of a path comes from. */
export type PathOrigin = 'merged' | 'source' | 'gone' | 'overlay';

/** What a promotion writes into the destination. */
export interface PromotedContent {
  /** Relative to the destination. */
  readonly changes: ReadonlyMap<string, PathOrigin>;
  /** Changed on both sides in ways that do not go together, or an overlay that is not as it was; sorted. */
  readonly conflicts: readonly string[];
  /** What the destination has and the source lacks, and nobody has decided about; sorted. */
  readonly undecided: readonly string[];
}

/**
 * Whether a promotion carries a path. What belongs to one Environment (`overlays/`) and who answers for it (`CODEOWNERS`) stays the
 * destination's (design.md section 5).
 */
export function isCarried(path: string): boolean {
  return path !== codeownersPath && !path.startsWith('overlays/');
}

function decided(input: PromotionInput, path: string): Take | undefined {
  const decision = Object.hasOwn(input.decisions, path) ? input.decisions[path] : undefined;
  return decision &&
    decision.source === (input.source.get(path) ?? null) &&
    decision.destination === (input.destination.get(path) ?? null)
    ? decision.take
    : undefined;
}

/** Takes a path as the source has it; undefined where the destination has it so already. */
function asSource({ source, destination }: PromotionInput, path: string): PathOrigin | undefined {
  const blob = source.get(path);
  if (blob === destination.get(path)) return undefined;
  return blob === undefined ? 'gone' : 'source';
}

/**
 * What a promotion comes to. Outside `overlays/` and `CODEOWNERS` it is the three-way merge, deletions included. A path where the
 * result is not what the source has is a change of the destination's own (a hotfix): it stays, and somebody must say so, or take the
 * source's. An undecided conflict keeps everything else as it would be.
 */
export function promotedContent(input: PromotionInput): PromotedContent {
  const changes = new Map<string, PathOrigin>();
  const conflicts: string[] = [];
  const undecided: string[] = [];
  const put = (path: string, origin: PathOrigin | undefined) => {
    if (origin !== undefined) changes.set(path, origin);
  };
  const conflicting = new Set(input.conflicts);
  for (const path of new Set([...input.source.keys(), ...input.destination.keys(), ...input.merged.keys()])) {
    if (!isCarried(path)) continue;
    const take = decided(input, path);
    if (!input.installed || take === 'source') {
      put(path, asSource(input, path));
      continue;
    }
    if (conflicting.has(path)) {
      if (take === undefined) conflicts.push(path);
      continue;
    }
    const present = input.destination.get(path) ?? null;
    const change = input.merged.get(path);
    const result = change === undefined ? present : change;
    if (result !== present) put(path, result === null ? 'gone' : 'merged');
    if (take === undefined && result !== (input.source.get(path) ?? null)) undecided.push(path);
  }
  for (const [path, edit] of Object.entries(input.overlay)) {
    const present = input.destination.get(path) ?? null;
    if (present !== edit.over) conflicts.push(path);
    else if (edit.content !== null) changes.set(path, 'overlay');
    else if (present !== null) changes.set(path, 'gone');
  }
  return { changes, conflicts: conflicts.sort(), undecided: undecided.sort() };
}
