import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { codeownersPath, writeCodeowners } from '@catalyst/model/application-repository/write-files.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import { envTypeOfBranch, firstBranches } from '@catalyst/model/names.ts';
import { CatalystError, codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import type { FileChanges, Repositories, RepositoryName } from '../../ports/repositories.ts';
import type { EnsureSecrets } from '../secret/ensure-secrets.ts';
import { applyChanges, readBranch } from './branch-files.ts';
import type { PlanRow } from './plan-store.ts';
import type { PlannedStep } from './planning-context.ts';
import type { Applied } from './provisioning.ts';

/** What carrying out a plan needs. */
export interface ApplyDeps {
  readonly repositories: Repositories;
  readonly ensureSecrets: EnsureSecrets;
}

type Commit = Applied['commits'][number];

const planTrailer = 'Catalyst-Plan';

/** The message of a commit says which plan it carries out, so that a resumed plan recognises its own. */
function messageOf(step: PlannedStep, row: PlanRow): string {
  return `${step.message}\n\n${planTrailer}: ${row.id}\n`;
}

const toCommit = (row: PlanRow, { application }: PlannedStep, revision: string): Commit => ({
  application,
  repository: `${row.organization}/${application}`,
  branch: row.branch,
  revision,
});

/** Others may have pushed a lot since a commit that nobody noted. */
const searchedAfterTrouble = 1000;

/** The steps that are done, in order: those that were noted, and those that only Git knows of. */
export async function findDone(
  { repositories }: Pick<ApplyDeps, 'repositories'>,
  row: PlanRow,
): Promise<readonly Commit[]> {
  const done = [...row.commits];
  for (const step of row.steps.slice(done.length)) {
    const revision = await findOwnCommit(repositories, row, step, searchedAfterTrouble);
    if (revision === undefined) break;
    done.push(toCommit(row, step, revision));
  }
  return done;
}

/** Carries out one step, or finds that it was carried out before a crash. */
export async function applyStep(deps: ApplyDeps, row: PlanRow, step: PlannedStep): Promise<Result<Commit>> {
  const repository = { organization: row.organization, name: step.application };
  const done = await findOwnCommit(deps.repositories, row, step, 20);
  if (done !== undefined) return ok(toCommit(row, step, done));
  const changes = await contentsOf(deps.repositories, repository, step);
  await ensureStepSecrets(deps, row, step, changes);
  const common = {
    repository,
    message: messageOf(step, row),
    author: { name: row.actor.name, email: row.actor.email },
    pusher: { id: row.actor.id, name: row.actor.name, surface: row.actor.surface },
  };
  if (step.kind === 'create-repository') {
    const created = await deps.repositories.create({
      ...common,
      branches: firstCommits(row, step),
      head: row.branch,
    });
    if (!created.ok) return created;
    const revision = created.value.find((update) => update.ref === `refs/heads/${row.branch}`)?.newRevision;
    return revision === undefined
      ? refused({ code: codes.Internal, message: 'The new repository lacks its branch.' })
      : ok(toCommit(row, step, revision));
  }
  const committed = await deps.repositories.commit({
    ...common,
    branch: row.branch,
    expectedHead: step.expectedHead,
    changes,
    ...(step.under === undefined ? {} : { under: step.under }),
  });
  return committed.ok ? ok(toCommit(row, step, committed.value.newRevision)) : committed;
}

/** What a step writes and deletes, with what it takes over from earlier revisions. */
async function contentsOf(
  repositories: Pick<Repositories, 'read'>,
  repository: RepositoryName,
  step: PlannedStep,
): Promise<FileChanges> {
  const changes: Record<string, string | Uint8Array | null> = { ...step.changes };
  for (const [path, revision] of Object.entries(step.restored ?? {})) {
    const content = await repositories.read(repository, revision, path);
    if (!content)
      throw new CatalystError(codes.NotFound, `${path} of revision ${revision} cannot be read any more.`);
    changes[path] = content;
  }
  return changes;
}

/** Every branch has CODEOWNERS; only the one of this Environment installs the Application. */
function firstCommits(row: PlanRow, step: PlannedStep): Record<string, FileChanges> {
  const empty: FileChanges = { [codeownersPath]: writeCodeowners(row.organization) };
  const branches: Record<string, FileChanges> = {};
  for (const branch of firstBranches) branches[branch] = empty;
  branches[row.branch] = { ...empty, ...step.changes };
  return branches;
}

async function findOwnCommit(
  repositories: Repositories,
  row: PlanRow,
  step: PlannedStep,
  limit: number,
): Promise<string | undefined> {
  const repository = { organization: row.organization, name: step.application };
  if (!(await repositories.exists(repository))) return undefined;
  const history = await repositories.history(repository, row.branch, { limit });
  return history.find((commit) => commit.message.includes(`${planTrailer}: ${row.id}`))?.revision;
}

/** Secret first, commit second: no container ever starts without its credentials. */
async function ensureStepSecrets(
  deps: ApplyDeps,
  row: PlanRow,
  step: PlannedStep,
  changes: FileChanges,
): Promise<void> {
  const envType = envTypeOfBranch(row.branch);
  if (envType === undefined || changes[basePaths.application] === null) return;
  const branch = await readBranch(
    deps.repositories,
    { organization: row.organization, name: step.application },
    row.branch,
  );
  const files = applyChanges(branch?.bytes ?? new Map(), changes);
  const read = (path: string): JsonObject => {
    const parsed = parseYamlObject(new TextDecoder().decode(files.get(path)), path);
    return parsed.ok ? parsed.value : {};
  };
  await deps.ensureSecrets(
    declarationOf(row, step.application, envType, read),
    mergeValues(read(basePaths.values), read(overlayPaths(envType).values)),
  );
}

function declarationOf(
  row: PlanRow,
  application: string,
  envType: EnvType,
  read: (path: string) => JsonObject,
): ApplicationDeclaration {
  const base = read(basePaths.application).spec as Pick<ApplicationDeclaration, 'blueprint' | 'requires'>;
  const overlay = read(overlayPaths(envType).application).spec as
    | Pick<ApplicationDeclaration, 'bindings' | 'hosts'>
    | undefined;
  return {
    application,
    organization: row.organization,
    environment: row.environment,
    blueprint: base.blueprint,
    requires: base.requires ?? [],
    bindings: overlay?.bindings ?? [],
    hosts: overlay?.hosts ?? [],
    paused: false,
  };
}

const undoTrailer = 'Catalyst-Plan-Undone';

/**
 * Takes back the finished steps of a plan whose later step was refused, last one first, each with a commit of its own: what a
 * commit has installed only a commit takes away, and a repository deleted instead would leave its Application running. Safe to
 * repeat. Returns the Applications that stay as the plan made them, because somebody has changed or bound them meanwhile.
 */
export async function rollBack(deps: ApplyDeps, row: PlanRow, commits: readonly Commit[]): Promise<string[]> {
  const staying: string[] = [];
  for (const [at, { revision }] of [...commits.entries()].reverse()) {
    const step = row.steps[at];
    if (step && !(await undoStep(deps, row, step, revision))) staying.push(step.application);
  }
  return staying;
}

async function undoStep(
  deps: ApplyDeps,
  row: PlanRow,
  step: PlannedStep,
  revision: string,
): Promise<boolean> {
  const repository = { organization: row.organization, name: step.application };
  if (!(await deps.repositories.exists(repository))) return true;
  const [latest] = await deps.repositories.history(repository, row.branch, { limit: 1 });
  if (latest?.message.includes(`${undoTrailer}: ${row.id}`)) return true;
  const changes: Record<string, Uint8Array | null> = {};
  for (const path of [...Object.keys(step.changes), ...Object.keys(step.restored ?? {})]) {
    const before =
      step.expectedHead === null
        ? undefined
        : await deps.repositories.read(repository, step.expectedHead, path);
    changes[path] = before ?? null;
  }
  const undone = await deps.repositories.commit({
    repository,
    branch: row.branch,
    expectedHead: revision,
    changes,
    message: `Undo: ${step.message}\n\n${undoTrailer}: ${row.id}\n`,
    author: { name: row.actor.name, email: row.actor.email },
    // The right to the plan may have ended in the middle of it; taking it back must not fail for that.
    pusher: { id: row.actor.id, name: row.actor.name, surface: 'system' },
  });
  return undone.ok;
}

/** A refused step in the words of the plan: a moved head means that the plan is stale. */
export function toStale(problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) =>
    problem.code === codes.Conflict
      ? {
          ...problem,
          code: codes.Stale,
          message: `${problem.message} The plan is out of date: make a new one.`,
        }
      : problem,
  );
}
