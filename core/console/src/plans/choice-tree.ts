/** A dependency with those that it brings itself. */
export interface ChoiceNode<T> {
  readonly choice: T;
  /** Path of the dependency that asks for it; empty at the top. */
  readonly askedBy: string;
  readonly below: readonly ChoiceNode<T>[];
}

/**
 * The tree of dependencies by their paths of aliases (`blog.db` is asked for by `blog`). One whose asker is not in the list
 * hangs below the nearest that is, or at the top.
 */
export function toChoiceTree<T extends { readonly alias: string }>(choices: readonly T[]): ChoiceNode<T>[] {
  const known = new Set(choices.map((choice) => choice.alias));
  const askerOf = (path: string): string => {
    const parent = path.slice(0, Math.max(path.lastIndexOf('.'), 0));
    return parent === '' || known.has(parent) ? parent : askerOf(parent);
  };
  const below = (asker: string): ChoiceNode<T>[] =>
    choices
      .filter((choice) => askerOf(choice.alias) === asker)
      .map((choice) => ({ choice, askedBy: asker, below: below(choice.alias) }));
  return below('');
}
