import type { BlueprintVersion, MalformedBlueprint } from '../../ports/blueprint-source.ts';

/** The catalog as one caller sees it: public, curated, and private to the given Organizations. */
export interface Catalog {
  /** Newest version of each listed Blueprint. `unlisted` ones are found by name only. */
  list(viewer: { organizations: readonly string[] }): readonly BlueprintVersion[];
  malformed(viewer: {
    organizations: readonly string[];
    sovereignAdmin: boolean;
  }): readonly MalformedBlueprint[];
  find(
    name: string,
    version: string | undefined,
    viewer: { organizations: readonly string[] },
  ): BlueprintVersion | undefined;
  versions(name: string, viewer: { organizations: readonly string[] }): readonly string[];
}
