import type { BlueprintMatrix } from '../api/lanes.ts';
import type { ApplicationView } from '../views/application-view.ts';

const mostRows = 200;

/** Where every Application of one Blueprint is, by name; at most 200 of those after `after`. */
export function toBlueprintMatrix(
  of: { readonly organization: string; readonly blueprint: string; readonly newest?: string },
  environments: readonly { readonly name: string; readonly views: readonly ApplicationView[] }[],
  after = '',
): BlueprintMatrix {
  const rows = new Map<string, BlueprintMatrix['applications'][number]>();
  for (const { name: environment, views } of environments)
    for (const { name, displayName, blueprint, state, why } of views) {
      if (blueprint.name !== of.blueprint || name <= after) continue;
      const row = rows.get(name) ?? { name, cells: [] };
      if (displayName !== undefined) row.displayName = displayName;
      row.cells.push({
        environment,
        version: blueprint.version,
        newest: blueprint.version === of.newest,
        state,
        ...(why ? { why } : {}),
      });
      rows.set(name, row);
    }
  const all = [...rows.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const applications = all.slice(0, mostRows);
  const last = applications.at(-1);
  return {
    ...of,
    environments: environments.map(({ name }) => name),
    applications,
    ...(last && all.length > mostRows ? { continue: last.name } : {}),
  };
}
