import { overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { validateConfig } from '@catalyst/model/config/config-schema.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { wasStateOf } from '../history/branch-states.ts';
import { writeOverlayBindings } from './binding-files.ts';
import { describeChange } from './describe-change.ts';
import { type Installed, notInstalled, readInstalled } from './installed.ts';
import { addHold, editOverlay, missingReason, reasonLine, tooManyHolds } from './plan-hold.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';
import { bindEarlier, checkUsers, type ResolvedBindings } from './rollback-bindings.ts';
import { describeGoingBack } from './rollback-consequences.ts';
import { type Earlier, readEarlier, restoreBase } from './rollback-files.ts';

type RollbackRequest = Extract<PlanRequest, { action: 'rollback' }>;

/**
 * Plans going back to the version and shared configuration (`base/`) of an earlier revision of the branch, with a hold that keeps
 * them there. What belongs to this Environment alone stays, but for bindings that the earlier version needs otherwise.
 */
export async function planRollback(
  deps: PlanningDeps,
  scope: PlanningScope,
  request: RollbackRequest,
): Promise<Draft> {
  const { application, revision } = request;
  const installed = await readInstalled(deps, scope, application);
  if (!installed) return notInstalled(scope, application);
  const draft = emptyDraft();
  const reason = reasonLine(request.reason);
  if (reason === '') draft.problems.push(missingReason());
  const repository = { organization: scope.organization, name: application };
  if (!(await wasStateOf(deps.repositories, repository, scope.branch, installed.branch.head, revision))) {
    draft.problems.push({
      code: 'UnknownRevision',
      field: 'revision',
      message: `${scope.branch} of ${application} never was at ${revision.slice(0, 7)}. Choose a revision from its history.`,
    });
    return draft;
  }
  const earlier = await readEarlier(deps, scope, application, revision);
  if (!earlier) {
    draft.problems.push({
      code: 'NotInstalled',
      field: 'revision',
      message: `"${application}" was not installed in ${scope.environment} at ${revision.slice(0, 7)}. Choose another revision; to take it away, uninstall it.`,
    });
    return draft;
  }
  const left = await deps.repositories.treeOf(repository, installed.branch.head, 'base');
  if (left === (await deps.repositories.treeOf(repository, revision, 'base')))
    draft.problems.push({
      code: 'NothingChanges',
      field: 'revision',
      message: `Version and shared configuration at ${revision.slice(0, 7)} are those that are there now. To keep them, hold the Application.`,
    });
  const blueprint = findBlueprint(deps, scope, draft, earlier);
  if (blueprint) checkValues(scope, draft, installed, earlier, blueprint);
  const bindings = await bindEarlier(deps, scope, installed, earlier.installed);
  draft.problems.push(
    ...bindings.problems,
    ...(await checkUsers(deps, scope, application, earlier.installed)),
  );
  if (blueprint && draft.problems.length === 0)
    await decide(deps, scope, draft, { installed, earlier, bindings, reason, left });
  return draft;
}

/** The exact package, by digest: a version that was published anew is another one. */
function findBlueprint(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  earlier: Earlier,
): BlueprintVersion | undefined {
  const { name, version, digest } = earlier.installed.declaration.blueprint;
  const found = deps.catalog.find(name, version, { organizations: [scope.organization] });
  if (found?.digest === digest) return found;
  draft.problems.push({
    code: 'BlueprintGone',
    field: 'revision',
    message: found
      ? `${name} ${version} is another package now than at ${earlier.revision.slice(0, 7)} (${digest.slice(0, 19)}…). Put that package back into the catalog, or choose another revision.`
      : `${name} ${version} is no longer in the catalog. Put it back, or choose a revision with another version.`,
  });
  return undefined;
}

function checkValues(
  scope: PlanningScope,
  draft: Draft,
  installed: Installed,
  earlier: Earlier,
  version: BlueprintVersion,
): void {
  const { configSchema } = version.blueprint.spec;
  const { overlayValues } = installed.values;
  const config = mergeValues(applyDefaults(configSchema), earlier.installed.values.baseValues, overlayValues);
  for (const problem of validateConfig(configSchema, config)) {
    const field = problem.field ?? '';
    draft.problems.push({
      ...problem,
      field: `values.${field}`,
      file: overlayPaths(scope.envType).values,
      message: `${problem.message} ${version.name} ${version.version} does not take what ${scope.environment} sets; change that first, or choose another revision.`,
    });
  }
}

interface Decision {
  readonly installed: Installed;
  readonly earlier: Earlier;
  readonly bindings: ResolvedBindings;
  readonly reason: string;
  /** Tree id of the `base/` that is left. */
  readonly left: string | undefined;
}

async function decide(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  decision: Decision,
): Promise<void> {
  const { installed, earlier, bindings, reason, left } = decision;
  const { application } = installed.declaration;
  const added = addHold(installed, {
    reason,
    ...(left === undefined ? {} : { tree: left }),
    by: scope.actor.name.slice(0, 200),
    at: new Date(deps.clock.now()).toISOString(),
  });
  if (!added) return void draft.problems.push(tooManyHolds(application));
  const base = restoreBase(installed, earlier);
  const overlay = editOverlay(scope, installed, added.spec);
  if (bindings.changed)
    writeOverlayBindings(
      deps,
      scope,
      { installed, changes: overlay },
      earlier.installed.declaration.requires,
      bindings.bound,
    );
  const declaration: ApplicationDeclaration = {
    ...installed.declaration,
    blueprint: earlier.installed.declaration.blueprint,
    requires: earlier.installed.declaration.requires,
    bindings: bindings.bindings,
    holds: added.holds,
  };
  await describeChange(deps, scope, draft, {
    installed,
    changes: { ...base.deleted, ...overlay },
    restored: base.restored,
    declaration,
    message: `Roll ${application} back to ${earlier.revision.slice(0, 7)} in ${scope.environment}\n\n${reason}`,
    under: { kind: 'rollback', revision: earlier.revision },
  });
  await describeGoingBack(deps, scope, draft, installed, earlier);
}
