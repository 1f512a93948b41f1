import { type CheckedBranch, isInstalled } from '@catalyst/model/application-repository/check-branch.ts';
import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import { type BranchFiles, readBranch } from './branch-files.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';

/** An installed Application as its branch says it. */
export interface Installed {
  readonly branch: BranchFiles;
  readonly declaration: ApplicationDeclaration;
  readonly values: Pick<CheckedBranch, 'baseValues' | 'overlayValues'>;
}

/** Files to write (text) and to delete (null). */
export type Changes = Record<string, string | null>;

/** A YAML mapping that the judge has already accepted; empty where the file is missing. */
export function parsed(text: string | undefined, file: string): JsonObject {
  const result = parseYamlObject(text ?? '', file);
  return result.ok ? result.value : {};
}

/** Reads what is installed from Git; undefined where it is not installed. */
export async function readInstalled(
  deps: PlanningDeps,
  scope: PlanningScope,
  application: string,
): Promise<Installed | undefined> {
  const branch = await readBranch(
    deps.repositories,
    { organization: scope.organization, name: application },
    scope.branch,
  );
  return branch && toInstalled(scope, application, branch);
}

/** What the files of some revision install; undefined where they install nothing. */
export function toInstalled(
  scope: Pick<PlanningScope, 'organization' | 'environment' | 'envType'>,
  application: string,
  branch: BranchFiles,
): Installed | undefined {
  if (!isInstalled(branch.texts)) return undefined;
  const paths = overlayPaths(scope.envType);
  const base = parsed(branch.texts[basePaths.application], basePaths.application) as {
    spec?: Partial<ApplicationDeclaration>;
  };
  const overlay = parsed(branch.texts[paths.application], paths.application) as {
    spec?: Partial<ApplicationDeclaration>;
  };
  const blueprint = base.spec?.blueprint;
  if (!blueprint) return undefined;
  return {
    branch,
    declaration: {
      application,
      organization: scope.organization,
      environment: scope.environment,
      blueprint,
      requires: base.spec?.requires ?? [],
      bindings: overlay.spec?.bindings ?? [],
      hosts: overlay.spec?.hosts ?? [],
      paused: overlay.spec?.paused ?? false,
      ...(overlay.spec?.restartedAt === undefined ? {} : { restartedAt: overlay.spec.restartedAt }),
      ...(overlay.spec?.holds === undefined ? {} : { holds: overlay.spec.holds }),
    },
    values: {
      baseValues: parsed(branch.texts[basePaths.values], basePaths.values),
      overlayValues: parsed(branch.texts[paths.values], paths.values),
    },
  };
}

/** The draft for an Application that is not there. */
export function notInstalled(scope: PlanningScope, application: string): Draft {
  const draft = emptyDraft();
  draft.problems.push({
    code: 'NotInstalled',
    field: 'application',
    message: `There is no Application "${application}" in ${scope.environment}.`,
  });
  return draft;
}
