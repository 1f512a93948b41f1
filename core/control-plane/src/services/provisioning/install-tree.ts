import type { BoundDependency } from '@catalyst/model/application-repository/write-files.ts';
import type {
  Resolution,
  ResolvedApplication,
  ResolvedChoice,
} from '@catalyst/model/dependencies/resolution.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { applyChanges, readBranch } from './branch-files.ts';
import { describeApplication } from './describe.ts';
import type { Draft, PlanningDeps, PlanningScope } from './planning-context.ts';
import { checkWanted, writeInstallation } from './wanted.ts';

/** Choices of a resolution as a plan shows them. */
export function describeChoices(choices: readonly ResolvedChoice[]): Plan['choices'] {
  return choices.map(({ alias, blueprint, version, existing, newName, chosen }) => ({
    alias,
    blueprint,
    version,
    existing: [...existing],
    newName,
    chosen,
  }));
}

/** Where what an Application is bound to can be reached, planned or there already. */
export async function locateBindings(
  deps: PlanningDeps,
  scope: PlanningScope,
  resolution: Pick<Resolution, 'applications'>,
  bindings: ResolvedApplication['bindings'],
): Promise<BoundDependency[]> {
  const bound: BoundDependency[] = [];
  for (const { alias, application } of bindings) {
    const planned = resolution.applications.find(
      (one) => one.application === application && one.path.length > 0,
    );
    const there = planned ? undefined : await deps.installations.get(scope.environment, application);
    const { name, version } = there?.declaration.blueprint ?? {
      name: planned?.blueprint ?? '',
      version: planned?.version ?? '',
    };
    const provides = deps.catalog.find(name, version, { organizations: [scope.organization] })?.blueprint.spec
      .provides;
    if (provides) bound.push({ alias, application, service: provides.service, port: provides.port });
  }
  return bound;
}

/** Adds the installation of every given Application to the draft, in order, and what it uses of what is there. */
export async function installTree(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  resolution: Resolution,
  applications: readonly ResolvedApplication[],
): Promise<void> {
  for (const choice of resolution.choices)
    if (choice.met === 'existing') await addUsed(deps, scope, draft, choice);
  for (const wanted of applications) await installOne(deps, scope, draft, resolution, wanted);
  for (const { alias, when } of resolution.skipped)
    draft.consequences.push(
      `The dependency "${alias}" is not needed with this configuration: ${when} is false.`,
    );
}

async function addUsed(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  { application, alias }: ResolvedChoice,
): Promise<void> {
  if (draft.applications.some((one) => one.application === application)) return;
  const there = await deps.installations.get(scope.environment, application);
  if (!there) return;
  draft.applications.push({
    application,
    change: 'use',
    blueprint: there.declaration.blueprint.name,
    version: there.declaration.blueprint.version,
    alias: alias.split('.').at(-1) ?? alias,
    repository: `${scope.organization}/${application}`,
    branch: scope.branch,
    files: [],
    objects: [],
    resources: { cpuMillis: 0, memoryBytes: 0, storageBytes: 0 },
  });
  draft.consequences.push(
    `${application} is used as it is; what the new Application needs in it is made by its binding.`,
  );
}

async function installOne(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  resolution: Resolution,
  wanted: ResolvedApplication,
): Promise<void> {
  const { application } = wanted;
  const { organization, environment, branch: ref } = scope;
  const repository = { organization, name: application };
  const blueprint = deps.catalog.find(wanted.blueprint, wanted.version, { organizations: [organization] });
  if (!blueprint) return;
  const exists = await deps.repositories.exists(repository);
  const branch = await readBranch(deps.repositories, repository, ref);
  const problems = await checkWanted(deps, scope, wanted, blueprint, { branch, exists });
  draft.problems.push(...problems);
  if (problems.length > 0) return;
  const bindings = await locateBindings(deps, scope, resolution, wanted.bindings);
  const { changes, declaration } = writeInstallation(deps, scope, wanted, blueprint, bindings);
  const target = { organization, environment, application, branch: ref, declaration };
  const files = applyChanges(branch?.bytes ?? new Map(), changes);
  const preview = await deps.gitops.preview(target, files, { background: true });
  if (!preview.ok) draft.problems.push(...preview.problems);
  const alias = wanted.path.at(-1);
  draft.applications.push(
    describeApplication({
      ...target,
      change: 'create',
      blueprint: blueprint.name,
      version: blueprint.version,
      ...(alias === undefined ? {} : { alias }),
      before: branch?.texts ?? {},
      changes,
      objectsBefore: [],
      objectsAfter: preview.ok ? preview.value : [],
    }),
  );
  draft.steps.push({
    application,
    kind: exists ? 'commit' : 'create-repository',
    expectedHead: branch?.head ?? null,
    changes,
    message: `Install ${blueprint.name} ${blueprint.version} in ${environment}`,
  });
  draft.consequences.push(
    exists
      ? `${application} is installed on the branch ${ref} of its repository.`
      : `The repository ${organization}/${application} is created with the branches develop, staging and main; only ${ref} installs it.`,
  );
}
