import semver from 'semver';
import type { Problem } from '../problem.ts';
import type { Blueprint } from '../resources/blueprint.ts';

const maxPatterns = 50;
const maxLength = 100;

/** What is wrong with the patterns of `spec.upgrades`; a pattern that is no range would match nothing and say so to nobody. */
export function upgradeRules(blueprint: Blueprint): Problem[] {
  const { from = [], blocks = [], migrations = [] } = blueprint.spec.upgrades ?? {};
  const lists = { from, blocks, migrations: migrations.map((migration) => migration.from ?? '*') };
  return Object.entries(lists).flatMap(([name, patterns]) => {
    const field = `spec.upgrades.${name}`;
    if (patterns.length > maxPatterns)
      return [{ code: 'TooLarge', field, message: `At most ${maxPatterns} entries are taken here.` }];
    return patterns.flatMap((pattern, index) =>
      pattern.length <= maxLength && semver.validRange(pattern) !== null
        ? []
        : [
            {
              code: 'InvalidField',
              field: `${field}.${index}`,
              message: 'Must be versions, as 1.2.x, or a range of them, as >=1.2 <2.',
            },
          ],
    );
  });
}
