import semver from 'semver';
import type { Blueprint } from '../resources/blueprint.ts';

/** A change that a version makes to the data it finds (`spec.upgrades.migrations`). */
export type Migration = NonNullable<NonNullable<Blueprint['spec']['upgrades']>['migrations']>[number];

/**
 * Migrations that lie between two versions of a Blueprint, the oldest first: those that the later one (or one before it) makes to
 * the data of the earlier one. `blueprint` is that of the later version. Empty where `earlier` is not earlier.
 */
export function crossedMigrations(blueprint: Blueprint, earlier: string, later: string): Migration[] {
  if (!semver.valid(earlier) || !semver.valid(later) || semver.gte(earlier, later)) return [];
  return (blueprint.spec.upgrades?.migrations ?? [])
    .filter(
      ({ from, to }) =>
        semver.lte(to, later) &&
        semver.gt(to, earlier) &&
        (from === undefined || semver.satisfies(earlier, from, { includePrerelease: true })),
    )
    .toSorted((left, right) => semver.compare(left.to, right.to));
}
