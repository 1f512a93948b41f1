import type { Problem } from '@catalyst/model/problem.ts';
import type { PlannedApplication, PlanRequest } from '@catalyst/model/views/plan.ts';
import type { Database } from '../../ports/database.ts';
import { type AppliedPlan, appliedPlansTable } from '../history/applied-plans.ts';
import { describeInstall, describeUndoneChange } from './describe-undo.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';
import { checkUndo, checkUndoTogether } from './undo-checks.ts';
import { readUndo, type UndoStep } from './undo-steps.ts';

type UndoRequest = Extract<PlanRequest, { action: 'undo' }>;

/** What undoing needs beside what planning does. */
export interface UndoDeps extends PlanningDeps {
  readonly database: Database;
}

const waysOut: Readonly<Record<string, string>> = {
  restart: 'A restart cannot be taken back.',
  hold: 'Release the Application instead, with a reason.',
  release: 'Hold the Application instead, with a reason.',
  rollback: 'Release the Application, then roll it back to the revision that you want.',
};

/**
 * Plans taking back everything that an applied plan did, the last step first: files become what they were, Applications that it
 * installed are uninstalled (their data volumes stay). Refused with names where something was changed or bound since.
 */
export async function planUndo(deps: UndoDeps, scope: PlanningScope, request: UndoRequest): Promise<Draft> {
  const draft = emptyDraft();
  const applied = await deps.database.table(appliedPlansTable).get(request.plan);
  const problem = checkApplied(scope, applied);
  if (!applied || problem) {
    if (problem) draft.problems.push(problem);
    return draft;
  }
  const steps: UndoStep[] = [];
  for (const commit of applied.commits.toReversed()) {
    const step = await readUndo(deps, scope, commit);
    draft.problems.push(...(await checkUndo(deps, scope, step)));
    if (step.kind !== 'gone' && step.kind !== 'done') steps.push(step);
  }
  draft.problems.push(...(await checkUndoTogether(deps, scope, steps)));
  if (draft.problems.length > 0) return draft;
  if (steps.length === 0) {
    draft.problems.push({ code: 'NothingChanges', message: 'All of it has been taken back already.' });
    return draft;
  }
  for (const step of steps) await describeStep(deps, scope, draft, applied, step);
  describeVolumes(draft, applied);
  return draft;
}

function checkApplied(scope: PlanningScope, applied: AppliedPlan | undefined): Problem | undefined {
  if (!applied || applied.environment !== scope.environment)
    return {
      code: 'UnknownPlan',
      field: 'plan',
      message: `No such plan was carried out in ${scope.environment}. Plans are kept as long as the history of what they did.`,
    };
  const way = waysOut[applied.action];
  return way === undefined
    ? undefined
    : {
        code: 'NotUndoable',
        field: 'plan',
        message: `This ${applied.action} is not undone by a plan. ${way}`,
      };
}

async function describeStep(
  deps: UndoDeps,
  scope: PlanningScope,
  draft: Draft,
  applied: AppliedPlan,
  step: UndoStep,
): Promise<void> {
  const { application } = step;
  const what = step.uninstalls
    ? `uninstall ${application} from ${scope.environment}`
    : step.installs
      ? `install ${application} in ${scope.environment} again`
      : `${application} in ${scope.environment} is what it was`;
  const message = `Undo: ${what}\n\nTakes back the plan ${applied.id} (${applied.action}, ${applied.madeBy}).`;
  if (step.installs) await describeInstall(deps, scope, draft, step, message);
  else await describeUndoneChange(deps, scope, draft, step, message);
  if (!step.uninstalls) return;
  const volumes = await deps.workloads.volumes(scope.environment, application);
  draft.consequences.push(
    `${application} is uninstalled: its Pods are stopped and its addresses stop answering. The repository and its history stay.`,
    ...volumes.map(
      ({ claim }) => `The data volume ${claim} of ${application} is kept and listed in the Environment.`,
    ),
  );
}

/** Data that the plan deleted is gone: no undo brings it back. */
function describeVolumes(draft: Draft, applied: AppliedPlan): void {
  const planned: PlannedApplication | undefined = draft.applications.at(-1);
  if (!planned || applied.deletedVolumes.length === 0) return;
  planned.dataRisks = [
    ...(planned.dataRisks ?? []),
    ...applied.deletedVolumes.map((claim) => ({
      what: claim,
      severity: 'loss' as const,
      message: `The data of the volume ${claim} was deleted with that plan; it begins empty.`,
    })),
  ];
}
