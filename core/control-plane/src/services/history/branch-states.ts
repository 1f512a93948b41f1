import type { Repositories, RepositoryName } from '../../ports/repositories.ts';

/**
 * Whether a branch itself was at a revision that its present head goes on from. That a commit lies in its history is not enough: who
 * pushes several at once, or begins a branch, brings commits that nobody has judged or approved.
 */
export async function wasStateOf(
  repositories: Pick<Repositories, 'contains' | 'wasHead'>,
  repository: RepositoryName,
  branch: string,
  head: string,
  revision: string,
): Promise<boolean> {
  return (
    revision === head ||
    ((await repositories.contains(repository, head, revision)) &&
      (await repositories.wasHead(repository, branch, revision)))
  );
}
