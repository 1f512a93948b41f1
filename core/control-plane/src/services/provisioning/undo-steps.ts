import { basePaths, overlayFolder, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { sameJson } from '@catalyst/model/yaml/edit-yaml.ts';
import type { Repositories, RepositoryName, TreeFile } from '../../ports/repositories.ts';
import type { PlannedCommit } from '../history/applied-plans.ts';
import { type BranchFiles, readRevision } from './branch-files.ts';
import { parsed } from './installed.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';

type Tree = ReadonlyMap<string, TreeFile>;

/** One commit of a plan, seen from today. */
export interface UndoStep extends PlannedCommit {
  /** `gone`: there is no repository any more; `done`: everything is as before already. */
  readonly kind: 'undo' | 'gone' | 'done';
  readonly head: string;
  /** Files now, of `base/` and `overlays/`. */
  readonly now: BranchFiles;
  /** Files that become what they were, with the revision that they are taken from. */
  readonly restored: Readonly<Record<string, string>>;
  readonly deleted: readonly string[];
  /** Files that the commit touched and that somebody has changed since. */
  readonly overtaken: readonly string[];
  /** The commit installed the Application: undoing uninstalls it. */
  readonly uninstalls: boolean;
  /** The commit uninstalled it. */
  readonly installs: boolean;
}

const operated = new Set(['restartedAt', 'paused', 'holds']);
const nothing: BranchFiles = { head: '', bytes: new Map(), texts: {} };

/** Compares what a commit changed with what is there now. */
export async function readUndo(
  deps: Pick<PlanningDeps, 'repositories'>,
  scope: PlanningScope,
  commit: PlannedCommit,
): Promise<UndoStep> {
  const { repositories } = deps;
  const repository = { organization: scope.organization, name: commit.application };
  const head = (await repositories.exists(repository))
    ? await repositories.head(repository, scope.branch)
    : undefined;
  const empty = { ...commit, head: '', now: nothing, restored: {}, deleted: [], overtaken: [] };
  if (head === undefined || !(await repositories.contains(repository, head, commit.revision)))
    return { ...empty, kind: 'gone', uninstalls: false, installs: false };
  const treeOf = async (revision: string | null): Promise<Tree> =>
    new Map(
      revision === null
        ? []
        : (await repositories.files(repository, revision)).map((file) => [file.path, file]),
    );
  const before = await treeOf(commit.before);
  const made = await treeOf(commit.revision);
  const now = await treeOf(head);
  const uninstalls = !before.has(basePaths.application) && made.has(basePaths.application);
  const own = (path: string) =>
    path.startsWith('base/') || path.startsWith(`${overlayFolder(scope.envType)}/`);
  const touched = [...new Set([...before.keys(), ...made.keys()])].filter(
    // A new repository keeps its code owners: only what installs is taken back.
    (path) => !same(before.get(path), made.get(path)) && (own(path) || commit.before !== null),
  );
  const overtaken = touched.filter((path) => !same(made.get(path), now.get(path)));
  const overlay = overlayPaths(scope.envType).application;
  if (
    uninstalls &&
    overtaken.includes(overlay) &&
    (await onlyOperated(repositories, repository, overlay, commit, head))
  )
    overtaken.splice(overtaken.indexOf(overlay), 1);
  // What came to an installed Application later belongs to nobody once it is uninstalled.
  if (uninstalls) overtaken.push(...[...now.keys()].filter((path) => own(path) && !made.has(path)));
  const restored: Record<string, string> = {};
  const deleted: string[] = [];
  for (const path of touched)
    if (!before.has(path)) deleted.push(path);
    else if (commit.before !== null) restored[path] = commit.before;
  const done = touched.every((path) => same(before.get(path), now.get(path)));
  return {
    ...commit,
    kind: done ? 'done' : 'undo',
    head,
    now: await readRevision(repositories, repository, head),
    restored,
    deleted,
    overtaken: done ? [] : overtaken.sort(),
    uninstalls,
    installs: before.has(basePaths.application) && !made.has(basePaths.application),
  };
}

/** Whether nothing but restarts, pauses and holds came since; they go with what is uninstalled. */
async function onlyOperated(
  repositories: Pick<Repositories, 'read'>,
  repository: RepositoryName,
  path: string,
  commit: PlannedCommit,
  head: string,
): Promise<boolean> {
  const rest = async (revision: string) => {
    const content = await repositories.read(repository, revision, path);
    const { spec, ...others } = parsed(content && new TextDecoder().decode(content), path);
    const kept = Object.entries((spec ?? {}) as JsonObject).filter(([field]) => !operated.has(field));
    return { ...others, spec: Object.fromEntries(kept) };
  };
  return sameJson(await rest(commit.revision), await rest(head));
}

function same(left: TreeFile | undefined, right: TreeFile | undefined): boolean {
  return left?.blob === right?.blob && left?.mode === right?.mode;
}
