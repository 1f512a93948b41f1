import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { codes } from '@catalyst/model/problem.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import {
  type Draft,
  emptyDraft,
  type PlanningDeps,
  type PlanningScope,
} from '../provisioning/planning-context.ts';
import { promoteApplication } from './promote-application.ts';
import type { Promoting } from './promoting.ts';
import { findSource } from './promotion-sources.ts';

type PromoteRequest = Extract<PlanRequest, { action: 'promote' }>;

/**
 * Plans bringing what an Application is in one Environment to the next one, with the dependencies that are not there yet: a pull request
 * each, what is depended on first. Data and secrets stay where they are.
 */
export async function planPromote(
  deps: PlanningDeps,
  scope: PlanningScope,
  request: PromoteRequest,
): Promise<Draft> {
  const draft = emptyDraft();
  if (!(await deps.environmentsOf(scope.organization)).some(({ envType }) => envType === scope.envType)) {
    draft.problems.push({
      code: codes.NotFound,
      message: `There is no Environment ${scope.environment}.`,
    });
    return draft;
  }
  const source = await findSource(deps, scope, request.from);
  if ('code' in source) {
    draft.problems.push(source);
    return draft;
  }
  const promoting: Promoting = {
    deps,
    scope,
    source,
    draft,
    choices: request.dependencies ?? {},
    done: new Map(),
  };
  const together = (request.together ?? []).filter((name) => name !== request.application);
  const pathOf = (application: string) => (together.length === 0 ? [] : [application]);
  await promoteApplication(promoting, {
    application: request.application,
    path: pathOf(request.application),
    above: [],
    ...(request.revision === undefined ? {} : { revision: request.revision }),
    // A JSON body is JSON.
    ...(request.values === undefined ? {} : { values: request.values as JsonObject }),
  });
  for (const application of together)
    await promoteApplication(promoting, { application, path: pathOf(application), above: [] });
  if (draft.steps.length > 1)
    draft.consequences.push(
      `${draft.steps.length} pull requests are opened, merged in this order: ${draft.steps.map(({ application }) => application).join(', ')}. Each waits for those before it.`,
    );
  return draft;
}
