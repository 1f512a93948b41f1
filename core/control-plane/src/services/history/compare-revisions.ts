import type { Comparison } from '@catalyst/model/api/history.ts';
import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { branchOf } from '@catalyst/model/names.ts';
import { diffObjects } from '@catalyst/model/plan/diff-objects.ts';
import { CatalystError, ok, type Result } from '@catalyst/model/problem.ts';
import type { GitOps } from '../../ports/gitops.ts';
import type { Repositories, RepositoryName, TreeFile } from '../../ports/repositories.ts';
import { readRevision } from '../provisioning/branch-files.ts';
import { toInstalled } from '../provisioning/installed.ts';
import type { HistoryScope } from './history.ts';

const mostFiles = 300;
const mostObjects = 500;
const largestFileBytes = 128 * 1024;
const largestBytes = 4 * 1024 * 1024;

/** What comparing needs. */
export interface CompareDeps {
  readonly repositories: Pick<Repositories, 'files' | 'read'>;
  readonly gitops: Pick<GitOps, 'preview'>;
}

/** Two revisions as files and as rendered objects. What cannot be rendered any more is said, and the files are given all the same. */
export async function compareRevisions(
  deps: CompareDeps,
  scope: HistoryScope,
  application: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Comparison> {
  const repository = { organization: scope.organization, name: application };
  const problems: string[] = [];
  const files = await compareFiles(deps, repository, { from, to }, problems);
  const [before, after] = [
    await render(deps, scope, application, from),
    await render(deps, scope, application, to),
  ];
  for (const [revision, rendered] of [[from, before] as const, [to, after] as const])
    if (!rendered.ok)
      problems.push(
        ...rendered.problems.slice(0, 5).map(({ message }) => `At ${revision.slice(0, 7)}: ${message}`),
      );
  const objects = before.ok && after.ok ? diffObjects(before.value, after.value) : [];
  if (objects.length > mostObjects)
    problems.push(`${objects.length} objects differ; the first ${mostObjects} are shown.`);
  return { from, to, files, objects: objects.slice(0, mostObjects), problems };
}

async function compareFiles(
  deps: CompareDeps,
  repository: RepositoryName,
  { from, to }: { readonly from: string; readonly to: string },
  problems: string[],
): Promise<Comparison['files']> {
  const treeOf = async (revision: string): Promise<ReadonlyMap<string, TreeFile>> =>
    new Map((await deps.repositories.files(repository, revision)).map((file) => [file.path, file]));
  const before = await treeOf(from);
  const after = await treeOf(to);
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path)?.blob !== after.get(path)?.blob)
    .sort();
  if (changed.length > mostFiles)
    problems.push(`${changed.length} files differ; the first ${mostFiles} are shown.`);
  let left = largestBytes;
  const textOf = async (revision: string, file: TreeFile | undefined): Promise<string | undefined> => {
    if (!file || file.sizeBytes > largestFileBytes || file.sizeBytes > left) return undefined;
    const content = await deps.repositories.read(repository, revision, file.path);
    if (!content || content.includes(0)) return undefined;
    left -= content.length;
    return new TextDecoder().decode(content);
  };
  const files: Comparison['files'] = [];
  for (const path of changed.slice(0, mostFiles)) {
    const [old, now] = [before.get(path), after.get(path)];
    const [oldText, text] = [await textOf(from, old), await textOf(to, now)];
    if ((old && oldText === undefined) || (now && text === undefined))
      problems.push(`The contents of ${path} are not shown: it is large or no text.`);
    files.push({
      path,
      change: now ? (old ? 'change' : 'create') : 'delete',
      ...(oldText === undefined ? {} : { before: oldText }),
      ...(text === undefined ? {} : { after: text }),
    });
  }
  return files;
}

/** Nothing where the Application was not installed. */
async function render(
  deps: CompareDeps,
  scope: HistoryScope,
  application: string,
  revision: string,
): Promise<Result<readonly KubernetesObject[]>> {
  const { organization, environment, envType } = scope;
  try {
    const files = await readRevision(deps.repositories, { organization, name: application }, revision);
    const installed = toInstalled(scope, application, files);
    if (!installed) return ok([]);
    const { declaration } = installed;
    const target = { organization, environment, application, branch: branchOf(envType), declaration };
    return await deps.gitops.preview(target, files.bytes, { background: true });
  } catch (error) {
    if (error instanceof CatalystError && error.retry === 'never')
      return { ok: false, problems: error.problems };
    throw error;
  }
}
