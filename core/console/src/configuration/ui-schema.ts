import type { UiSchema } from '@rjsf/utils';

type Schema = Readonly<Record<string, unknown>>;

const maxDepth = 16;

function isMap(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** How a configSchema is to be drawn, from its `x-catalyst-ui-hint`s and from what its types suggest. */
export function toUiSchema(schema: Schema): UiSchema {
  return node(schema, schema, false, 0);
}

function node(root: Schema, given: unknown, required: boolean, depth: number): UiSchema {
  const schema = resolve(root, given);
  if (!schema || depth > maxDepth) return {};
  const ui: UiSchema = { ...hintOf(schema, required) };
  const properties = isMap(schema.properties) ? schema.properties : {};
  const names = Array.isArray(schema.required) ? schema.required : [];
  for (const [name, child] of Object.entries(properties))
    ui[name] = node(root, child, names.includes(name), depth + 1);
  const order = schema['x-catalyst-ui-order'];
  if (Array.isArray(order))
    ui['ui:order'] = [...order.filter((name) => Object.hasOwn(properties, String(name))), '*'];
  if (isMap(schema.items)) ui.items = itemOf(root, schema, depth);
  return ui;
}

function itemOf(root: Schema, list: Schema, depth: number): UiSchema {
  const ui = node(root, list.items, true, depth + 1);
  const item = resolve(root, list.items);
  if (item?.type === 'object') return ui;
  // A single value in a list has no label of its own to be seen, but one to be heard.
  return {
    ...ui,
    'ui:label': false,
    'ui:options': { 'aria-label': `Entry of ${String(list.title ?? 'the list')}` },
  };
}

function hintOf(schema: Schema, required: boolean): UiSchema {
  const hint = schema['x-catalyst-ui-hint'];
  if (hint === 'password') return { 'ui:widget': 'password' };
  if (hint === 'multiline' || hint === 'textarea') return { 'ui:widget': 'textarea', 'ui:emptyValue': '' };
  const free = schema.pattern === undefined && schema.format === undefined && schema.enum === undefined;
  const emptyIsFine = schema.default === '' || (required && free && !schema.minLength);
  return schema.type === 'string' && emptyIsFine ? { 'ui:emptyValue': '' } : {};
}

function resolve(root: Schema, given: unknown): Schema | undefined {
  if (!isMap(given)) return undefined;
  const reference = given.$ref;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return given;
  let target: unknown = root;
  for (const part of reference.slice(2).split('/'))
    target = isMap(target) && Object.hasOwn(target, part) ? target[part] : undefined;
  return isMap(target) ? target : undefined;
}
