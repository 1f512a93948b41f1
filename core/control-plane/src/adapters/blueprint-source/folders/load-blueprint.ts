import { join } from 'node:path';
import { isComposite } from '@catalyst/model/blueprint/composite.ts';
import { parseBlueprint } from '@catalyst/model/blueprint/validate.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { CatalystError, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Blueprint } from '@catalyst/model/resources/blueprint.ts';
import { guardChart } from './chart-guards.ts';
import { readIcon } from './icon.ts';
import { buildArtifact, type OciArtifact } from './oci-artifact.ts';
import { packChart } from './pack-chart.ts';
import { readFolder, readRegularFile } from './read-folder.ts';

const maxReadmeBytes = 256 * 1024;

/** A Blueprint folder that passed every guard that needs no render, packaged: its chart, or the folder of a composite. */
export interface LoadedBlueprint {
  readonly blueprint: Blueprint;
  readonly warnings: readonly Problem[];
  readonly artifact: OciArtifact;
  readonly binding?: OciArtifact;
  readonly defaults: JsonObject;
  readonly emptyByDefault: boolean;
  readonly readme?: string;
  readonly icon?: string;
}

/**
 * Reads `<directory>` as a Blueprint: manifest, chart, binding chart, README and icon; of a composite the folder itself. `wantedName`,
 * where given, must be its name. Undefined where there is no `blueprint.yaml`; problems name files relative to the folder.
 */
export async function loadBlueprint(
  directory: string,
  wantedName: string | undefined,
): Promise<Result<LoadedBlueprint> | undefined> {
  try {
    const manifest = await readRegularFile(join(directory, 'blueprint.yaml'), 1024 * 1024);
    if (manifest === undefined) return undefined;
    return await loadParts(directory, wantedName, manifest.toString('utf8'));
  } catch (error) {
    if (error instanceof CatalystError) return refused(...error.problems);
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return refused({ code: 'Unreadable', message: `The folder cannot be read (${code}).` });
  }
}

async function loadParts(
  directory: string,
  wantedName: string | undefined,
  manifest: string,
): Promise<Result<LoadedBlueprint>> {
  const parsed = parseBlueprint(manifest);
  if (!parsed.ok) return parsed;
  const { blueprint, warnings } = parsed.value;
  const name = blueprint.metadata.name;
  if (wantedName !== undefined && name !== wantedName)
    return refused({
      code: 'InvalidField',
      file: 'blueprint.yaml',
      field: 'metadata.name',
      message: `Must be ${wantedName}, after the folder.`,
    });
  const content = isComposite(blueprint)
    ? ok(await packedFolder(directory, blueprint))
    : await packedCharts(directory, blueprint);
  if (!content.ok) return content;
  const readme = await readRegularFile(join(directory, 'README.md'), maxReadmeBytes);
  const icon = await readIcon(directory, blueprint.spec.card.icon);
  if (!icon.ok) return icon;
  return ok({
    blueprint,
    warnings,
    ...content.value,
    ...(readme === undefined ? {} : { readme: readme.toString('utf8') }),
    ...(icon.value === undefined ? {} : { icon: icon.value }),
  });
}

type Content = Pick<LoadedBlueprint, 'artifact' | 'binding' | 'defaults' | 'emptyByDefault'>;

/** A composite has no chart: its folder is what is packed, and its defaults are those of its schema. */
async function packedFolder(directory: string, blueprint: Blueprint): Promise<Content> {
  const { name } = blueprint.metadata;
  const { version, card, configSchema } = blueprint.spec;
  const metadata = { name, version, description: card.tagline };
  const archive = await packChart(name, await readFolder(directory));
  return {
    artifact: buildArtifact('folder', metadata, archive),
    defaults: applyDefaults(configSchema),
    emptyByDefault: true,
  };
}

async function packedCharts(directory: string, blueprint: Blueprint): Promise<Result<Content>> {
  const { name } = blueprint.metadata;
  const { version, provides } = blueprint.spec;
  const source = sourceFolder(blueprint);
  if (!source.ok) return source;
  const chart = await packaged(join(directory, source.value), { name, version, folder: source.value });
  if (!chart.ok) return chart;
  const folder = provides?.binding?.chart.slice(2);
  if (folder === undefined) return chart;
  const binding = await packaged(join(directory, folder), { name: `${name}-binding`, version, folder });
  return binding.ok ? ok({ ...chart.value, binding: binding.value.artifact }) : binding;
}

/** The folder that `manifests.source.ref` names; an `oci://` reference stands for `./chart`, which it was published from. */
function sourceFolder(blueprint: Blueprint): Result<string> {
  const ref = blueprint.spec.manifests?.source.ref ?? './chart';
  const field = 'spec.manifests.source.ref';
  if (/^\.\/[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(ref)) return ok(ref.slice(2));
  const suffix = `/${blueprint.metadata.name}:${blueprint.spec.version}`;
  if (ref.startsWith('oci://') && ref.endsWith(suffix)) return ok('chart');
  return refused({
    code: 'InvalidField',
    file: 'blueprint.yaml',
    field,
    message: `Must be a folder, as ./chart, or an oci:// address that ends in ${suffix}.`,
  });
}

async function packaged(
  directory: string,
  wanted: { name: string; version: string; folder: string },
): Promise<Result<Content>> {
  const present = await readFolder(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (present === undefined)
    return refused({
      code: 'MissingFile',
      file: wanted.folder,
      message: `There is no folder ${wanted.folder}.`,
    });
  const guarded = guardChart(present, wanted);
  if (!guarded.ok) return guarded;
  const { metadata, defaults, emptyByDefault } = guarded.value;
  return ok({
    artifact: buildArtifact('chart', metadata, await packChart(wanted.name, present)),
    defaults,
    emptyByDefault,
  });
}
