import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { findDrift } from '@catalyst/model/plan/drift.ts';
import type { Problem, Result } from '@catalyst/model/problem.ts';
import { describeHold } from '@catalyst/model/projection/describe-hold.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { ChangeUnder } from '../../ports/repositories.ts';
import { applyChanges } from './branch-files.ts';
import { describe } from './describe.ts';
import type { Changes, Installed } from './installed.ts';
import type { Draft, PlanningDeps, PlanningScope } from './planning-context.ts';

/** A change of one installed Application, decided and not yet described. */
export interface DecidedChange {
  readonly installed: Installed;
  readonly changes: Changes;
  /** Files that become what they were at an earlier revision, byte for byte. */
  readonly restored?: Readonly<Record<string, { readonly revision: string; readonly content: Uint8Array }>>;
  /** What the branch declares afterwards; null: the Application is uninstalled. */
  readonly declaration: ApplicationDeclaration | null;
  /** First line of the commit. */
  readonly message: string;
  readonly under?: ChangeUnder;
  readonly deletedClaims?: readonly string[];
}

function contentsOf({ restored = {} }: Pick<DecidedChange, 'restored'>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(restored).map(([path, { content }]) => [path, content]));
}

type Preview = Result<readonly KubernetesObject[]>;

/** Renders an installed Application as its branch is and as it would be. */
async function renderBoth(
  deps: PlanningDeps,
  scope: PlanningScope,
  { installed, declaration, ...change }: DecidedChange,
): Promise<{ before: Preview; after: Preview }> {
  const render = (declared: ApplicationDeclaration, files: ReadonlyMap<string, Uint8Array>) =>
    deps.gitops.preview(
      {
        organization: scope.organization,
        environment: scope.environment,
        application: declared.application,
        branch: scope.branch,
        declaration: declared,
      },
      files,
      { background: true },
    );
  const before = await render(installed.declaration, installed.branch.bytes);
  const after: Preview =
    declaration === null
      ? { ok: true, value: [] }
      : await render(
          declaration,
          applyChanges(installed.branch.bytes, { ...change.changes, ...contentsOf(change) }),
        );
  return { before, after };
}

/** What is held changes only by a rollback; said here, before anybody tries. */
function heldProblems({ installed, changes, restored = {}, under }: DecidedChange): Problem[] {
  const [hold] = installed.declaration.holds ?? [];
  const paths = [...Object.keys(changes), ...Object.keys(restored)];
  if (!hold || under?.kind === 'rollback' || !paths.some((path) => path.startsWith('base/'))) return [];
  const { application } = installed.declaration;
  return [
    {
      code: 'Held',
      field: application,
      message: `${describeHold(hold)}. Version and shared configuration of ${application} do not change until it is released, with a reason.`,
    },
  ];
}

/**
 * Puts a decided change into the draft: its files, objects field by field, restarts, data, resources and drift, and the step that
 * commits it. What does not render becomes a problem.
 */
export async function describeChange(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  change: DecidedChange,
): Promise<void> {
  const { installed, declaration, changes } = change;
  const restored = Object.entries(change.restored ?? {});
  const { application } = installed.declaration;
  draft.problems.push(...heldProblems(change));
  const { before, after } = await renderBoth(deps, scope, change);
  if (!after.ok) draft.problems.push(...after.problems);
  const status = deps.gitops
    .statuses()
    .find((one) => one.environment === scope.environment && one.application === application);
  const isAtHead = status?.appliedRevision === installed.branch.head;
  const applied =
    isAtHead && before.ok ? before.value : await deps.gitops.manifests(scope.environment, application);
  const drift = findDrift({
    application,
    head: installed.branch.head,
    paused: installed.declaration.paused,
    rendered: before.ok ? before.value : undefined,
    applied,
    status,
    observed: deps.workloads
      .snapshot()
      .filter((object) => object.environment === scope.environment && object.application === application),
  });
  const { planned, consequences } = describe({
    organization: scope.organization,
    application,
    branch: scope.branch,
    change: declaration === null ? 'remove' : 'change',
    blueprint: (declaration ?? installed.declaration).blueprint.name,
    version: (declaration ?? installed.declaration).blueprint.version,
    before: installed.branch.texts,
    changes: {
      ...changes,
      ...Object.fromEntries(restored.map(([path, { content }]) => [path, new TextDecoder().decode(content)])),
    },
    // A head that does not render is measured by what was applied last.
    objectsBefore: before.ok ? before.value : (applied ?? []),
    objectsAfter: after.ok ? after.value : [],
    declarationBefore: installed.declaration,
    ...(declaration === null ? {} : { declaration }),
    ...(change.deletedClaims ? { deletedClaims: change.deletedClaims } : {}),
    drift,
  });
  draft.applications.push(planned);
  draft.consequences.push(...consequences);
  draft.steps.push({
    application,
    kind: 'commit',
    expectedHead: installed.branch.head,
    changes,
    ...(restored.length > 0
      ? { restored: Object.fromEntries(restored.map(([path, { revision }]) => [path, revision])) }
      : {}),
    message: change.message,
    ...(change.under ? { under: change.under } : {}),
  });
}
