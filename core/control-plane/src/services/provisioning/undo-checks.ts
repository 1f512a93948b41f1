import type { Problem } from '@catalyst/model/problem.ts';
import type { CommitInfo } from '../../ports/repositories.ts';
import { boundApplications } from '../application-controller/bound-applications.ts';
import { readRevision } from './branch-files.ts';
import { readInstalled, toInstalled } from './installed.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';
import type { UndoStep } from './undo-steps.ts';

/** Why one commit cannot be taken back. */
export async function checkUndo(
  deps: PlanningDeps,
  scope: PlanningScope,
  step: UndoStep,
): Promise<Problem[]> {
  const { application } = step;
  if (step.kind === 'gone')
    return [
      {
        code: 'ChangedSince',
        field: application,
        message: `The repository of ${application} is gone, or was made anew.`,
      },
    ];
  if (step.kind === 'done') return [];
  const problems: Problem[] = [];
  if (step.overtaken.length > 0) {
    const repository = { organization: scope.organization, name: application };
    const since = await deps.repositories.commitsBetween(repository, step.revision, step.head);
    problems.push({
      code: 'ChangedSince',
      field: application,
      message: `${application} was changed since: ${listCommits(since)}. Change it by hand, or undo what came later first.`,
    });
  }
  return problems;
}

function listCommits(commits: readonly CommitInfo[]): string {
  const shown = commits.slice(0, 3).map(({ message, pusher, author, revision }) => {
    const [subject = ''] = message.split('\n', 1);
    return `"${subject.slice(0, 100)}" by ${pusher?.name ?? author.name} (${revision.slice(0, 7)})`;
  });
  const more = commits.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Why the commits cannot be taken back together: who is bound to what goes, and what is missing of what comes back. */
export async function checkUndoTogether(
  deps: PlanningDeps,
  scope: PlanningScope,
  steps: readonly UndoStep[],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const going = new Set(steps.filter((step) => step.uninstalls).map(({ application }) => application));
  const coming = new Set(steps.filter((step) => step.installs).map(({ application }) => application));
  for (const application of going) {
    const users = (await boundApplications(deps, scope, application)).filter((user) => !going.has(user));
    if (users.length > 0)
      problems.push({
        code: 'InUse',
        field: application,
        message: `${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} bound to ${application} meanwhile. Uninstall or rebind first.`,
      });
  }
  for (const step of steps)
    if (!step.uninstalls) problems.push(...(await checkWhatComesBack(deps, scope, step, coming)));
  return problems;
}

async function checkWhatComesBack(
  deps: PlanningDeps,
  scope: PlanningScope,
  step: UndoStep,
  coming: ReadonlySet<string>,
): Promise<Problem[]> {
  if (step.before === null) return [];
  const { application } = step;
  const repository = { organization: scope.organization, name: application };
  const files = await readRevision(deps.repositories, repository, step.before);
  const declaration = toInstalled(scope, application, files)?.declaration;
  if (!declaration) return [];
  const problems: Problem[] = [];
  const { name, version, digest } = declaration.blueprint;
  const found = deps.catalog.find(name, version, { organizations: [scope.organization] });
  if (found?.digest !== digest)
    problems.push({
      code: 'BlueprintGone',
      field: application,
      message: `${name} ${version}, which ${application} had before, is ${found ? 'another package now' : 'no longer in the catalog'}. Put it back into the catalog, or configure ${application} by hand.`,
    });
  for (const { alias, application: provider } of declaration.bindings)
    if (!coming.has(provider) && !(await readInstalled(deps, scope, provider)))
      problems.push({
        code: 'BindingGone',
        field: application,
        message: `${application} was bound to ${provider} as "${alias}", which is no longer installed. Install it again first.`,
      });
  return problems;
}
