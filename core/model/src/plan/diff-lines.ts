/** Lines that are replaced by others; `at` is the first one of `before`, from 0. */
export interface Hunk {
  readonly at: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Most differing lines that are looked at one by one; more become one hunk. */
const maxEdits = 100;

/** The hunks that turn one list of lines into another, top down. Bounded: where too much differs, the differing middle is one hunk. */
export function diffLines(before: readonly string[], after: readonly string[]): Hunk[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const left = before.slice(start, before.length - end);
  const right = after.slice(start, after.length - end);
  if (left.length === 0 && right.length === 0) return [];
  const kept = keptLines(left, right);
  if (kept === undefined) return [{ at: start, removed: left, added: right }];
  return toHunks(left, right, kept, start);
}

/** Pairs of positions of a longest common subsequence (Myers); undefined over `maxEdits`. */
function keptLines(left: readonly string[], right: readonly string[]): [number, number][] | undefined {
  const trace: Map<number, number>[] = [];
  let frontier = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= Math.min(maxEdits, left.length + right.length); edits += 1) {
    const next = new Map(frontier);
    trace.push(frontier);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = goesDown(frontier, diagonal, edits)
        ? (frontier.get(diagonal + 1) ?? 0)
        : (frontier.get(diagonal - 1) ?? 0) + 1;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= left.length && x - diagonal >= right.length)
        return backtrack(trace, left.length, right.length);
    }
    frontier = next;
  }
  return undefined;
}

function goesDown(frontier: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  return (
    diagonal === -edits ||
    (diagonal !== edits && (frontier.get(diagonal - 1) ?? -1) < (frontier.get(diagonal + 1) ?? -1))
  );
}

function backtrack(
  trace: readonly ReadonlyMap<number, number>[],
  width: number,
  height: number,
): [number, number][] {
  const kept: [number, number][] = [];
  let x = width;
  let y = height;
  for (const [edits, frontier] of [...trace.entries()].reverse()) {
    const diagonal = x - y;
    const previous = goesDown(frontier, diagonal, edits) ? diagonal + 1 : diagonal - 1;
    const fromX = edits === 0 ? 0 : (frontier.get(previous) ?? 0);
    const fromY = edits === 0 ? 0 : fromX - previous;
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      kept.push([x, y]);
    }
    x = fromX;
    y = fromY;
  }
  return kept.reverse();
}

function toHunks(
  left: readonly string[],
  right: readonly string[],
  kept: readonly (readonly [number, number])[],
  offset: number,
): Hunk[] {
  const hunks: Hunk[] = [];
  let x = 0;
  let y = 0;
  for (const [nextX, nextY] of [...kept, [left.length, right.length] as const]) {
    if (nextX > x || nextY > y)
      hunks.push({ at: offset + x, removed: left.slice(x, nextX), added: right.slice(y, nextY) });
    x = nextX + 1;
    y = nextY + 1;
  }
  return hunks;
}
