import { validateConfig } from '@catalyst/model/config/config-schema.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { combineLayers, mergeValues } from '@catalyst/model/config/values.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { OverlayEdit } from '@catalyst/model/promotion/promoted-content.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { applyChanges } from '../provisioning/branch-files.ts';
import { refusedUpgrade } from '../provisioning/check-upgrade.ts';
import { type Installed, toInstalled } from '../provisioning/installed.ts';
import type { Draft, PlanningScope } from '../provisioning/planning-context.ts';
import { changedBindings, hasOverlay, newOverlay, toEdits } from './destination-overlay.ts';
import { bindPromoted, type Provider } from './promoted-dependencies.ts';
import type { Promoting, Sides, Wanted } from './promoting.ts';

/** What becomes of the destination's own files. */
export interface DecidedOverlay {
  readonly edits: Readonly<Record<string, OverlayEdit>>;
  /** The overlay is made. */
  readonly first: boolean;
  /** Where its values came from: a preset of the Blueprint. */
  readonly size: string | undefined;
  /** The Blueprint version that the destination gets. */
  readonly version: BlueprintVersion;
}

interface Material {
  readonly sides: Sides;
  readonly installed: Installed;
  /** Files of the destination with what is carried. */
  readonly after: ReadonlyMap<string, Uint8Array>;
  /** Promotes what it depends on before it. */
  readonly promote: (along: Wanted) => Promise<Provider | undefined>;
}

/** Binds the dependencies in the destination and writes or adapts its overlay; undefined where something forbids it. */
export async function decideOverlay(
  promoting: Promoting,
  wanted: Wanted,
  { sides, installed, after, promote }: Material,
): Promise<DecidedOverlay | undefined> {
  const { deps, scope, draft } = promoting;
  const { application } = wanted;
  const destination = { branch: sides.to };
  const promoted = toInstalled(scope, application, toBranch(after)) ?? installed;
  const version = findVersion(promoting, promoted, sides);
  if (!version) return undefined;
  const first = !hasOverlay(scope, destination);
  if (!first && wanted.values !== undefined) draft.problems.push(notTwice(scope, application));
  const size = first ? await sizeOf(promoting) : undefined;
  const layers = [promoted.values.baseValues, wanted.values ?? {}] as const;
  const preset = fittingPreset(version, size, ...layers);
  const values = first ? combineLayers(preset, wanted.values ?? {}) : promoted.values.overlayValues;
  const problemsBefore = draft.problems.length;
  const bound = await bindPromoted(deps, scope, draft, {
    promoted: { ...promoted, values: { ...promoted.values, overlayValues: values } },
    version,
    boundInSource: installed.declaration.bindings,
    path: wanted.path,
    choices: promoting.choices,
    promote: (name, alias) =>
      promote({
        application: name,
        path: [...wanted.path, alias],
        above: [...wanted.above, application],
      }),
  });
  if (draft.problems.length > problemsBefore) return undefined;
  const { requires } = promoted.declaration;
  const changes = first
    ? newOverlay(deps, scope, application, { requires, bound, values })
    : changedBindings(deps, scope, promoted, requires, bound);
  const used = Object.keys(preset).length > 0 ? size : undefined;
  return { edits: toEdits(changes, destination), first, size: used, version };
}

function toBranch(bytes: ReadonlyMap<string, Uint8Array>): Installed['branch'] {
  const texts = Object.fromEntries(
    [...bytes].map(([path, content]) => [path, new TextDecoder().decode(content)]),
  );
  return { head: '', bytes: applyChanges(bytes, {}), texts };
}

function findVersion(
  { deps, scope, draft }: Promoting,
  { declaration }: Installed,
  { to }: Sides,
): BlueprintVersion | undefined {
  const { name, version, digest } = declaration.blueprint;
  const found = deps.catalog.find(name, version, { organizations: [scope.organization] });
  if (found?.digest !== digest) {
    draft.problems.push({
      code: 'BlueprintGone',
      field: declaration.application,
      message: found
        ? `${name} ${version} is another package by now than the one that runs (${digest.slice(0, 19)}…). Upgrade it there first.`
        : `${name} ${version} is no longer in the catalog. Put it back, or upgrade first.`,
    });
    return undefined;
  }
  const before = to && toInstalled(scope, declaration.application, to)?.declaration.blueprint;
  const refusal =
    before?.name === name ? refusedUpgrade(deps.catalog, scope.organization, before, version) : undefined;
  if (refusal) draft.problems.push(refusal);
  return refusal ? undefined : found;
}

async function sizeOf({ deps, scope }: Promoting): Promise<string> {
  const environments = await deps.environmentsOf(scope.organization);
  return environments.find(({ envType }) => envType === scope.envType)?.size ?? 'small';
}

function presetOf({ blueprint }: BlueprintVersion, size: string | undefined): JsonObject {
  const presets = blueprint.spec.manifests?.overlays;
  // The Blueprint was read as JSON.
  return size !== undefined && presets && Object.hasOwn(presets, size) ? (presets[size] as JsonObject) : {};
}

/** A preset for many copies does not fit an Application that has a volume: it is left out rather than standing in the way. */
function fittingPreset(
  version: BlueprintVersion,
  size: string | undefined,
  base: JsonObject,
  wanted: JsonObject,
): JsonObject {
  const { configSchema } = version.blueprint.spec;
  const defaults = applyDefaults(configSchema);
  const preset = presetOf(version, size);
  const refused = (...layers: readonly JsonObject[]) =>
    validateConfig(configSchema, mergeValues(defaults, ...layers)).length > 0;
  return refused(base, preset, wanted) && !refused(base, wanted) ? {} : preset;
}

function notTwice(scope: PlanningScope, application: string): Draft['problems'][number] {
  return {
    code: 'Invalid',
    field: 'values',
    message: `${scope.environment} has settings of its own for ${application} already. Change them there; a promotion leaves them alone.`,
  };
}
