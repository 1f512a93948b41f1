import { activeRequirements } from '../dependencies/active-requirements.ts';
import type { JsonObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import type { BaseApplication, OverlayApplication } from '../resources/application.ts';
import type { Blueprint } from '../resources/blueprint.ts';
import type { BranchContext } from './branch-context.ts';
import { basePaths, overlayPaths } from './paths.ts';
import type { BoundDependency } from './write-files.ts';

type Requirement = NonNullable<BaseApplication['spec']['requires']>[number];

/** What the Blueprint depends on must be required, as it says; an Application may require more of its own. */
export function checkRequirements(base: BaseApplication, blueprint: Blueprint): Problem[] {
  return (blueprint.spec.depends ?? []).flatMap(({ alias, blueprint: name, version, when }) => {
    const found = base.spec.requires?.find((requirement) => requirement.alias === alias);
    if (found?.blueprint === name && found.version === version && found.when === when) return [];
    const wanted = [
      `alias: ${alias}`,
      `blueprint: ${name}`,
      `version: ${JSON.stringify(version)}`,
      ...(when === undefined ? [] : [`when: ${JSON.stringify(when)}`]),
    ].join(', ');
    return [
      {
        code: found ? 'RequirementAltered' : 'RequirementMissing',
        file: basePaths.application,
        field: `spec.requires[${alias}]`,
        message: `${blueprint.metadata.name} ${blueprint.spec.version} depends on this and it must be required as { ${wanted} }.`,
      },
    ];
  });
}

/**
 * Every requirement that is asked for with the merged configuration must be bound exactly once, to an Application that fits, and no other
 * may be. Gives where those are.
 */
export function checkBindings(
  base: BaseApplication,
  overlay: OverlayApplication,
  context: BranchContext,
  config: JsonObject,
): { problems: Problem[]; bound: BoundDependency[] } {
  const file = overlayPaths(context.envType).application;
  const problems: Problem[] = [];
  const bound: BoundDependency[] = [];
  const { requires = [], blueprint } = base.spec;
  const { organization, environment, application: name } = context;
  const active = activeRequirements(requires, `${blueprint.name} ${blueprint.version}`, {
    config,
    application: { name, organization, environment },
  });
  if (!active.ok)
    return {
      problems: active.problems.map((problem) => ({ ...problem, file: basePaths.application })),
      bound,
    };
  const bindings = overlay.spec.bindings ?? [];
  for (const requirement of active.value) {
    const matches = bindings.filter((binding) => binding.alias === requirement.alias);
    const found = checkBinding(requirement, matches, context);
    if ('code' in found) problems.push({ ...found, file, field: `spec.bindings[${requirement.alias}]` });
    else bound.push(found);
  }
  for (const { alias } of bindings) {
    if (active.value.some((requirement) => requirement.alias === alias)) continue;
    const skipped = requires.some((requirement) => requirement.alias === alias);
    problems.push({
      code: skipped ? 'BindingUnneeded' : 'BindingUnknown',
      file,
      field: `spec.bindings[${alias}]`,
      message: skipped
        ? `The condition of the dependency "${alias}" is false with this configuration. Remove the binding.`
        : `base/application.yaml requires nothing under the alias "${alias}".`,
    });
  }
  return { problems, bound };
}

function checkBinding(
  requirement: Requirement,
  matches: readonly { readonly application: string }[],
  context: BranchContext,
): BoundDependency | Problem {
  const { alias, blueprint, version } = requirement;
  const [binding, ...more] = matches;
  if (!binding || more.length > 0)
    return {
      code: 'BindingMissing',
      message: `The dependency "${alias}" (${blueprint} ${version}) must be bound exactly once.`,
    };
  const { application } = binding;
  const provider = context.provider(application);
  if (!provider || application === context.application)
    return {
      code: 'BindingUnknown',
      message: `There is no other Application "${application}" in ${context.environment}.`,
    };
  if (provider.blueprint !== blueprint || !context.satisfies(provider.version, version))
    return {
      code: 'BindingUnfit',
      message: `"${application}" is ${provider.blueprint} ${provider.version}; ${blueprint} ${version} is needed.`,
    };
  if (provider.service === undefined || provider.port === undefined)
    return {
      code: 'BindingUnfit',
      message: `"${application}" (${provider.blueprint}) offers nothing that others can be bound to.`,
    };
  return { alias, application, service: provider.service, port: provider.port };
}
