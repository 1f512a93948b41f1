import type { Json, JsonObject } from '../kubernetes.ts';
import { CatalystError } from '../problem.ts';
import { sameJson } from '../yaml/edit-yaml.ts';

const maxDepth = 100;

function isMap(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function checkDepth(depth: number): void {
  if (depth > maxDepth)
    throw new CatalystError('TooLarge', `Values may be nested at most ${maxDepth} levels deep.`);
}

// Object.fromEntries defines own properties, so that a key named `__proto__` stays data.
function combineTwo(lower: JsonObject, upper: JsonObject, depth: number): JsonObject {
  checkDepth(depth);
  const entries = new Map<string, Json>(Object.entries(lower));
  for (const [key, value] of Object.entries(upper)) {
    const below = entries.get(key);
    entries.set(key, isMap(value) && isMap(below) ? combineTwo(below, value, depth + 1) : value);
  }
  return Object.fromEntries(entries);
}

function withoutNulls(values: JsonObject, depth: number): JsonObject {
  checkDepth(depth);
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, isMap(value) ? withoutNulls(value, depth + 1) : value]),
  );
}

/**
 * Lays values files over one another as Helm and Flux do before they reach the chart: maps merge, everything else (arrays too)
 * replaces, and a null stays, because it removes a default of the chart. This is what to hand to the Renderer.
 */
export function combineLayers(...layers: readonly JsonObject[]): JsonObject {
  return layers.reduce<JsonObject>((lower, upper) => combineTwo(lower, upper, 0), {});
}

/**
 * What a chart sees: the layers after the first are combined (`combineLayers`), then laid over the first, which stands for the
 * chart's defaults; a null removes the key. No null remains in a map. Throws `TooLarge` over 100 levels.
 */
export function mergeValues(...layers: readonly JsonObject[]): JsonObject {
  const [defaults = {}, ...overrides] = layers;
  return withoutNulls(combineTwo(defaults, combineLayers(...overrides), 0), 0);
}

/**
 * The smallest overlay for which `mergeValues(base, overlay)` equals `wanted`; with `defaults` (the chart's), the smallest for
 * which `mergeValues(defaults, base, overlay)` does. Nulls in maps of `wanted` mean absent.
 */
export function diffOverlay(base: JsonObject, wanted: JsonObject, defaults: JsonObject = {}): JsonObject {
  return diffMaps(base, withoutNulls(wanted, 0), defaults, 0);
}

function diffMaps(base: JsonObject, wanted: JsonObject, defaults: JsonObject, depth: number): JsonObject {
  checkDepth(depth);
  const overlay: [string, Json][] = [];
  for (const key of new Set([...Object.keys(defaults), ...Object.keys(base), ...Object.keys(wanted)])) {
    const below = ownValue(base, key);
    const standard = ownValue(defaults, key);
    const want = ownValue(wanted, key);
    const present = ownValue(mergeValues(single(key, standard), single(key, below)), key);
    if (present === undefined ? want === undefined : want !== undefined && sameJson(present, want)) continue;
    if (want === undefined) overlay.push([key, null]);
    else if (!isMap(want)) overlay.push([key, want]);
    else overlay.push([key, diffMaps(mapOr(below), want, mapOr(standard), depth + 1)]);
  }
  return Object.fromEntries(overlay);
}

function single(key: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : Object.fromEntries([[key, value]]);
}

function mapOr(value: Json | undefined): JsonObject {
  return isMap(value) ? value : {};
}

function ownValue(values: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
