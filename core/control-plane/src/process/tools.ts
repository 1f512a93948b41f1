import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Root of this checkout. */
export const repositoryRoot = join(import.meta.dirname, '../../../..');

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Absolute path of a tool: the environment variable `CATALYST_<TOOL>`, else what the launcher fetched, else PATH. Where there is
 * none, the fetched place is named: what needs it then says that it is missing.
 */
export function findTool(name: string, environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment[`CATALYST_${name.toUpperCase()}`];
  if (given !== undefined && given !== '') return given;
  const fetched = join(repositoryRoot, '.cache/tools/bin', name);
  const places = [
    fetched,
    ...(environment['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => folder.startsWith('/'))
      .map((folder) => join(folder, name)),
  ];
  return places.find(isExecutable) ?? fetched;
}
