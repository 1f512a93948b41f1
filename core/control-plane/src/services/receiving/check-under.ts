import { overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import type { Pusher } from '@catalyst/model/events/cloud-event.ts';
import type { Json, JsonObject } from '@catalyst/model/kubernetes.ts';
import { codes, type Problem, type Result } from '@catalyst/model/problem.ts';
import { sameJson } from '@catalyst/model/yaml/edit-yaml.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import type {
  MergeOutcome,
  ProposedUpdate,
  Repositories,
  RepositoryName,
  TreeFile,
} from '../../ports/repositories.ts';
import { wasStateOf } from '../history/branch-states.ts';

/** Whether a pull request may be merged into a branch at a head now; the revision that was reviewed, and what merging it writes. */
export type PullRequestGate = (
  repository: RepositoryName,
  number: number,
  into: {
    readonly branch: string;
    readonly head: string;
    /** Who merges it. */
    readonly by: Pusher;
  },
) => Promise<Result<{ readonly head: string; readonly outcome: MergeOutcome }>>;

interface Scope {
  readonly branch: string;
  readonly envType: Parameters<typeof overlayPaths>[0];
}

const key = (file: TreeFile) => `${file.path} ${file.mode} ${file.blob}`;
const not = (message: string): Problem => ({ code: codes.Denied, message });

/** The gates are open now, and what is merged is exactly what was reviewed. */
export async function checkPullRequest(
  deps: { readonly repositories: () => Repositories; readonly pullRequestGate: PullRequestGate },
  update: ProposedUpdate,
  scope: Pick<Scope, 'branch'>,
  number: number,
): Promise<readonly Problem[]> {
  const { repository, oldRevision } = update;
  const into = { branch: scope.branch, head: oldRevision, by: update.pusher };
  const gate = await deps.pullRequestGate(repository, number, into);
  if (!gate.ok) return gate.problems;
  const { head, outcome } = gate.value;
  if (update.mergeOf !== head) return [not(`This is not the merge of pull request ${number}.`)];
  const repositories = deps.repositories();
  const expected = new Map(
    (await repositories.files(repository, oldRevision)).map((file) => [file.path, key(file)]),
  );
  for (const path of Object.keys(outcome.changes)) expected.delete(path);
  for (const file of await update.files()) {
    const content = outcome.changes[file.path];
    if (content === undefined) {
      if (expected.get(file.path) !== key(file)) return [differs(number, file.path)];
      expected.delete(file.path);
    } else if (content === null || !sameBytes(content, await update.read(file.path)))
      return [differs(number, file.path)];
  }
  const written = Object.values(outcome.changes).filter((content) => content !== null).length;
  const arrived = (await update.files()).filter(({ path }) => outcome.changes[path] != null).length;
  const [missing] = expected.keys();
  return missing === undefined && written === arrived && outcome.conflicts.length === 0
    ? []
    : [differs(number, missing ?? '')];
}

function differs(number: number, file: string): Problem {
  return {
    code: codes.Denied,
    ...(file === '' ? {} : { file }),
    message: `What would be merged is not what pull request ${number} showed.`,
  };
}

function sameBytes(content: string | Uint8Array, found: Uint8Array | undefined): boolean {
  return found !== undefined && Buffer.from(content).equals(found);
}

function without(files: readonly TreeFile[], paths: (path: string) => boolean): string {
  return files
    .filter(({ path }) => !paths(path))
    .map(key)
    .sort()
    .join('\n');
}

/** `base/` is that of an earlier state of this very branch; beside it only what follows from it and the hold may differ. */
export async function checkRollback(
  repositories: Repositories,
  update: ProposedUpdate,
  scope: Scope,
  revision: string,
): Promise<readonly Problem[]> {
  const { repository, oldRevision } = update;
  if (!(await wasStateOf(repositories, repository, scope.branch, oldRevision, revision)))
    return [not(`${revision.slice(0, 10)} was never the state of ${scope.branch}.`)];
  const [then, before, after] = await Promise.all([
    repositories.files(repository, revision),
    repositories.files(repository, oldRevision),
    update.files(),
  ]);
  const isBase = (path: string) => path.startsWith('base/');
  if (without(then, (path) => !isBase(path)) !== without(after, (path) => !isBase(path)))
    return [not(`base/ is not that of ${revision.slice(0, 10)}.`)];
  const { application, bindings } = overlayPaths(scope.envType);
  const follows = (path: string) => isBase(path) || path === application || path === bindings;
  if (without(before, follows) !== without(after, follows))
    return [not('A rollback changes nothing but base/, bindings and the hold.')];
  return sameSpecBut(repositories, update, application, ['holds', 'bindings']);
}

/** Nothing but restart, pause and further holds of the overlay. */
export async function checkOperation(
  repositories: Repositories,
  update: ProposedUpdate,
  scope: Scope,
): Promise<readonly Problem[]> {
  const { application } = overlayPaths(scope.envType);
  const [before, after] = await Promise.all([
    repositories.files(update.repository, update.oldRevision),
    update.files(),
  ]);
  const isOverlay = (path: string) => path === application;
  if (without(before, isOverlay) !== without(after, isOverlay))
    return [not('An operation changes nothing but the overlay’s application.yaml.')];
  const problems = await sameSpecBut(repositories, update, application, ['restartedAt', 'paused', 'holds']);
  if (problems.length > 0) return problems;
  const [held, holds] = await Promise.all([
    repositories.read(update.repository, update.oldRevision, application).then(holdsOf),
    update.read(application).then(holdsOf),
  ]);
  return sameJson(held, holds.slice(0, held.length))
    ? []
    : [not('A hold is released by a change of its own, which meets every gate.')];
}

function holdsOf(content: Uint8Array | undefined): Json[] {
  const parsed = content && parseYamlObject(new TextDecoder().decode(content), 'application.yaml');
  const { holds } = (parsed?.ok ? (parsed.value.spec ?? {}) : {}) as { holds?: Json };
  return Array.isArray(holds) ? holds : [];
}

async function sameSpecBut(
  repositories: Repositories,
  update: ProposedUpdate,
  path: string,
  fields: readonly string[],
): Promise<readonly Problem[]> {
  const rest = (content: Uint8Array | undefined): JsonObject | undefined => {
    const parsed = content && parseYamlObject(new TextDecoder().decode(content), path);
    if (!parsed?.ok) return undefined;
    const { spec, ...others } = parsed.value;
    const kept = Object.entries((spec ?? {}) as JsonObject).filter(([name]) => !fields.includes(name));
    return { ...others, spec: Object.fromEntries(kept) };
  };
  const before = rest(await repositories.read(update.repository, update.oldRevision, path));
  const after = rest(await update.read(path));
  return before && after && sameJson(before, after)
    ? []
    : [not(`Only ${fields.join(', ')} of ${path} may change this way.`)];
}
