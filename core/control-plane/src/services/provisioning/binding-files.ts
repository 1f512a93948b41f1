import { basePaths, overlayFolder, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import {
  type BoundDependency,
  bindingSecret,
  type SecretReference,
  writeBindings,
  writeExternalSecret,
} from '@catalyst/model/application-repository/write-files.ts';
import type { Json, JsonObject } from '@catalyst/model/kubernetes.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { editYaml, sameJson } from '@catalyst/model/yaml/edit-yaml.ts';
import { type Changes, type Installed, parsed } from './installed.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';

type Requires = ApplicationDeclaration['requires'];

/** Files of a branch with changes that are already decided; what is written joins those changes. */
export interface EditedBranch {
  readonly installed: Installed;
  readonly changes: Changes;
}

function textOf({ installed, changes }: EditedBranch, path: string): string | undefined {
  const changed = changes[path];
  return changed === undefined ? installed.branch.texts[path] : (changed ?? undefined);
}

function write(branch: EditedBranch, path: string, text: string | null): void {
  const before = branch.installed.branch.texts[path];
  if (text === (before ?? null)) delete branch.changes[path];
  else branch.changes[path] = text;
}

function edit(branch: EditedBranch, path: string, change: (document: JsonObject) => JsonObject): void {
  const text = textOf(branch, path);
  const document = parsed(text, path);
  const wanted = change(document);
  if (!sameJson(document, wanted)) write(branch, path, editYaml(text ?? '', wanted));
}

function withSpec(document: JsonObject, field: string, value: readonly Json[]): JsonObject {
  const { [field]: _, ...spec } = (document['spec'] ?? {}) as JsonObject;
  return { ...document, spec: value.length === 0 ? spec : { ...spec, [field]: value } };
}

/** References of Secrets as files and as resources of the kustomization beside them. */
function reference(
  branch: EditedBranch,
  folder: string,
  wanted: readonly SecretReference[],
  gone: readonly SecretReference[],
): void {
  const { application } = branch.installed.declaration;
  for (const secret of gone) write(branch, secret.path, null);
  for (const secret of wanted)
    if (textOf(branch, secret.path) === undefined)
      write(branch, secret.path, writeExternalSecret(application, secret.name, secret.key));
  const toResource = (secret: SecretReference) => secret.path.slice(folder.length + 1);
  const removed = new Set(gone.map(toResource));
  edit(branch, `${folder}/kustomization.yaml`, (document) => {
    const resources = Array.isArray(document['resources']) ? (document['resources'] as readonly Json[]) : [];
    const kept = resources.filter((resource) => typeof resource !== 'string' || !removed.has(resource));
    const added = wanted.map(toResource).filter((resource) => !kept.includes(resource));
    return { ...document, resources: [...kept, ...added] };
  });
}

/** Makes `base/` require what a version of a Blueprint depends on, in place of what the version before did. */
export function writeRequirements(branch: EditedBranch, requires: Requires): void {
  const { application, requires: before } = branch.installed.declaration;
  edit(branch, basePaths.application, (document) =>
    withSpec(
      document,
      'requires',
      requires.map((entry) => ({ ...entry })),
    ),
  );
  const always = (list: Requires) =>
    list.filter((entry) => entry.when === undefined).map((entry) => bindingSecret(application, entry.alias));
  const wanted = always(requires);
  const gone = always(before).filter((one) => !wanted.some((other) => other.path === one.path));
  reference(branch, 'base', wanted, gone);
}

/** Makes the overlay of the Environment say who meets the requirements that are asked for there. */
export function writeOverlayBindings(
  deps: Pick<PlanningDeps, 'urlOf'>,
  scope: PlanningScope,
  branch: EditedBranch,
  requires: Requires,
  bound: readonly BoundDependency[],
): void {
  const { application, hosts } = branch.installed.declaration;
  const paths = overlayPaths(scope.envType);
  edit(branch, paths.application, (document) =>
    withSpec(
      document,
      'bindings',
      bound.map((one) => ({ alias: one.alias, application: one.application })),
    ),
  );
  const [host] = hosts;
  const url = host === undefined ? '' : deps.urlOf(host);
  const { organization, environment, envType } = scope;
  const text = writeBindings({ application, organization, environment, hosts, url, bindings: bound });
  if (!sameJson(parsed(textOf(branch, paths.bindings), paths.bindings), parsed(text, paths.bindings)))
    write(branch, paths.bindings, text);
  const conditional = (alias: string) =>
    requires.some((entry) => entry.alias === alias && entry.when !== undefined);
  const wanted = bound
    .filter((one) => conditional(one.alias))
    .map((one) => bindingSecret(application, one.alias, envType));
  const gone = branch.installed.declaration.bindings
    .map((one) => bindingSecret(application, one.alias, envType))
    .filter(
      (one) => textOf(branch, one.path) !== undefined && !wanted.some((other) => other.path === one.path),
    );
  if (wanted.length + gone.length > 0) reference(branch, overlayFolder(envType), wanted, gone);
}
