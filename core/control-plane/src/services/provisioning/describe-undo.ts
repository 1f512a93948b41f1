import { applyChanges, type BranchFiles } from './branch-files.ts';
import { describe } from './describe.ts';
import { type DecidedChange, describeChange } from './describe-change.ts';
import { type Changes, notInstalled, toInstalled } from './installed.ts';
import type { Draft, PlanningDeps, PlanningScope } from './planning-context.ts';
import type { UndoStep } from './undo-steps.ts';

/** The very bytes of the earlier revision. */
async function contentsOf(
  deps: PlanningDeps,
  scope: PlanningScope,
  step: UndoStep,
): Promise<NonNullable<DecidedChange['restored']>> {
  const repository = { organization: scope.organization, name: step.application };
  const restored: Record<string, { revision: string; content: Uint8Array }> = {};
  for (const [path, revision] of Object.entries(step.restored)) {
    const content = await deps.repositories.read(repository, revision, path);
    if (content) restored[path] = { revision, content };
  }
  return restored;
}

function deletionsOf(step: UndoStep): Changes {
  return Object.fromEntries(step.deleted.map((path) => [path, null]));
}

function filesAfter(
  step: UndoStep,
  restored: NonNullable<DecidedChange['restored']>,
): Pick<BranchFiles, 'bytes' | 'texts'> {
  const contents = Object.entries(restored).map(([path, { content }]) => [path, content] as const);
  const bytes = applyChanges(step.now.bytes, { ...deletionsOf(step), ...Object.fromEntries(contents) });
  const decoder = new TextDecoder();
  return {
    bytes,
    texts: Object.fromEntries([...bytes].map(([path, content]) => [path, decoder.decode(content)])),
  };
}

/** Describes an Application that stays, or goes. */
export async function describeUndoneChange(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  step: UndoStep,
  message: string,
): Promise<void> {
  const installed = toInstalled(scope, step.application, step.now);
  if (!installed) return void draft.problems.push(...notInstalled(scope, step.application).problems);
  const restored = await contentsOf(deps, scope, step);
  const then = toInstalled(scope, step.application, { head: '', ...filesAfter(step, restored) });
  await describeChange(deps, scope, draft, {
    installed,
    changes: deletionsOf(step),
    restored,
    declaration: then?.declaration ?? null,
    message,
  });
}

/** Describes an Application that comes back. */
export async function describeInstall(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  step: UndoStep,
  message: string,
): Promise<void> {
  const { application } = step;
  const restored = await contentsOf(deps, scope, step);
  const after = filesAfter(step, restored);
  const then = toInstalled(scope, application, { head: '', ...after });
  if (!then) return void draft.problems.push(...notInstalled(scope, application).problems);
  const { declaration } = then;
  const { organization, environment, branch } = scope;
  const target = { organization, environment, branch, application };
  const rendered = await deps.gitops.preview({ ...target, declaration }, after.bytes, { background: true });
  if (!rendered.ok) draft.problems.push(...rendered.problems);
  const texts = Object.keys(step.restored).map((path) => [path, after.texts[path] ?? null] as const);
  const { planned, consequences } = describe({
    ...target,
    change: 'create',
    blueprint: declaration.blueprint.name,
    version: declaration.blueprint.version,
    before: step.now.texts,
    changes: { ...deletionsOf(step), ...Object.fromEntries(texts) },
    objectsBefore: [],
    objectsAfter: rendered.ok ? rendered.value : [],
    declaration,
  });
  draft.applications.push(planned);
  draft.consequences.push(
    ...consequences,
    `${application} is installed again, with the data volumes that were kept.`,
  );
  draft.steps.push({
    application,
    kind: 'commit',
    expectedHead: step.head,
    changes: deletionsOf(step),
    restored: step.restored,
    message,
  });
}
