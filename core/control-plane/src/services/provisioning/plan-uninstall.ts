import { toSize } from '@catalyst/model/plan/data-risks.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { boundApplications } from '../application-controller/bound-applications.ts';
import { describeChange } from './describe-change.ts';
import { type Changes, notInstalled, readInstalled } from './installed.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';

type UninstallRequest = Extract<PlanRequest, { action: 'uninstall' }>;

/** Plans taking an Application away from this Environment. Data volumes stay unless named. */
export async function planUninstall(
  deps: PlanningDeps,
  scope: PlanningScope,
  request: UninstallRequest,
): Promise<Draft> {
  const { application } = request;
  const installed = await readInstalled(deps, scope, application);
  if (!installed) return notInstalled(scope, application);
  const draft = emptyDraft();
  const users = await boundApplications(deps, scope, application);
  if (users.length > 0)
    draft.problems.push({
      code: 'InUse',
      message: `"${application}" cannot be uninstalled: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} bound to it.`,
    });
  const volumes = await deps.workloads.volumes(scope.environment, application);
  const asked = new Set(request.deleteVolumes ?? []);
  for (const claim of asked)
    if (!volumes.some((volume) => volume.claim === claim))
      draft.problems.push({
        code: 'UnknownVolume',
        field: 'deleteVolumes',
        message: `"${application}" has no data volume "${claim}".`,
      });
  if (draft.problems.length > 0) return draft;

  const overlay = `overlays/${scope.envType}/`;
  const changes: Changes = {};
  for (const path of Object.keys(installed.branch.texts))
    if (path.startsWith('base/') || path.startsWith(overlay)) changes[path] = null;
  for (const path of installed.branch.bytes.keys())
    if (path.startsWith('base/') || path.startsWith(overlay)) changes[path] = null;
  await describeChange(deps, scope, draft, {
    installed,
    changes,
    declaration: null,
    deletedClaims: [...asked],
    message: `Uninstall ${application} from ${scope.environment}`,
  });
  draft.consequences.push(
    'The Pods are stopped and its addresses stop answering. The repository and its history stay.',
  );
  for (const volume of volumes)
    draft.consequences.push(
      asked.has(volume.claim)
        ? `The data volume ${volume.claim} (${toSize(volume.sizeBytes)}) is deleted for good.`
        : `The data volume ${volume.claim} (${toSize(volume.sizeBytes)}) is kept and listed in the Environment.`,
    );
  return { ...draft, deleteVolumes: [...asked] };
}
