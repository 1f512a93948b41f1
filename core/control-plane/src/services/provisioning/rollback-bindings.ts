import type { BoundDependency } from '@catalyst/model/application-repository/write-files.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import { activeRequirements } from '@catalyst/model/dependencies/active-requirements.ts';
import type { Problem, Result } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import semver from 'semver';
import { boundApplications } from '../application-controller/bound-applications.ts';
import { type Installed, readInstalled } from './installed.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';

type Binding = ApplicationDeclaration['bindings'][number];
type Requirement = ApplicationDeclaration['requires'][number];

/** What the earlier version is bound to. */
export interface ResolvedBindings {
  readonly bindings: readonly Binding[];
  readonly bound: readonly BoundDependency[];
  /** Whether the overlay must say something else than now. */
  readonly changed: boolean;
  readonly problems: readonly Problem[];
}

/** The Application as a provider; undefined where it is not there or does not fit. */
async function fitting(
  deps: PlanningDeps,
  scope: PlanningScope,
  requirement: Requirement,
  application: string | undefined,
): Promise<BoundDependency | undefined> {
  const found = application === undefined ? undefined : await readInstalled(deps, scope, application);
  if (!found) return undefined;
  const { blueprint } = found.declaration;
  if (blueprint.name !== requirement.blueprint || !semver.satisfies(blueprint.version, requirement.version))
    return undefined;
  const provides = deps.catalog.find(blueprint.name, blueprint.version, {
    organizations: [scope.organization],
  })?.blueprint.spec.provides;
  return (
    provides && {
      alias: requirement.alias,
      application: found.declaration.application,
      service: provides.service,
      port: provides.port,
    }
  );
}

/**
 * Meets what the earlier version requires: by what the alias is bound to now, else by what it was bound to then. Neither there nor
 * fitting is a problem with the way out.
 */
export async function bindEarlier(
  deps: PlanningDeps,
  scope: PlanningScope,
  now: Installed,
  earlier: Installed,
): Promise<ResolvedBindings> {
  const bound: BoundDependency[] = [];
  const problems: Problem[] = [];
  const of = (installed: Installed, alias: string) =>
    installed.declaration.bindings.find((binding) => binding.alias === alias)?.application;
  const active = requirementsOf(deps, scope, now, earlier);
  if (!active.ok) problems.push(...active.problems);
  for (const requirement of active.ok ? active.value : []) {
    const { alias, blueprint, version } = requirement;
    const then = of(earlier, alias);
    const found =
      (await fitting(deps, scope, requirement, of(now, alias))) ??
      (await fitting(deps, scope, requirement, then));
    if (found) bound.push(found);
    else
      problems.push({
        code: 'BindingGone',
        field: alias,
        message: `At that revision it needs ${blueprint} ${version} as "${alias}"${then === undefined ? '' : `, which was "${then}"`}; there is none bound that fits. ${
          then === undefined ? 'Rebind it' : `Install ${blueprint} as "${then}"`
        } first, or choose another revision.`,
      });
  }
  const bindings = bound.map(({ alias, application }) => ({ alias, application }));
  const text = (list: readonly Binding[]) =>
    list
      .map(({ alias, application }) => `${alias}=${application}`)
      .sort()
      .join();
  return { bindings, bound, problems, changed: text(bindings) !== text(now.declaration.bindings) };
}

/** What the earlier version asks for with the configuration that there would be: its own, and what the Environment sets now. */
function requirementsOf(
  deps: Pick<PlanningDeps, 'catalog'>,
  scope: PlanningScope,
  now: Installed,
  { declaration, values }: Installed,
): Result<readonly Requirement[]> {
  const { name, version } = declaration.blueprint;
  const { organization, environment } = scope;
  const found = deps.catalog.find(name, version, { organizations: [organization] });
  const defaults = applyDefaults(found?.blueprint.spec.configSchema ?? {});
  return activeRequirements(declaration.requires, `${name} ${version}`, {
    config: mergeValues(defaults, values.baseValues, now.values.overlayValues),
    application: { name: declaration.application, organization, environment },
  });
}

/** Applications that are bound to this one and need another version than the earlier one. */
export async function checkUsers(
  deps: PlanningDeps,
  scope: PlanningScope,
  application: string,
  earlier: Installed,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const { name, version } = earlier.declaration.blueprint;
  for (const user of await boundApplications(deps, scope, application)) {
    const found = await readInstalled(deps, scope, user);
    for (const { alias, application: provider } of found?.declaration.bindings ?? []) {
      const need = found?.declaration.requires.find((requirement) => requirement.alias === alias);
      if (provider !== application || !need) continue;
      if (need.blueprint === name && semver.satisfies(version, need.version)) continue;
      problems.push({
        code: 'InUse',
        field: user,
        message: `${user} is bound to it and needs ${need.blueprint} ${need.version}; that revision is ${name} ${version}. Roll ${user} back or rebind it first.`,
      });
    }
  }
  return problems;
}
