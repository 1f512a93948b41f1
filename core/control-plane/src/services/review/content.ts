import { createHash } from 'node:crypto';
import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import {
  type BlobTree,
  type PromotedContent,
  promotedContent,
} from '@catalyst/model/promotion/promoted-content.ts';
import type {
  FileChanges,
  MergeOutcome,
  Repositories,
  RepositoryName,
  TreeFile,
} from '../../ports/repositories.ts';
import type { Promotion, PullRequest } from '../../ports/reviews.ts';

/** What merging a pull request into one head of its destination writes. */
export interface MergeContent extends MergeOutcome {
  /** Paths that the destination changed for itself and a promotion's source lacks, about which nobody has decided. */
  readonly undecided: readonly string[];
}

type ContentDeps = Pick<Repositories, 'merge' | 'files' | 'read'>;

/** What is promoted where. */
export interface PromotionMerge {
  readonly repository: RepositoryName;
  /** Head of the destination. */
  readonly ours: string;
  /** Commit of the source. */
  readonly theirs: string;
  readonly promotion: Pick<Promotion, 'decisions' | 'overlay'>;
}

/** Git's id of a content. */
export function blobIdOf(content: string | Uint8Array): string {
  const bytes = Buffer.from(content);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function toTree(files: readonly TreeFile[]): BlobTree {
  return new Map(files.map(({ path, blob }) => [path, blob]));
}

/**
 * The one answer to what merging a pull request would write: asked by its page, its gates, the merge and the judge of updates alike.
 * A promotion carries no overlay and no CODEOWNERS; any other pull request is the three-way merge.
 */
export async function contentOf(
  repositories: ContentDeps,
  { repository, head, promotion }: Pick<PullRequest, 'repository' | 'head' | 'promotion'>,
  ours: string,
): Promise<MergeContent> {
  return promotion
    ? mergePromotion(repositories, { repository, ours, theirs: head, promotion })
    : { ...(await repositories.merge({ repository, ours, theirs: head })), undecided: [] };
}

/** The same for a promotion that is not opened yet. */
export async function mergePromotion(
  repositories: ContentDeps,
  { repository, ours, theirs, promotion }: PromotionMerge,
): Promise<MergeContent> {
  const [outcome, source, destination] = await Promise.all([
    repositories.merge({ repository, ours, theirs }),
    repositories.files(repository, theirs).then(toTree),
    repositories.files(repository, ours).then(toTree),
  ]);
  const merged = new Map(
    Object.entries(outcome.changes).map(([path, content]) => [
      path,
      content === null ? null : blobIdOf(content),
    ]),
  );
  const content = promotedContent({
    ...promotion,
    source,
    destination,
    merged,
    conflicts: outcome.conflicts,
    installed: destination.has(basePaths.application),
  });
  const read = (path: string) => repositories.read(repository, theirs, path);
  return {
    base: outcome.base,
    changes: await toChanges(content, outcome.changes, promotion, read),
    conflicts: content.conflicts,
    undecided: content.undecided,
  };
}

async function toChanges(
  { changes }: PromotedContent,
  merged: FileChanges,
  { overlay }: Pick<Promotion, 'overlay'>,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<FileChanges> {
  const contents: Record<string, string | Uint8Array | null> = {};
  for (const [path, origin] of changes)
    contents[path] =
      origin === 'gone'
        ? null
        : origin === 'overlay'
          ? (overlay[path]?.content ?? null)
          : origin === 'merged'
            ? (merged[path] ?? null)
            : ((await read(path)) ?? null);
  return contents;
}
