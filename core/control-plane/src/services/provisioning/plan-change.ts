import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import {
  ownSecrets,
  writeExternalSecret,
  writeRelease,
} from '@catalyst/model/application-repository/write-files.ts';
import { secretsOf } from '@catalyst/model/blueprint/secrets-of.ts';
import { validateConfig } from '@catalyst/model/config/config-schema.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { diffOverlay, mergeValues } from '@catalyst/model/config/values.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { ok, type Result } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { editYaml } from '@catalyst/model/yaml/edit-yaml.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { refusedUpgrade } from './check-upgrade.ts';
import { describeChange } from './describe-change.ts';
import { type Changes, type Installed, notInstalled, parsed, readInstalled } from './installed.ts';
import { mergeWithHead } from './merge-with-head.ts';
import { checkUsersOf, planBindings } from './plan-bindings.ts';
import { withReason } from './plan-hold.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';

type ConfigureRequest = Extract<PlanRequest, { action: 'configure' }>;

/** Plans a change of configuration, version or pause in this one Environment. */
export async function planConfigure(
  deps: PlanningDeps,
  scope: PlanningScope,
  request: ConfigureRequest,
): Promise<Draft> {
  const installed = await readInstalled(deps, scope, request.application);
  if (!installed) return notInstalled(scope, request.application);
  const draft = emptyDraft();
  const current = installed.declaration.blueprint;
  const version = deps.catalog.find(current.name, request.version ?? current.version, {
    organizations: [scope.organization],
  });
  if (!version) {
    draft.problems.push({
      code: 'UnknownVersion',
      field: 'version',
      message: `There is no ${current.name} ${request.version ?? current.version} in the catalog.`,
    });
    return draft;
  }
  const refusal = refusedUpgrade(deps.catalog, scope.organization, current, version.version);
  if (refusal) draft.problems.push(refusal);
  const edited = await mergedRequest(deps, scope, installed, request);
  if (!edited.ok) draft.problems.push(...edited.problems);
  if (!edited.ok || refusal) return draft;
  const { changes, config } = writeConfiguration(scope, installed, version, edited.value);
  draft.problems.push(
    ...validateConfig(version.blueprint.spec.configSchema, config).map((problem) => ({
      ...problem,
      field: `values.${problem.field ?? ''}`,
    })),
  );
  if (version.version !== current.version)
    draft.problems.push(...(await checkUsersOf(deps, scope, request.application, version)));
  if (draft.problems.length > 0) return draft;
  const bound = isOperation(request)
    ? {}
    : await planBindings(deps, scope, draft, { installed, changes }, version, request.dependencies ?? {});
  if (!bound) return draft;
  if (Object.keys(changes).length === 0) {
    draft.problems.push({
      code: 'NothingChanges',
      message: 'Nothing is different from what is already there.',
    });
    return draft;
  }
  const declaration: ApplicationDeclaration = {
    ...installed.declaration,
    ...bound,
    blueprint: { name: version.name, version: version.version, digest: version.digest },
    paused: request.paused ?? installed.declaration.paused,
  };
  const message = withReason(messageOf(request, version, scope), request.reason);
  const under = isOperation(request) ? { under: { kind: 'operation' } as const } : {};
  await describeChange(deps, scope, draft, { installed, changes, declaration, message, ...under });
  if (request.paused === true && !installed.declaration.paused)
    draft.consequences.push(
      'Every Pod is stopped and the address shows that the Application is paused; its data stays.',
    );
  return draft;
}

/** The request with what the branch changed since its values were edited. */
async function mergedRequest(
  deps: PlanningDeps,
  scope: PlanningScope,
  installed: Installed,
  request: ConfigureRequest,
): Promise<Result<ConfigureRequest>> {
  const { basedOn, values } = request;
  if (basedOn === undefined || values === undefined) return ok(request);
  const merged = await mergeWithHead(deps, scope, installed, { basedOn, values: values as JsonObject });
  return merged.ok ? ok({ ...request, values: merged.value }) : merged;
}

/** Pausing and resuming change nothing of what was reviewed. */
function isOperation({ paused, values, version, dependencies }: ConfigureRequest): boolean {
  return paused !== undefined && values === undefined && version === undefined && dependencies === undefined;
}

function messageOf(request: ConfigureRequest, version: BlueprintVersion, scope: PlanningScope): string {
  if (request.version !== undefined)
    return `Change ${request.application} to ${version.name} ${version.version} in ${scope.environment}`;
  if (request.paused !== undefined && request.values === undefined)
    return `${request.paused ? 'Pause' : 'Resume'} ${request.application} in ${scope.environment}`;
  return `Configure ${request.application} in ${scope.environment}`;
}

function writeConfiguration(
  scope: PlanningScope,
  installed: Installed,
  version: BlueprintVersion,
  request: ConfigureRequest,
): { changes: Changes; config: JsonObject } {
  const paths = overlayPaths(scope.envType);
  const { texts } = installed.branch;
  const { baseValues, overlayValues } = installed.values;
  const defaults = applyDefaults(version.blueprint.spec.configSchema);
  const changes: Changes = {};
  const write = (path: string, text: string) => {
    if (texts[path] !== text) changes[path] = text;
  };
  const overlay =
    request.values === undefined
      ? overlayValues
      : // What a caller leaves out is left to its default; to be without a default, one says null.
        diffOverlay(baseValues, mergeValues(defaults, request.values as JsonObject), defaults);
  if (request.values !== undefined) write(paths.values, editYaml(texts[paths.values] ?? '', overlay));
  if (request.paused !== undefined && request.paused !== installed.declaration.paused) {
    const application = parsed(texts[paths.application], paths.application);
    write(
      paths.application,
      editYaml(texts[paths.application] ?? '', {
        ...application,
        spec: { ...(application.spec as JsonObject), paused: request.paused },
      }),
    );
  }
  const config = mergeValues(defaults, baseValues, overlay);
  if (version.version !== installed.declaration.blueprint.version) {
    const application = parsed(texts[basePaths.application], basePaths.application);
    const blueprint = { name: version.name, version: version.version, digest: version.digest };
    write(
      basePaths.application,
      editYaml(texts[basePaths.application] ?? '', {
        ...application,
        spec: { ...(application.spec as JsonObject), blueprint },
      }),
    );
    // Another version may come from another source.
    write(basePaths.release, writeRelease(request.application, version.url));
  }
  writeSecrets(installed, version, config, changes);
  return { changes, config };
}

/** Adds the Secrets that configuration or version ask for and that the branch does not reference yet. */
export function writeSecrets(
  installed: Installed,
  version: BlueprintVersion,
  config: JsonObject,
  changes: Changes,
): void {
  const { application } = installed.declaration;
  const wanted = ownSecrets(
    application,
    secretsOf(version.blueprint, config).map((secret) => secret.name),
  );
  const missing = wanted.filter((secret) => installed.branch.texts[secret.path] === undefined);
  if (missing.length === 0) return;
  for (const secret of missing)
    changes[secret.path] = writeExternalSecret(application, secret.name, secret.key);
  const kustomization = parsed(installed.branch.texts[basePaths.kustomization], basePaths.kustomization);
  const resources = Array.isArray(kustomization.resources) ? kustomization.resources : [];
  changes[basePaths.kustomization] = editYaml(installed.branch.texts[basePaths.kustomization] ?? '', {
    ...kustomization,
    resources: [...resources, ...missing.map((secret) => secret.path.slice('base/'.length))],
  });
}

/** Plans one replacement of every Pod. */
export async function planRestart(
  deps: PlanningDeps,
  scope: PlanningScope,
  { application, reason }: Extract<PlanRequest, { action: 'restart' }>,
): Promise<Draft> {
  const installed = await readInstalled(deps, scope, application);
  if (!installed) return notInstalled(scope, application);
  const draft = emptyDraft();
  if (installed.declaration.paused) {
    draft.problems.push({ code: 'Paused', message: `"${application}" is paused. Resume it instead.` });
    return draft;
  }
  const path = overlayPaths(scope.envType).application;
  const restartedAt = new Date(deps.clock.now()).toISOString();
  const document = parsed(installed.branch.texts[path], path);
  const changes = {
    [path]: editYaml(installed.branch.texts[path] ?? '', {
      ...document,
      spec: { ...(document.spec as JsonObject), restartedAt },
    }),
  };
  await describeChange(deps, scope, draft, {
    installed,
    changes,
    declaration: { ...installed.declaration, restartedAt },
    message: withReason(`Restart ${application} in ${scope.environment}`, reason),
    under: { kind: 'operation' },
  });
  return draft;
}
