import type { Json, JsonObject } from '../kubernetes.ts';
import { asObject } from '../workload/json-fields.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import { type Step, toPath } from './diff-fields.ts';
import { byKey, itemKey, mergeKeyOf } from './merge-keys.ts';

/** A field that both sides changed, and not to the same. Absent values: not there. */
export interface EditConflict {
  readonly steps: readonly Step[];
  /** As `environment[GREETING].value`. */
  readonly field: string;
  readonly base?: Json;
  readonly theirs?: Json;
  readonly mine?: Json;
}

/** What two edits of one thing come to. In conflicts `merged` has what the others wrote. */
export interface MergedEdits {
  readonly merged: JsonObject;
  readonly conflicts: readonly EditConflict[];
}

type Sides = {
  readonly base: Json | undefined;
  readonly theirs: Json | undefined;
  readonly mine: Json | undefined;
};

const maxDepth = 64;
const maxConflicts = 100;

/**
 * Merges two edits of the same values field by field: what one side alone changed is taken, what both changed to the same too.
 * Lists whose items have names are merged item by item, others as a whole.
 */
export function mergeEdits(base: JsonObject, theirs: JsonObject, mine: JsonObject): MergedEdits {
  const conflicts: EditConflict[] = [];
  const merged = merge({ base, theirs, mine }, [], '', conflicts);
  return { merged: asObject(merged) ?? {}, conflicts };
}

function same(left: Json | undefined, right: Json | undefined): boolean {
  return left === undefined || right === undefined ? left === right : sameJson(left, right);
}

function merge(
  sides: Sides,
  steps: readonly Step[],
  name: string,
  conflicts: EditConflict[],
): Json | undefined {
  const { base, theirs, mine } = sides;
  if (same(base, mine) || same(theirs, mine)) return theirs;
  if (same(base, theirs)) return mine;
  if (steps.length < maxDepth) {
    const maps = [base ?? {}, theirs, mine].map(asObject);
    const [was, left, right] = maps;
    if (was && left && right) return mergeMaps(was, left, right, steps, conflicts);
    if (Array.isArray(base ?? []) && Array.isArray(theirs) && Array.isArray(mine)) {
      const before = (base ?? []) as readonly Json[];
      const key = mergeKeyOf(name, before, theirs, mine);
      if (key !== undefined) return mergeLists({ base: before, theirs, mine }, key, steps, conflicts);
    }
  }
  if (conflicts.length < maxConflicts)
    conflicts.push({
      steps,
      field: toPath(steps),
      ...(base === undefined ? {} : { base }),
      ...(theirs === undefined ? {} : { theirs }),
      ...(mine === undefined ? {} : { mine }),
    });
  return theirs;
}

function mergeMaps(
  base: JsonObject,
  theirs: JsonObject,
  mine: JsonObject,
  steps: readonly Step[],
  conflicts: EditConflict[],
): JsonObject {
  const own = (map: JsonObject, field: string) => (Object.hasOwn(map, field) ? map[field] : undefined);
  const entries: [string, Json][] = [];
  for (const field of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const value = merge(
      { base: own(base, field), theirs: own(theirs, field), mine: own(mine, field) },
      [...steps, { field }],
      field,
      conflicts,
    );
    if (value !== undefined) entries.push([field, value]);
  }
  return Object.fromEntries(entries);
}

function mergeLists(
  lists: { readonly base: readonly Json[]; readonly theirs: readonly Json[]; readonly mine: readonly Json[] },
  key: string,
  steps: readonly Step[],
  conflicts: EditConflict[],
): Json {
  const [base, theirs, mine] = [lists.base, lists.theirs, lists.mine].map((items) => byKey(items, key));
  const merged = new Map<string, Json>();
  for (const item of new Set([...(theirs?.keys() ?? []), ...(mine?.keys() ?? [])])) {
    const value = merge(
      { base: base?.get(item), theirs: theirs?.get(item), mine: mine?.get(item) },
      [...steps, { key, item }],
      '',
      conflicts,
    );
    if (value !== undefined) merged.set(item, value);
  }
  // The order of who moved something; the others' where nobody did or both.
  const order = (items: readonly Json[]) =>
    items.map((item) => itemKey(item, key) ?? '').filter((item) => merged.has(item));
  const kept = new Set(order(lists.base));
  const moved = (items: readonly Json[]) =>
    !sameJson(
      order(items).filter((item) => kept.has(item)),
      order(lists.base).filter((item) => order(items).includes(item)),
    );
  const first = moved(lists.mine) && !moved(lists.theirs) ? order(lists.mine) : order(lists.theirs);
  return [...new Set([...first, ...merged.keys()])].map((item) => merged.get(item) ?? {});
}
