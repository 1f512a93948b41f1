import { sameValue, type Values } from '../configuration/form-values.ts';

type Schema = Readonly<Record<string, unknown>>;

const maxDepth = 32;

function isMap(value: unknown): value is Values {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * What to lay over `start` to come to `wanted`; both without what the schema says by itself. Maps are compared key by key, a list is one
 * value, and what went back to the schema's own default is written down as that.
 */
export function overridesOf(schema: Schema, start: Values, wanted: Values, depth = 0): Values {
  const properties = isMap(schema.properties) ? schema.properties : {};
  const entries: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(start), ...Object.keys(wanted)])) {
    const [before, after] = [own(start, key), own(wanted, key)];
    if (sameValue(before, after)) continue;
    const child = isMap(properties[key]) ? properties[key] : {};
    if (isMap(before) && (isMap(after) || after === undefined) && isMap(child.properties) && depth < maxDepth)
      entries.push([key, overridesOf(child, before, after ?? {}, depth + 1)]);
    else entries.push([key, after === undefined ? (child.default ?? null) : after]);
  }
  return Object.fromEntries(entries);
}

function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
