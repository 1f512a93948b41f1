import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import {
  type BoundDependency,
  writeBase,
  writeOverlay,
} from '@catalyst/model/application-repository/write-files.ts';
import { secretsOf } from '@catalyst/model/blueprint/secrets-of.ts';
import { validateConfig } from '@catalyst/model/config/config-schema.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { ResolvedApplication } from '@catalyst/model/dependencies/resolution.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { applicationHost, checkApplicationName } from '@catalyst/model/names.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import type { BranchFiles } from './branch-files.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';

/** What speaks against one Application of a resolution: its name, and its configuration. */
export async function checkWanted(
  deps: PlanningDeps,
  scope: PlanningScope,
  wanted: ResolvedApplication,
  blueprint: BlueprintVersion,
  there: { readonly branch: BranchFiles | undefined; readonly exists: boolean },
): Promise<Problem[]> {
  const name = checkApplicationName(wanted.application);
  return [
    ...(name.ok ? [] : name.problems),
    ...(await checkFree(deps, scope, wanted, there)),
    ...checkConfiguration(blueprint, wanted.values, wanted.path),
  ];
}

/** The merged configuration against the schema; fields are `values.<path of aliases>.<field>`. */
export function checkConfiguration(
  { blueprint }: BlueprintVersion,
  values: JsonObject,
  path: readonly string[],
): Problem[] {
  const { configSchema } = blueprint.spec;
  const config = mergeValues(applyDefaults(configSchema), values);
  return validateConfig(configSchema, config).map((problem) => ({
    ...problem,
    field: ['values', ...path, problem.field].filter(Boolean).join('.'),
  }));
}

/** The name must be free in this Environment, and belong to the same Blueprint elsewhere. */
async function checkFree(
  deps: PlanningDeps,
  scope: PlanningScope,
  { application, blueprint }: ResolvedApplication,
  { branch, exists }: { readonly branch: BranchFiles | undefined; readonly exists: boolean },
): Promise<Problem[]> {
  const taken = (message: string): Problem[] => [
    { code: 'NameTaken', field: 'application', message: `${message} Choose another name.` },
  ];
  if (branch !== undefined && Object.hasOwn(branch.texts, basePaths.application))
    return taken(`There is already an Application "${application}" in ${scope.environment}.`);
  if (!exists) return [];
  const other = (await deps.installations.list({ organization: scope.organization })).find(
    (entry) => entry.application === application && entry.declaration.blueprint.name !== blueprint,
  );
  return other
    ? taken(
        `The name "${application}" belongs to an Application of ${other.declaration.blueprint.name} in ${other.environment}.`,
      )
    : [];
}

/** The files that install it, and what they declare. */
export function writeInstallation(
  deps: PlanningDeps,
  scope: PlanningScope,
  wanted: ResolvedApplication,
  blueprint: BlueprintVersion,
  bindings: readonly BoundDependency[],
) {
  const { application, requires, values, set } = wanted;
  const config = mergeValues(applyDefaults(blueprint.blueprint.spec.configSchema), values);
  const host = applicationHost(application, scope.environment, deps.domain);
  const changes = {
    ...writeBase({
      application,
      organization: scope.organization,
      blueprint,
      requires,
      secrets: secretsOf(blueprint.blueprint, config).map((secret) => secret.name),
      values,
      ...(set === undefined ? {} : { set }),
    }),
    ...writeOverlay({
      ...scope,
      application,
      hosts: [host],
      url: deps.urlOf(host),
      bindings,
      conditional: requires.filter((entry) => entry.when !== undefined).map((entry) => entry.alias),
      values: {},
    }),
  };
  const declaration: ApplicationDeclaration = {
    application,
    organization: scope.organization,
    environment: scope.environment,
    blueprint: { name: blueprint.name, version: blueprint.version, digest: blueprint.digest },
    requires,
    bindings: bindings.map(({ alias, application: provider }) => ({ alias, application: provider })),
    hosts: [host],
    paused: false,
  };
  return { changes, declaration };
}
