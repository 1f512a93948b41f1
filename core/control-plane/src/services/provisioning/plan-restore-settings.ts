import { overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { validateConfig } from '@catalyst/model/config/config-schema.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { wasStateOf } from '../history/branch-states.ts';
import { describeChange } from './describe-change.ts';
import { type Changes, type Installed, notInstalled, readInstalled } from './installed.ts';
import { planBindings } from './plan-bindings.ts';
import { writeSecrets } from './plan-change.ts';
import { withReason } from './plan-hold.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';
import { type Earlier, readEarlier } from './rollback-files.ts';

type RestoreRequest = Extract<PlanRequest, { action: 'configure' }> & { readonly valuesOf: string };

/**
 * Plans going back to what this Environment alone set at an earlier revision of its branch, byte for byte. Version and shared
 * configuration stay, and the present version judges whether it still takes those settings.
 */
export async function planRestoreSettings(
  deps: PlanningDeps,
  scope: PlanningScope,
  request: RestoreRequest,
): Promise<Draft> {
  const { application, valuesOf: revision } = request;
  const installed = await readInstalled(deps, scope, application);
  if (!installed) return notInstalled(scope, application);
  const draft = emptyDraft();
  const { name, version } = installed.declaration.blueprint;
  const blueprint = deps.catalog.find(name, version, { organizations: [scope.organization] });
  const earlier = await findEarlier(deps, scope, installed, request);
  if ('code' in earlier) draft.problems.push(earlier);
  else if (!blueprint)
    draft.problems.push({
      code: 'UnknownVersion',
      message: `There is no ${name} ${version} in the catalog. Put it back, or change to another version.`,
    });
  else if (isSame(scope, installed, earlier))
    draft.problems.push({
      code: 'NothingChanges',
      field: 'valuesOf',
      message: `The settings of ${scope.environment} at ${revision.slice(0, 7)} are those that are there now.`,
    });
  else await decide(deps, scope, draft, { installed, earlier, blueprint, request });
  return draft;
}

async function findEarlier(
  deps: PlanningDeps,
  scope: PlanningScope,
  installed: Installed,
  request: RestoreRequest,
): Promise<Earlier | Problem> {
  const { application, valuesOf: revision } = request;
  const beside = (['values', 'basedOn', 'version', 'paused'] as const).find(
    (field) => request[field] !== undefined,
  );
  if (beside !== undefined)
    return {
      code: codes.Invalid,
      field: beside,
      message: `Earlier settings are restored as they were: leave "${beside}" out, or leave "valuesOf" out.`,
    };
  const repository = { organization: scope.organization, name: application };
  if (!(await wasStateOf(deps.repositories, repository, scope.branch, installed.branch.head, revision)))
    return {
      code: 'UnknownRevision',
      field: 'valuesOf',
      message: `${scope.branch} of ${application} never was at ${revision.slice(0, 7)}. Choose a revision from its history.`,
    };
  return (
    (await readEarlier(deps, scope, application, revision)) ?? {
      code: 'NotInstalled',
      field: 'valuesOf',
      message: `"${application}" was not installed in ${scope.environment} at ${revision.slice(0, 7)}. Choose another revision.`,
    }
  );
}

function isSame(scope: PlanningScope, installed: Installed, earlier: Earlier): boolean {
  const path = overlayPaths(scope.envType).values;
  const now = installed.branch.bytes.get(path);
  const then = earlier.installed.branch.bytes.get(path);
  return now && then ? Buffer.compare(now, then) === 0 : now === then;
}

interface Decision {
  readonly installed: Installed;
  readonly earlier: Earlier;
  readonly blueprint: BlueprintVersion;
  readonly request: RestoreRequest;
}

async function decide(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  { installed, earlier, blueprint, request }: Decision,
): Promise<void> {
  const { application } = installed.declaration;
  const { configSchema } = blueprint.blueprint.spec;
  const { overlayValues } = earlier.installed.values;
  const config = mergeValues(applyDefaults(configSchema), installed.values.baseValues, overlayValues);
  const short = earlier.revision.slice(0, 7);
  for (const problem of validateConfig(configSchema, config)) {
    const field = problem.field ?? '';
    draft.problems.push({
      ...problem,
      field: `values.${field}`,
      message: `${problem.message} ${field === '' ? 'What' : `"${field}" as it`} was at ${short} does not fit ${blueprint.name} ${blueprint.version}: change what you want to have back in Settings.`,
    });
  }
  if (draft.problems.length > 0) return;
  const path = overlayPaths(scope.envType).values;
  const content = earlier.installed.branch.bytes.get(path);
  const changes: Changes = { [path]: earlier.installed.branch.texts[path] ?? null };
  writeSecrets(installed, blueprint, config, changes);
  const edited = { installed, changes };
  const bound = await planBindings(deps, scope, draft, edited, blueprint, request.dependencies ?? {});
  if (!bound) return;
  // Text served to work out what follows; what is committed is bytes.
  const { [path]: _text, ...others } = changes;
  await describeChange(deps, scope, draft, {
    installed,
    changes: content ? others : changes,
    ...(content ? { restored: { [path]: { revision: earlier.revision, content } } } : {}),
    declaration: { ...installed.declaration, ...bound },
    message: withReason(
      `Restore the settings of ${short} for ${application} in ${scope.environment}`,
      request.reason,
    ),
  });
  draft.consequences.push(
    `What ${scope.environment} alone sets for ${application} becomes what it was at ${short}; the version and the shared configuration stay.`,
  );
}
