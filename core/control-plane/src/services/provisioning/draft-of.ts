import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { planPromote } from '../promotion/plan-promote.ts';
import { planConfigure, planRestart } from './plan-change.ts';
import { planHold } from './plan-hold.ts';
import { planInstall } from './plan-install.ts';
import { planRebind } from './plan-rebind.ts';
import { planRestoreSettings } from './plan-restore-settings.ts';
import { planRollback } from './plan-rollback.ts';
import { planUndo, type UndoDeps } from './plan-undo.ts';
import { planUninstall } from './plan-uninstall.ts';
import type { Draft, PlanningScope } from './planning-context.ts';

/** What one request comes to, by its action. */
export function draftOf(deps: UndoDeps, scope: PlanningScope, request: PlanRequest): Promise<Draft> {
  switch (request.action) {
    case 'install':
      return planInstall(deps, scope, request);
    case 'configure':
      return request.valuesOf === undefined
        ? planConfigure(deps, scope, request)
        : planRestoreSettings(deps, scope, { ...request, valuesOf: request.valuesOf });
    case 'restart':
      return planRestart(deps, scope, request);
    case 'uninstall':
      return planUninstall(deps, scope, request);
    case 'rebind':
      return planRebind(deps, scope, request);
    case 'rollback':
      return planRollback(deps, scope, request);
    case 'hold':
    case 'release':
      return planHold(deps, scope, request);
    case 'promote':
      return planPromote(deps, scope, request);
    case 'undo':
      return planUndo(deps, scope, request);
  }
}
