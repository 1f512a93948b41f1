/** Values as a form and a values file carry them. */
export type Values = Readonly<Record<string, unknown>>;
type Schema = Readonly<Record<string, unknown>>;

const maxDepth = 32;

function isMap(value: unknown): value is Values {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * What a form means: fields that were left empty are absent (also numbers, which a form empties to ''), and so are objects in
 * which nothing was filled in and that the schema does not require.
 */
export function toValues(schema: Schema, form: Values): Values {
  const cleaned = clean(schema, form, 0);
  return isMap(cleaned) ? cleaned : {};
}

function clean(schema: unknown, value: unknown, depth: number): unknown {
  if (depth > maxDepth || value === null) return value;
  const own = isMap(schema) ? schema : {};
  if (value === '' && (own.type === 'integer' || own.type === 'number')) return undefined;
  if (Array.isArray(value))
    return value.map((item) => clean(own.items, item, depth + 1)).filter((item) => item !== undefined);
  if (!isMap(value)) return value;
  const properties = isMap(own.properties) ? own.properties : {};
  const required = Array.isArray(own.required) ? own.required : [];
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, child]) => [key, clean(properties[key], child, depth + 1)] as const)
      .filter(
        ([key, child]) =>
          child !== undefined &&
          (required.includes(key) ||
            !isMap(child) ||
            Object.keys(child).length > 0 ||
            !isMap(properties[key])),
      ),
  );
}

/** The values that say something beyond the schema's own defaults: what is worth writing down. */
export function withoutDefaults(schema: Schema, values: Values): Values {
  const properties = isMap(schema.properties) ? schema.properties : {};
  const entries = Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    const child = properties[key];
    if (!isMap(child)) return [[key, value]];
    if (isMap(value) && isMap(child.properties) && child.default === undefined) {
      const rest = withoutDefaults(child, value);
      return Object.keys(rest).length > 0 || Object.keys(value).length === 0 ? [[key, rest]] : [];
    }
    return sameValue(value, child.default) ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

/** Whether two values are the same as JSON; the order of keys does not matter. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (!isMap(a) || !isMap(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}
