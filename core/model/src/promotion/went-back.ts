/** What an environment branch was at after one of its movements. */
export interface BranchState {
  /** Tree id of `base/`; undefined where it had none. */
  readonly tree: string | undefined;
  /** What both sides last had in common was in its history already. */
  readonly arrived: boolean;
  /** It was made to take something back: a rollback or an undo. */
  readonly takesBack: boolean;
}

/**
 * Whether `base/` of a branch went back behind what it last had in common with another one: what the branch has then and the other one
 * lacks is no change made there first, and following it would take the common part from the other one too. States are those of the
 * branch, newest first.
 */
export function wentBack(states: readonly BranchState[]): boolean {
  for (const [index, { tree, takesBack }] of states.entries()) {
    const before = states[index + 1];
    // The movement that brought the common part, and all before it, tell nothing of what came after.
    if (!before?.arrived) return false;
    if (before.tree === tree) continue;
    const earlier = states.slice(index + 2).find((state) => state.tree === tree);
    if (earlier ? !earlier.arrived : takesBack) return true;
  }
  return false;
}

/** Whether `wentBack` can be true at all, whatever arrived when. */
export function returnedAnywhere(states: readonly Omit<BranchState, 'arrived'>[]): boolean {
  return states.some(({ tree, takesBack }, index) => {
    const before = states[index + 1];
    return (
      before !== undefined &&
      before.tree !== tree &&
      (takesBack || states.slice(index + 2).some((state) => state.tree === tree))
    );
  });
}
