import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { MalformedBlueprint } from '../../../ports/blueprint-source.ts';
import type { Logger } from '../../../ports/logger.ts';
import { type LoadedBlueprint, loadBlueprint } from './load-blueprint.ts';

const maxBlueprintsPerFolder = 2000;

/** A folder of Blueprint folders. */
export interface BlueprintFolder {
  /** Origin of what lies in it: `catalog`, `catalog-sovereign`. */
  readonly origin: string;
  readonly directory: string;
  /**
   * `named` (default): the Blueprint in `<name>/` is called `bp-<name>`. `free`: folders are called as their owner likes, so that
   * several versions of one Blueprint lie side by side; the folder is made where it is missing.
   */
  readonly layout?: 'named' | 'free';
}

/** What the folders hold: Blueprints that may be packaged, and what is not one. */
export interface ScannedFolders {
  readonly found: readonly { readonly origin: string; readonly loaded: LoadedBlueprint }[];
  readonly malformed: readonly MalformedBlueprint[];
}

/** Reads every folder in the given order. Of two Blueprints with the same name and version the second is malformed. */
export async function scanFolders(
  folders: readonly BlueprintFolder[],
  logger: Logger,
): Promise<ScannedFolders> {
  const found: { origin: string; loaded: LoadedBlueprint }[] = [];
  const malformed: MalformedBlueprint[] = [];
  const taken = new Map<string, string>();
  for (const { origin, directory, layout } of folders) {
    const free = layout === 'free';
    if (free) await mkdir(directory, { recursive: true });
    for (const folder of await subfolders(directory)) {
      const loaded = await loadBlueprint(join(directory, folder), free ? undefined : `bp-${folder}`);
      if (loaded === undefined) continue;
      const unique = loaded.ok ? onlyOnce(loaded.value, folder, taken) : loaded;
      const name = free ? (loaded.ok ? loaded.value.blueprint.metadata.name : folder) : `bp-${folder}`;
      if (!unique.ok) {
        // Where the name does not tell the folder, the file does.
        const problems = free ? unique.problems.map((problem) => inFolder(problem, folder)) : unique.problems;
        malformed.push({ name, origin, problems });
        continue;
      }
      for (const warning of unique.value.warnings)
        logger.warn({ blueprint: name, ...warning }, 'A Blueprint is written in an old shape');
      found.push({ origin, loaded: unique.value });
    }
  }
  return { found, malformed };
}

function inFolder(problem: Problem, folder: string): Problem {
  return { ...problem, file: problem.file === undefined ? folder : `${folder}/${problem.file}` };
}

function onlyOnce(
  loaded: LoadedBlueprint,
  folder: string,
  taken: Map<string, string>,
): Result<LoadedBlueprint> {
  const { metadata, spec } = loaded.blueprint;
  const key = `${metadata.name} ${spec.version}`;
  const other = taken.get(key);
  if (other !== undefined)
    return refused({
      code: 'Duplicate',
      file: 'blueprint.yaml',
      field: 'spec.version',
      message: `The folder ${other} holds ${key} already. Give this one another version or name.`,
    });
  taken.set(key, folder);
  return ok(loaded);
}

async function subfolders(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
    .slice(0, maxBlueprintsPerFolder);
}
