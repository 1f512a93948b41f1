import { sameValue, type Values } from './form-values.ts';

/** A field that two people changed to different things since both last saw the same. */
export interface EditConflict {
  /** Names from the top, joined by dots for people; `keys` are exact. */
  readonly path: string;
  readonly keys: readonly string[];
  /** Undefined: the side took the field away, or it never was. */
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

const maxDepth = 32;

/** Fields that differ on both sides. Maps are compared key by key; a list is one field. */
export function findConflicts(base: Values, mine: Values, theirs: Values): EditConflict[] {
  const found: EditConflict[] = [];
  merge(base, mine, theirs, [], (conflict) => {
    found.push(conflict);
    return conflict.mine;
  });
  return found;
}

/** Both sides' changes put together; where they collide, `theirs` names the paths of which the other side's value is taken. */
export function mergeEdits(
  base: Values,
  mine: Values,
  theirs: Values,
  takeTheirs: ReadonlySet<string>,
): Values {
  const merged = merge(base, mine, theirs, [], (conflict) =>
    takeTheirs.has(conflict.path) ? conflict.theirs : conflict.mine,
  );
  return isMap(merged) ? merged : {};
}

function merge(
  base: unknown,
  mine: unknown,
  theirs: unknown,
  keys: readonly string[],
  decide: (conflict: EditConflict) => unknown,
): unknown {
  if (sameValue(mine, theirs) || sameValue(theirs, base)) return mine;
  if (sameValue(mine, base)) return theirs;
  if (!isMap(mine) || !isMap(theirs) || keys.length > maxDepth)
    return decide({ path: keys.join('.'), keys, base, mine, theirs });
  const before = isMap(base) ? base : {};
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  return Object.fromEntries(
    names
      .map(
        (name) =>
          [
            name,
            merge(own(before, name), own(mine, name), own(theirs, name), [...keys, name], decide),
          ] as const,
      )
      .filter(([, value]) => value !== undefined),
  );
}

function own(values: Values, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function isMap(value: unknown): value is Values {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
