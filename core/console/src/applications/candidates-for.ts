import type { ApplicationView } from '@catalyst/model/views/application-view.ts';

/** Names of the Applications that a dependency could be given to: of the same Blueprint, neither itself nor what it has now. Whether one fits, the plan says. */
export function candidatesFor(
  bound: { readonly blueprint: string; readonly application: string },
  own: string,
  others: readonly Pick<ApplicationView, 'name' | 'blueprint'>[],
): string[] {
  return others
    .filter((item) => item.blueprint.name === bound.blueprint)
    .map((item) => item.name)
    .filter((name) => name !== own && name !== bound.application)
    .sort();
}
