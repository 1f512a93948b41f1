import type { Json, JsonObject } from '../kubernetes.ts';
import type { ConfigSchema } from './config-schema.ts';
import { mergeValues } from './values.ts';

const maxDepth = 32;

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function resolve(root: ConfigSchema, node: unknown, depth: number): Readonly<Record<string, unknown>> {
  if (!isMap(node) || depth > maxDepth) return {};
  const ref = node.$ref;
  if (typeof ref !== 'string' || !ref.startsWith('#')) return node;
  let target: unknown = root;
  for (const part of ref
    .slice(1)
    .split('/')
    .filter((text) => text !== '')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isMap(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  return { ...resolve(root, target, depth + 1), ...node, $ref: undefined };
}

function propertiesOf(root: ConfigSchema, node: unknown, depth: number): Record<string, unknown> {
  const schema = resolve(root, node, depth);
  const all = Array.isArray(schema.allOf) && depth < maxDepth ? schema.allOf : [];
  return Object.fromEntries([
    ...all.flatMap((part) => Object.entries(propertiesOf(root, part, depth + 1))),
    ...Object.entries(isMap(schema.properties) ? schema.properties : {}),
  ]);
}

function defaultOf(root: ConfigSchema, node: unknown, depth: number): Json | undefined {
  if (depth > maxDepth) return undefined;
  const schema = resolve(root, node, depth);
  const own = schema.default as Json | undefined;
  if (own !== undefined && !isMap(own)) return own;
  const children = Object.entries(propertiesOf(root, schema, depth)).flatMap(
    ([name, child]): [string, Json][] => {
      const value = defaultOf(root, child, depth + 1);
      return value === undefined ? [] : [[name, value]];
    },
  );
  if (own === undefined && children.length === 0) return undefined;
  return mergeValues(Object.fromEntries(children), isMap(own) ? (own as JsonObject) : {});
}

/**
 * The defaults that a configSchema states, as a form starts with: `default` of every property, a parent's over its children's.
 * Branches of `oneOf`, `anyOf` and `if` state none, since nobody has chosen yet.
 */
export function applyDefaults(schema: ConfigSchema): JsonObject {
  const value = defaultOf(schema, schema, 0);
  return isMap(value) ? (value as JsonObject) : {};
}

/**
 * The part of some values that a configSchema describes: what of a chart's defaults people may see and set. Without
 * `properties` an object is kept whole; a chart may well have values that its schema does not offer.
 */
export function restrictToSchema(schema: ConfigSchema, values: JsonObject): JsonObject {
  const restricted = restrict(schema, schema, values, 0);
  return isMap(restricted) ? (restricted as JsonObject) : {};
}

function restrict(root: ConfigSchema, node: unknown, value: Json, depth: number): Json {
  const properties = describedBy(root, node, depth);
  if (!isMap(value) || properties === undefined || depth > maxDepth) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .filter(([name]) => Object.hasOwn(properties, name))
      .map(([name, child]) => [name, restrict(root, properties[name], child, depth + 1)]),
  );
}

/** Properties of an object schema with those of its branches; undefined where it takes any. */
function describedBy(root: ConfigSchema, node: unknown, depth: number): Record<string, unknown> | undefined {
  const schema = resolve(root, node, depth);
  const branches = ['oneOf', 'anyOf', 'allOf'].flatMap((name) =>
    Array.isArray(schema[name]) ? schema[name] : [],
  );
  for (const name of ['then', 'else']) if (isMap(schema[name])) branches.push(schema[name]);
  const found = branches.flatMap((branch) =>
    depth > maxDepth ? [] : Object.entries(describedBy(root, branch, depth + 1) ?? {}),
  );
  const own = isMap(schema.properties) ? Object.entries(schema.properties) : [];
  return own.length + found.length === 0 ? undefined : Object.fromEntries([...found, ...own]);
}
