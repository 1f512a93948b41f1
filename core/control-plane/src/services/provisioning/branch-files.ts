import type { FileChanges, Repositories, RepositoryName } from '../../ports/repositories.ts';

/** The files of one branch that say what is installed. */
export interface BranchFiles {
  readonly head: string;
  readonly bytes: Map<string, Uint8Array>;
  readonly texts: Record<string, string>;
}

/** Reads `base/` and `overlays/` at the head of a branch; undefined where the repository or branch does not exist. */
export async function readBranch(
  repositories: Repositories,
  repository: RepositoryName,
  branch: string,
): Promise<BranchFiles | undefined> {
  if (!(await repositories.exists(repository))) return undefined;
  const head = await repositories.head(repository, branch);
  return head === undefined ? undefined : readRevision(repositories, repository, head);
}

/** Reads `base/` and `overlays/` of one revision; throws `NotFound` where there is no such one. */
export async function readRevision(
  repositories: Pick<Repositories, 'files' | 'read'>,
  repository: RepositoryName,
  head: string,
): Promise<BranchFiles> {
  const bytes = new Map<string, Uint8Array>();
  const texts: Record<string, string> = {};
  for (const file of await repositories.files(repository, head)) {
    if (!/^(?:base|overlays)\//.test(file.path)) continue;
    const content = await repositories.read(repository, head, file.path);
    if (!content) continue;
    bytes.set(file.path, content);
    texts[file.path] = new TextDecoder().decode(content);
  }
  return { head, bytes, texts };
}

/** The files after a change: texts or bytes to write, null to delete. */
export function applyChanges(
  files: ReadonlyMap<string, Uint8Array>,
  changes: FileChanges,
): Map<string, Uint8Array> {
  const next = new Map(files);
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) next.delete(path);
    else next.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }
  return next;
}
