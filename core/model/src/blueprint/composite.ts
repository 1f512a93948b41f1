import type { Problem } from '../problem.ts';
import type { Blueprint } from '../resources/blueprint.ts';

/** `card.category` of a composite. */
export const compositeCategory = 'composite';

/**
 * Whether a Blueprint is a composite: a bundle without an Application of its own, whose installation makes its dependencies as one
 * set (spec/blueprint.md section 19).
 */
export function isComposite(blueprint: Blueprint): boolean {
  return blueprint.spec.card.category === compositeCategory;
}

/** What a composite has no use for, because nothing of its own runs. */
const ownParts = ['manifests', 'secrets', 'provides', 'rotation', 'dynamicSecrets', 'outputs'] as const;

/** A composite has dependencies and nothing that runs by itself; every other Blueprint has manifests. Fields are dotted. */
export function compositeRules(blueprint: Blueprint): Problem[] {
  const { spec } = blueprint;
  if (!isComposite(blueprint))
    return spec.manifests === undefined
      ? [
          {
            code: 'InvalidField',
            field: 'spec.manifests',
            message: 'Is needed; only a Blueprint of the category composite has none.',
          },
        ]
      : [];
  const own = ownParts.filter((part) => spec[part] !== undefined);
  return [
    ...own.map((part) => ({
      code: 'InvalidComposite',
      field: `spec.${part}`,
      message: 'A composite has none: it is made of its dependencies alone. Put it into one of them.',
    })),
    ...((spec.depends ?? []).length > 0
      ? []
      : [
          {
            code: 'InvalidComposite',
            field: 'spec.depends',
            message: 'A composite needs at least one dependency.',
          },
        ]),
  ];
}
