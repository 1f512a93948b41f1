import { isComposite } from '@catalyst/model/blueprint/composite.ts';
import { resolveDependencies } from '@catalyst/model/dependencies/resolve-dependencies.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { checkApplicationName } from '@catalyst/model/names.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { dependencyIndexOf, explainUnavailable, findExisting } from './dependency-candidates.ts';
import { describeChoices, installTree } from './install-tree.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';
import { checkConfiguration } from './wanted.ts';

type InstallRequest = Extract<PlanRequest, { action: 'install' }>;

/**
 * Plans the installation of an Application, or of the set that a composite Blueprint bundles, with all it depends on: what is
 * depended on comes first.
 */
export async function planInstall(
  deps: PlanningDeps,
  scope: PlanningScope,
  request: InstallRequest,
): Promise<Draft> {
  const draft = emptyDraft();
  const blueprint = findBlueprint(deps, scope, draft, request);
  if (!blueprint) return draft;
  const values = request.values as JsonObject;
  const set = isComposite(blueprint.blueprint);
  // A set has no Application of its own to be checked with the others.
  if (set) {
    const name = checkApplicationName(request.application);
    draft.problems.push(...(name.ok ? [] : name.problems), ...checkConfiguration(blueprint, values, []));
  }
  const choices = request.dependencies ?? {};
  const existing = await findExisting(deps, scope);
  const outcome = resolveDependencies(
    {
      organization: scope.organization,
      environment: scope.environment,
      root: {
        application: request.application,
        blueprint: blueprint.name,
        version: blueprint.version,
        values,
      },
      choices,
      existing,
    },
    dependencyIndexOf(deps, scope.organization),
  );
  if (!outcome.ok) {
    const known = await explainUnavailable(deps, scope, choices, existing);
    // A wrong configuration explains a condition that fails better than the condition does.
    const wrong = set ? [] : checkConfiguration(blueprint, values, []);
    draft.problems.push(...wrong, ...(known.length > 0 ? known : outcome.problems));
    draft.choices.push(...describeChoices(outcome.choices));
    return draft;
  }
  const resolution = outcome.value;
  draft.choices.push(...describeChoices(resolution.choices));
  await installTree(deps, scope, draft, resolution, resolution.applications);
  if (set)
    draft.consequences.push(
      `${resolution.applications.map((one) => one.application).join(', ')} are installed together as the set "${request.application}". Undoing this plan takes all of them away again.`,
    );
  return draft;
}

function findBlueprint(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  request: InstallRequest,
): BlueprintVersion | undefined {
  const viewer = { organizations: [scope.organization] };
  const blueprint = deps.catalog.find(request.blueprint, request.version, viewer);
  if (!blueprint) {
    const known = deps.catalog.find(request.blueprint, undefined, viewer) !== undefined;
    draft.problems.push({
      code: known ? 'UnknownVersion' : 'UnknownBlueprint',
      field: known ? 'version' : 'blueprint',
      message: `There is no ${request.blueprint}${request.version ? ` ${request.version}` : ''} in the catalog.`,
    });
    return undefined;
  }
  if (!blueprint.blueprint.spec.requires?.includes('kubernetes')) return blueprint;
  draft.problems.push({
    code: 'NeedsKubernetes',
    field: 'blueprint',
    message: `${blueprint.name} needs Kubernetes; this Sovereign runs on one machine with containers.`,
  });
  return undefined;
}
