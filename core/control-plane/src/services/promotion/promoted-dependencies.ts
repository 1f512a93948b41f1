import type { BoundDependency } from '@catalyst/model/application-repository/write-files.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import { activeRequirements } from '@catalyst/model/dependencies/active-requirements.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { DependencyChoice, Plan } from '@catalyst/model/views/plan.ts';
import semver from 'semver';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { findExisting } from '../provisioning/dependency-candidates.ts';
import type { Installed } from '../provisioning/installed.ts';
import type { Draft, PlanningDeps, PlanningScope } from '../provisioning/planning-context.ts';

type Requirement = ApplicationDeclaration['requires'][number];
type Choice = Plan['choices'][number];

/** An Application that others of the destination can be bound to once the plan is carried out. */
export interface Provider {
  readonly application: string;
  readonly blueprint: string;
  readonly version: string;
}

/** What binding the dependencies of a promoted Application asks. */
export interface BindingQuestion {
  /** As the destination will hold it, with the bindings that its overlay has now. */
  readonly promoted: Installed;
  readonly version: BlueprintVersion;
  /** What each alias is bound to in the source. */
  readonly boundInSource: ApplicationDeclaration['bindings'];
  /** Aliases from the promoted Application down to this one. */
  readonly path: readonly string[];
  readonly choices: Readonly<Record<string, DependencyChoice>>;
  /** Promotes another Application with this one; undefined where that is not possible, with the problems in the draft. */
  readonly promote: (application: string, alias: string) => Promise<Provider | undefined>;
}

/**
 * Binds what a promoted Application asks for in the destination: what it is bound to there, else an Application that is there and fits,
 * else the one that the source is bound to, promoted before it. A choice decides otherwise. Problems go to the draft.
 */
export async function bindPromoted(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  question: BindingQuestion,
): Promise<readonly BoundDependency[]> {
  const { promoted, version } = question;
  const { declaration, values } = promoted;
  const active = activeRequirements(declaration.requires, `${version.name} ${version.version}`, {
    config: mergeValues(
      applyDefaults(version.blueprint.spec.configSchema),
      values.baseValues,
      values.overlayValues,
    ),
    application: {
      name: declaration.application,
      organization: scope.organization,
      environment: scope.environment,
    },
  });
  if (!active.ok) {
    draft.problems.push(...active.problems);
    return [];
  }
  const there = await findExisting(deps, scope);
  const bound: BoundDependency[] = [];
  for (const requirement of active.value) {
    const provider = await provide(draft, question, requirement, there);
    const service = provider && serviceOf(deps, scope, requirement.alias, provider);
    if (service) bound.push(service);
  }
  return bound;
}

async function provide(
  draft: Draft,
  question: BindingQuestion,
  requirement: Requirement,
  there: readonly Provider[],
): Promise<Provider | undefined> {
  const { alias } = requirement;
  const path = [...question.path, alias].join('.');
  const fitting = there.filter((one) => fits(one, requirement));
  const inSource = question.boundInSource.find((binding) => binding.alias === alias)?.application;
  const chosen = question.choices[path] ?? usualChoice(question, alias, fitting, inSource);
  const choice: Choice = {
    alias: path,
    blueprint: requirement.blueprint,
    version: requirement.version,
    existing: fitting.map(({ application }) => application),
    newName: inSource ?? '',
    chosen: chosen ?? { use: 'new' },
  };
  draft.choices.push(choice);
  if (chosen?.use === 'existing') {
    const found = fitting.find(({ application }) => application === chosen.application);
    if (!found)
      draft.problems.push({
        code: 'DependencyUnfit',
        field: `dependencies.${path}`,
        message: `"${chosen.application}" is not there, or is no ${requirement.blueprint} ${requirement.version}. Choose another, or promote the one that the source uses.`,
      });
    return found;
  }
  if (chosen && inSource !== undefined) return question.promote(inSource, alias);
  draft.problems.push({
    code: 'DependencyMissing',
    field: `dependencies.${path}`,
    message: `It needs ${requirement.blueprint} ${requirement.version} as "${alias}", and there is none that fits. Install one first and choose it.`,
  });
  return undefined;
}

function usualChoice(
  { promoted }: BindingQuestion,
  alias: string,
  fitting: readonly Provider[],
  inSource: string | undefined,
): DependencyChoice | undefined {
  const present = promoted.declaration.bindings.find((binding) => binding.alias === alias)?.application;
  const kept = [present, inSource].find((name) => fitting.some(({ application }) => application === name));
  if (kept !== undefined) return { use: 'existing', application: kept };
  return inSource === undefined ? undefined : { use: 'new' };
}

function fits({ blueprint, version }: Provider, requirement: Requirement): boolean {
  return blueprint === requirement.blueprint && semver.satisfies(version, requirement.version);
}

function serviceOf(
  deps: Pick<PlanningDeps, 'catalog'>,
  { organization }: PlanningScope,
  alias: string,
  { application, blueprint, version }: Provider,
): BoundDependency | undefined {
  const found = deps.catalog.find(blueprint, version, { organizations: [organization] });
  const provides = found?.blueprint.spec.provides;
  return provides && { alias, application, service: provides.service, port: provides.port };
}
