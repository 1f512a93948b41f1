import { overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { type BoundDependency, writeOverlay } from '@catalyst/model/application-repository/write-files.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { applicationHost } from '@catalyst/model/names.ts';
import type { OverlayEdit } from '@catalyst/model/promotion/promoted-content.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { writeOverlayBindings } from '../provisioning/binding-files.ts';
import type { BranchFiles } from '../provisioning/branch-files.ts';
import type { Changes, Installed } from '../provisioning/installed.ts';
import type { PlanningDeps, PlanningScope } from '../provisioning/planning-context.ts';
import { blobIdOf } from '../review/content.ts';

/** The destination before a promotion. */
export interface Destination {
  /** Undefined: the branch is not there yet. */
  readonly branch: BranchFiles | undefined;
}

/** Whether the destination has an overlay of its own already. */
export function hasOverlay(scope: PlanningScope, { branch }: Destination): boolean {
  return branch !== undefined && Object.hasOwn(branch.texts, overlayPaths(scope.envType).kustomization);
}

/** The overlay that a first promotion makes: addresses of the Environment, what it binds to, and what differs there. */
export function newOverlay(
  deps: Pick<PlanningDeps, 'domain' | 'urlOf'>,
  scope: PlanningScope,
  application: string,
  input: {
    readonly requires: ApplicationDeclaration['requires'];
    readonly bound: readonly BoundDependency[];
    readonly values: JsonObject;
  },
): Changes {
  const host = applicationHost(application, scope.environment, deps.domain);
  return writeOverlay({
    ...scope,
    application,
    hosts: [host],
    url: deps.urlOf(host),
    bindings: input.bound,
    conditional: input.requires.filter((entry) => entry.when !== undefined).map((entry) => entry.alias),
    values: input.values,
  });
}

/** What an overlay that is there must say otherwise, because other dependencies are asked for than before. */
export function changedBindings(
  deps: Pick<PlanningDeps, 'urlOf'>,
  scope: PlanningScope,
  installed: Installed,
  requires: ApplicationDeclaration['requires'],
  bound: readonly BoundDependency[],
): Changes {
  const before = textOf(installed.declaration.bindings);
  if (textOf(bound) === before) return {};
  const changes: Changes = {};
  writeOverlayBindings(deps, scope, { installed, changes }, requires, bound);
  return changes;
}

function textOf(bindings: readonly { readonly alias: string; readonly application: string }[]): string {
  return bindings
    .map(({ alias, application }) => `${alias}=${application}`)
    .sort()
    .join();
}

/** Pins changes of an overlay to what they were decided from. */
export function toEdits(changes: Changes, { branch }: Destination): Record<string, OverlayEdit> {
  return Object.fromEntries(
    Object.entries(changes).map(([path, content]) => {
      const present = branch?.bytes.get(path);
      return [path, { content, over: present ? blobIdOf(present) : null }];
    }),
  );
}
