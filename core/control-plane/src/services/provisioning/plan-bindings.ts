import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { combineLayers } from '@catalyst/model/config/values.ts';
import type { Resolution, ResolvedApplication } from '@catalyst/model/dependencies/resolution.ts';
import { resolveDependencies } from '@catalyst/model/dependencies/resolve-dependencies.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { DependencyChoice } from '@catalyst/model/views/plan.ts';
import semver from 'semver';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { boundApplications } from '../application-controller/bound-applications.ts';
import { type EditedBranch, writeOverlayBindings, writeRequirements } from './binding-files.ts';
import { dependencyIndexOf, explainUnavailable, findExisting } from './dependency-candidates.ts';
import { describeChoices, installTree, locateBindings } from './install-tree.ts';
import { parsed, readInstalled } from './installed.ts';
import type { Draft, PlanningDeps, PlanningScope } from './planning-context.ts';

/** What an installed Application requires and is bound to after a change. */
export type Bound = Pick<ApplicationDeclaration, 'requires' | 'bindings'>;

/**
 * Works out again what an installed Application depends on, with the version and the configuration that its edited branch says. What it
 * is bound to stays, unless a choice says otherwise; a dependency that is asked for now is made or used in the same plan; one that is no
 * longer asked for loses its binding and stays itself. Adds to the branch's changes, and to the draft what is made, what follows and
 * what speaks against it; undefined where something does.
 */
export async function planBindings(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  branch: EditedBranch,
  version: BlueprintVersion,
  chosen: Readonly<Record<string, DependencyChoice>>,
): Promise<Bound | undefined> {
  const { declaration } = branch.installed;
  const asked = new Set((version.blueprint.spec.depends ?? []).map((entry) => entry.alias));
  const kept = declaration.bindings
    .filter((one) => asked.has(one.alias))
    .map((one): [string, DependencyChoice] => [one.alias, { use: 'existing', application: one.application }]);
  const choices = { ...Object.fromEntries(kept), ...chosen };
  const always = new Set(declaration.bindings.map((one) => one.application));
  const existing = await findExisting(deps, scope, always);
  const outcome = resolveDependencies(
    {
      organization: scope.organization,
      environment: scope.environment,
      root: {
        application: declaration.application,
        blueprint: version.name,
        version: version.version,
        values: valuesOf(scope, branch),
      },
      choices,
      existing: existing.filter((one) => one.application !== declaration.application),
    },
    dependencyIndexOf(deps, scope.organization),
  );
  draft.choices.push(...describeChoices(outcome.ok ? outcome.value.choices : outcome.choices));
  if (!outcome.ok) {
    const known = await explainUnavailable(deps, scope, chosen, existing);
    draft.problems.push(...(known.length > 0 ? known : outcome.problems));
    return undefined;
  }
  const root = outcome.value.applications.find((one) => one.path.length === 0);
  if (!root) return undefined;
  await carryOver(deps, scope, draft, branch, outcome.value, root);
  return { requires: root.requires, bindings: root.bindings };
}

async function carryOver(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  branch: EditedBranch,
  resolution: Resolution,
  root: ResolvedApplication,
): Promise<void> {
  const bound = await locateBindings(deps, scope, resolution, root.bindings);
  writeRequirements(branch, root.requires);
  writeOverlayBindings(deps, scope, branch, root.requires, bound);
  const { bindings: before, application } = branch.installed.declaration;
  const made = resolution.applications.filter((one) => one !== root);
  const fresh = new Set(
    root.bindings
      .filter(
        ({ alias, application: to }) => !before.some((one) => one.alias === alias && one.application === to),
      )
      .map((one) => one.alias),
  );
  // What stays bound as it is needs no mention.
  const choices = resolution.choices.filter(
    (choice) => choice.alias.includes('.') || fresh.has(choice.alias),
  );
  await installTree(deps, scope, draft, { ...resolution, choices, skipped: [] }, made);
  draft.consequences.push(...consequencesOf(application, before, root));
}

type Binding = ApplicationDeclaration['bindings'][number];

function consequencesOf(
  application: string,
  before: readonly Binding[],
  { bindings, requires }: ResolvedApplication,
): string[] {
  const said: string[] = [];
  for (const { alias, application: from } of before) {
    const to = bindings.find((one) => one.alias === alias)?.application;
    if (to === from) continue;
    if (to !== undefined)
      said.push(
        `${application} is bound to ${to} instead of ${from} as "${alias}". Data does not move by itself: ${from} keeps what it holds for ${application}, and ${application} begins without it in ${to}. Move it yourself, or rebind to get it back.`,
      );
    else
      said.push(
        `${application} is no longer bound to ${from} as "${alias}", because ${
          requires.some((one) => one.alias === alias)
            ? 'the condition of that dependency is false with this configuration'
            : 'its new version has no such dependency'
        }. ${from} stays with its data; uninstall it if nobody needs it.`,
      );
  }
  for (const { alias, application: to } of bindings)
    if (!before.some((one) => one.alias === alias))
      said.push(`${application} is bound to ${to} as "${alias}", which it needs from now on.`);
  return said;
}

/** What base and overlay set once the changes are made. */
function valuesOf(scope: PlanningScope, { installed, changes }: EditedBranch) {
  const read = (path: string) => parsed(changes[path] ?? installed.branch.texts[path], path);
  return combineLayers(read(basePaths.values), read(overlayPaths(scope.envType).values));
}

/** Applications that are bound to this one, and whose range the wanted version is not within. */
export async function checkUsersOf(
  deps: PlanningDeps,
  scope: PlanningScope,
  application: string,
  { name, version }: Pick<BlueprintVersion, 'name' | 'version'>,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const user of await boundApplications(deps, scope, application)) {
    const found = await readInstalled(deps, scope, user);
    for (const { alias, application: provider } of found?.declaration.bindings ?? []) {
      const need = found?.declaration.requires.find((requirement) => requirement.alias === alias);
      if (provider !== application || !need || semver.satisfies(version, need.version)) continue;
      problems.push({
        code: 'InUse',
        field: 'version',
        message: `${user} is bound to it and asks for ${need.blueprint} ${need.version} (alias ${alias}), which ${name} ${version} is not. Change ${user} first, or rebind it.`,
      });
    }
  }
  return problems;
}
