import { overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import { describeHold } from '@catalyst/model/projection/describe-hold.ts';
import type { Hold } from '@catalyst/model/resources/application.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { editYaml } from '@catalyst/model/yaml/edit-yaml.ts';
import { describeChange } from './describe-change.ts';
import { type Changes, type Installed, notInstalled, parsed, readInstalled } from './installed.ts';
import { type Draft, emptyDraft, type PlanningDeps, type PlanningScope } from './planning-context.ts';

type HoldRequest = Extract<PlanRequest, { action: 'hold' | 'release' }>;

const mostHolds = 20;

/** A reason as the history keeps it: one line. */
export function reasonLine(reason: string): string {
  return reason.replaceAll(/\s+/g, ' ').trim();
}

/** A commit message that carries a reason, where one was given. */
export function withReason(subject: string, reason: string | undefined): string {
  const line = reasonLine(reason ?? '');
  return line === '' ? subject : `${subject}\n\n${line}`;
}

/** The same problem wherever a reason is asked for. */
export function missingReason(): Problem {
  return {
    code: 'Invalid',
    field: 'reason',
    message: 'Say why, in one line: people will read it in the history.',
  };
}

/** Text of the overlay's `application.yaml` with other fields in its `spec`; everything else stays as it was written. */
export function editOverlay(scope: PlanningScope, installed: Installed, spec: JsonObject): Changes {
  const path = overlayPaths(scope.envType).application;
  const text = installed.branch.texts[path] ?? '';
  const document = parsed(text, path);
  return { [path]: editYaml(text, { ...document, spec: { ...(document['spec'] as JsonObject), ...spec } }) };
}

/** A hold with one more; undefined where there are too many already. */
export function addHold(
  installed: Installed,
  hold: Hold,
): { readonly holds: readonly Hold[]; readonly spec: JsonObject } | undefined {
  const present = installed.declaration.holds ?? [];
  if (present.length >= mostHolds) return undefined;
  const holds = [...present, hold];
  return { holds, spec: { holds: holds.map((entry) => ({ ...entry })) } };
}

/** What is said where an Application has as many holds as there may be. */
export function tooManyHolds(application: string): Problem {
  return {
    code: 'TooMany',
    message: `"${application}" has ${mostHolds} holds already. Release it first.`,
  };
}

/** Plans keeping `base/` of an Application as it is in this Environment, or letting go of it. */
export async function planHold(
  deps: PlanningDeps,
  scope: PlanningScope,
  request: HoldRequest,
): Promise<Draft> {
  const { application } = request;
  const installed = await readInstalled(deps, scope, application);
  if (!installed) return notInstalled(scope, application);
  const reason = reasonLine(request.reason);
  const draft = emptyDraft();
  if (reason === '') draft.problems.push(missingReason());
  else if (request.action === 'hold') await hold(deps, scope, draft, installed, reason);
  else await release(deps, scope, draft, installed, reason);
  return draft;
}

async function hold(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  installed: Installed,
  reason: string,
): Promise<void> {
  const { application } = installed.declaration;
  const at = new Date(deps.clock.now()).toISOString();
  const added = addHold(installed, { reason, by: scope.actor.name.slice(0, 200), at });
  if (!added) return void draft.problems.push(tooManyHolds(application));
  await describeChange(deps, scope, draft, {
    installed,
    changes: editOverlay(scope, installed, added.spec),
    declaration: { ...installed.declaration, holds: added.holds },
    message: `Hold ${application} in ${scope.environment}\n\n${reason}`,
    under: { kind: 'operation' },
  });
  draft.consequences.push(
    `Version and shared configuration (base/) of ${application} stay as they are in ${scope.environment} until it is released: console, API, Git and pull requests are told this reason. A rollback, a restart, a pause, and what only belongs to this Environment (overlays/${scope.envType}/) stay possible.`,
  );
}

async function release(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  installed: Installed,
  reason: string,
): Promise<void> {
  const { application, holds = [], ...declaration } = installed.declaration;
  if (holds.length === 0) {
    draft.problems.push({ code: 'NothingChanges', message: `"${application}" is not held.` });
    return;
  }
  await describeChange(deps, scope, draft, {
    installed,
    changes: editOverlay(scope, installed, { holds: [] }),
    declaration: { ...declaration, application },
    message: `Release ${application} in ${scope.environment}\n\n${reason}`,
  });
  draft.consequences.push(
    ...holds.map((entry) => `This hold ends: ${describeHold(entry)}`),
    `Version and shared configuration of ${application} may change again; nothing changes by itself.`,
  );
}
