import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { describeChange } from './describe-change.ts';
import { type Changes, notInstalled, readInstalled } from './installed.ts';
import { planBindings } from './plan-bindings.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';

type RebindRequest = Extract<PlanRequest, { action: 'rebind' }>;

/** Plans that another Application, there already or made for it, meets one dependency of an installed one. */
export async function planRebind(
  deps: PlanningDeps,
  scope: PlanningScope,
  { application, alias, to }: RebindRequest,
): Promise<Draft> {
  const installed = await readInstalled(deps, scope, application);
  if (!installed) return notInstalled(scope, application);
  const draft = emptyDraft();
  const { blueprint, bindings } = installed.declaration;
  const present = bindings.find((one) => one.alias === alias)?.application;
  const version = deps.catalog.find(blueprint.name, blueprint.version, {
    organizations: [scope.organization],
  });
  if (!version)
    draft.problems.push({
      code: 'UnknownVersion',
      message: `${blueprint.name} ${blueprint.version} is no longer in the catalog. Upgrade ${application} first.`,
    });
  else if (present === undefined)
    draft.problems.push({
      code: 'UnknownAlias',
      field: 'alias',
      message: `"${application}" is bound to nothing as "${alias}" in ${scope.environment}. ${
        bindings.length === 0
          ? 'It has no bindings.'
          : `It has ${bindings.map((one) => one.alias).join(', ')}.`
      }`,
    });
  else if (to.use === 'existing' && to.application === present)
    draft.problems.push({
      code: 'NothingChanges',
      field: 'to',
      message: `"${application}" is bound to "${present}" already.`,
    });
  if (!version || draft.problems.length > 0) return draft;
  const changes: Changes = {};
  const bound = await planBindings(deps, scope, draft, { installed, changes }, version, { [alias]: to });
  if (!bound) return draft;
  await describeChange(deps, scope, draft, {
    installed,
    changes,
    declaration: { ...installed.declaration, ...bound },
    message: `Rebind ${application} (${alias}) in ${scope.environment}`,
  });
  return draft;
}
