import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { Json, JsonObject } from '@catalyst/model/kubernetes.ts';
import type { Step } from '@catalyst/model/plan/diff-fields.ts';
import { type EditConflict, mergeEdits } from '@catalyst/model/plan/merge-edits.ts';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { asObject } from '@catalyst/model/workload/json-fields.ts';
import { readRevision } from './branch-files.ts';
import { type Installed, toInstalled } from './installed.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';

const maxShown = 300;

/**
 * The values that somebody wants, merged with what the branch changed since the revision that they were edited from. A field that
 * both changed is a problem with both values; so is a revision that is not in the history of the branch.
 */
export async function mergeWithHead(
  deps: PlanningDeps,
  scope: PlanningScope,
  installed: Installed,
  edit: { readonly basedOn: string; readonly values: JsonObject },
): Promise<Result<JsonObject>> {
  const { head } = installed.branch;
  if (edit.basedOn === head) return ok(edit.values);
  const { application } = installed.declaration;
  const then = await readThen(deps, scope, application, head, edit.basedOn);
  if (!then)
    return refused({
      code: 'UnknownRevision',
      field: 'basedOn',
      message: `Revision ${edit.basedOn.slice(0, 7)} is not in the history of ${application} in ${scope.environment}. Load the configuration again.`,
    });
  const theirs = configOf(deps, scope, installed);
  const mine = mergeValues(defaultsOf(deps, scope, then), edit.values);
  const { merged, conflicts } = mergeEdits(configOf(deps, scope, then), theirs, mine);
  const [conflict] = conflicts;
  if (!conflict) return ok(merged);
  const schema = schemaOf(deps, scope, installed);
  return { ok: false, problems: conflicts.map((one) => toProblem(one, schema)) };
}

async function readThen(
  deps: PlanningDeps,
  scope: PlanningScope,
  application: string,
  head: string,
  revision: string,
): Promise<Installed | undefined> {
  const repository = { organization: scope.organization, name: application };
  const known = await deps.repositories.contains(repository, head, revision).catch(() => false);
  if (!known) return undefined;
  return toInstalled(scope, application, await readRevision(deps.repositories, repository, revision));
}

function schemaOf(deps: PlanningDeps, scope: PlanningScope, { declaration }: Installed): JsonObject {
  const { name, version } = declaration.blueprint;
  const found = deps.catalog.find(name, version, { organizations: [scope.organization] });
  return (found?.blueprint.spec.configSchema ?? {}) as JsonObject;
}

function defaultsOf(deps: PlanningDeps, scope: PlanningScope, installed: Installed): JsonObject {
  return applyDefaults(schemaOf(deps, scope, installed));
}

/** The configuration as a form shows it. */
function configOf(deps: PlanningDeps, scope: PlanningScope, installed: Installed): JsonObject {
  const { baseValues, overlayValues } = installed.values;
  return mergeValues(defaultsOf(deps, scope, installed), baseValues, overlayValues);
}

function toProblem(conflict: EditConflict, schema: JsonObject): Problem {
  const show = isPassword(schema, conflict.steps) ? () => '(not shown)' : shown;
  return {
    code: 'ConflictingEdit',
    field: `values.${conflict.field}`,
    message: `"${conflict.field}" was ${show(conflict.base)} when you began; the branch has ${show(conflict.theirs)} by now, and you want ${show(conflict.mine)}. Load the configuration again and decide.`,
  };
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'not there';
  const text = JSON.stringify(value);
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`;
}

/** Whether the schema asks for the field, or for what it lies in, to be masked. */
function isPassword(schema: JsonObject, steps: readonly Step[]): boolean {
  let current: JsonObject | undefined = schema;
  for (const step of steps) {
    if (current?.['x-catalyst-ui-hint'] === 'password') return true;
    current =
      'field' in step
        ? asObject(asObject(current?.['properties'])?.[step.field])
        : asObject(current?.['items']);
  }
  return current?.['x-catalyst-ui-hint'] === 'password';
}
