import {
  createDependencyIndex,
  type DependencyIndex,
  toCandidate,
} from '@catalyst/model/dependencies/dependency-index.ts';
import type { ExistingApplication } from '@catalyst/model/dependencies/resolution.ts';
import { environmentName } from '@catalyst/model/names.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { DependencyChoice } from '@catalyst/model/views/plan.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';

/** What the Organization may depend on and this Sovereign can run. */
export function dependencyIndexOf(
  deps: Pick<PlanningDeps, 'catalog'>,
  organization: string,
): DependencyIndex {
  const viewer = { organizations: [organization] };
  return createDependencyIndex((name) =>
    deps.catalog.versions(name, viewer).flatMap((version) => {
      const found = deps.catalog.find(name, version, viewer);
      return !found || found.blueprint.spec.requires?.includes('kubernetes')
        ? []
        : [toCandidate(found.blueprint)];
    }),
  );
}

/**
 * Applications of the Environment that others can be bound to: not paused, not being taken away, and their Blueprint in the catalog.
 * Those in `always` are given whatever their state, for what is bound to them already.
 */
export async function findExisting(
  deps: PlanningDeps,
  scope: PlanningScope,
  always: ReadonlySet<string> = new Set(),
): Promise<ExistingApplication[]> {
  const viewer = { organizations: [scope.organization] };
  return (await deps.installations.list({ environment: scope.environment })).flatMap(
    ({ application, declaration }) => {
      const { name, version } = declaration.blueprint;
      const provides = deps.catalog.find(name, version, viewer)?.blueprint.spec.provides;
      if (!provides || (declaration.paused && !always.has(application))) return [];
      const boundTo = declaration.bindings.map((binding) => binding.application);
      return [{ application, blueprint: name, version, boundTo }];
    },
  );
}

/**
 * Why Applications that were chosen cannot be used, where resolution would only find that they are not there: they are paused, or they run in
 * another Environment of the Organization.
 */
export async function explainUnavailable(
  deps: PlanningDeps,
  scope: PlanningScope,
  choices: Readonly<Record<string, DependencyChoice>>,
  existing: readonly ExistingApplication[],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const missing = Object.entries(choices).flatMap(([path, choice]) =>
    choice.use === 'existing' && !existing.some((one) => one.application === choice.application)
      ? [{ field: `dependencies.${path}`, application: choice.application }]
      : [],
  );
  if (missing.length === 0) return [];
  const rows = await deps.installations.list({ organization: scope.organization });
  for (const { field, application } of missing) {
    const here = rows.find((row) => row.application === application && row.environment === scope.environment);
    const elsewhere = rows.find(
      (row) => row.application === application && row.environment !== scope.environment,
    );
    if (here?.declaration.paused)
      problems.push({
        code: 'DependencyUnfit',
        field,
        message: `"${application}" is paused. Resume it first, or choose another.`,
      });
    else if (!here && elsewhere) problems.push(notReachable(scope, field, application, elsewhere));
  }
  return problems;
}

function notReachable(
  scope: PlanningScope,
  field: string,
  application: string,
  elsewhere: {
    readonly environment: string;
    readonly declaration: { readonly sharedTo?: readonly string[] };
  },
): Problem {
  const shared = elsewhere.declaration.sharedTo?.some(
    (envType) =>
      envType === scope.envType && environmentName(scope.organization, scope.envType) === scope.environment,
  );
  return {
    code: shared ? 'NotReachable' : 'NotShared',
    field,
    message: shared
      ? `"${application}" runs in ${elsewhere.environment}, and on this machine networks keep Environments apart. Choose one of ${scope.environment}, or a new one.`
      : `"${application}" runs in ${elsewhere.environment} and is not shared to ${scope.environment}. Choose one of ${scope.environment}, or a new one.`,
  };
}
