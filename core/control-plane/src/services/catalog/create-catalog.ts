import type { BlueprintSource, BlueprintVersion, MalformedBlueprint } from '../../ports/blueprint-source.ts';
import type { Catalog } from './catalog.ts';

/** Origins that belong to no Organization. */
const sharedOrigins = new Set(['catalog', 'catalog-sovereign']);

interface Viewer {
  readonly organizations: readonly string[];
}

/** Private Blueprints, and everything of an Organization's own origin, are for that Organization alone. */
function maySee({ origin, blueprint }: BlueprintVersion, viewer: Viewer): boolean {
  if (!sharedOrigins.has(origin)) return viewer.organizations.includes(origin);
  return blueprint.spec.visibility !== 'private';
}

/** The catalog over a `BlueprintSource`: who sees which Blueprint (spec/blueprint.md section 8). */
export function createCatalog({ source }: { readonly source: BlueprintSource }): Catalog {
  const visible = (viewer: Viewer) => source.list().filter((version) => maySee(version, viewer));
  /** The newest version whatever its visibility: one that became unlisted is not listed in an older version. */
  const newest = (viewer: Viewer) => {
    const first = new Map<string, BlueprintVersion>();
    for (const version of visible(viewer)) if (!first.has(version.name)) first.set(version.name, version);
    return [...first.values()];
  };
  let indexed: { list: readonly BlueprintVersion[]; byName: Map<string, BlueprintVersion[]> } | undefined;
  /** Versions of one name, newest first. Planning asks for many names of a catalog that seldom changes. */
  const named = (name: string, viewer: Viewer) => {
    const list = source.list();
    if (indexed?.list !== list) indexed = { list, byName: Map.groupBy(list, (version) => version.name) };
    return (indexed.byName.get(name) ?? []).filter((version) => maySee(version, viewer));
  };
  return {
    list: (viewer) => newest(viewer).filter((version) => version.blueprint.spec.visibility !== 'unlisted'),
    malformed: (viewer): readonly MalformedBlueprint[] =>
      source
        .malformed()
        .filter(({ origin }) =>
          sharedOrigins.has(origin) ? viewer.sovereignAdmin : viewer.organizations.includes(origin),
        ),
    find: (name, version, viewer) =>
      named(name, viewer).find((entry) => version === undefined || entry.version === version),
    versions: (name, viewer) => named(name, viewer).map((entry) => entry.version),
  };
}
