import type { OverlayValue } from '../api/lanes.ts';
import type { Json, JsonObject } from '../kubernetes.ts';
import { diffFields, type Step, toPath } from '../plan/diff-fields.ts';
import type { FieldChange } from '../views/plan.ts';
import { asObject } from '../workload/json-fields.ts';

const mostFields = 200;
const longestValue = 2_000;
const notShown = '(not shown)';

/** Schemas of the versions of both sides: what one of them calls a password is shown of neither. */
type Schemas = readonly JsonObject[];

function isPassword(schema: JsonObject | undefined): boolean {
  return schema?.['x-catalyst-ui-hint'] === 'password';
}

/** The schema of what lies at a path; `password` where it, or what it lies in, is one. */
function schemaAt(schema: JsonObject, steps: readonly Step[]): JsonObject | undefined | 'password' {
  let current: JsonObject | undefined = schema;
  for (const step of steps) {
    if (isPassword(current)) return 'password';
    current =
      'field' in step
        ? asObject(asObject(current?.['properties'])?.[step.field])
        : asObject(current?.['items']);
  }
  return isPassword(current) ? 'password' : current;
}

function masked(value: Json, schema: JsonObject | undefined): Json {
  if (isPassword(schema)) return notShown;
  if (!schema) return value;
  if (Array.isArray(value)) return value.map((item) => masked(item, asObject(schema['items'])));
  const object = asObject(value);
  if (!object) return value;
  const properties = asObject(schema['properties']);
  return Object.fromEntries(
    Object.entries(object).map(([name, field]) => [name, masked(field, asObject(properties?.[name]))]),
  );
}

function toShow(value: Json, schemas: Schemas, steps: readonly Step[]): Json {
  let shown = value;
  for (const schema of schemas) {
    const at = schemaAt(schema, steps);
    if (at === 'password') return notShown;
    shown = masked(shown, at);
  }
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown);
  return text.length <= longestValue
    ? shown
    : `${text.slice(0, longestValue)}… (${text.length} characters in all)`;
}

/**
 * The fields in which the shared values of two Environments differ, `before` in the destination and `after` in the source; at most 200,
 * a last one says how many more there are. Passwords are not shown.
 */
export function diffSettings(destination: JsonObject, source: JsonObject, schemas: Schemas): FieldChange[] {
  const differences = diffFields(destination, source);
  const shown = differences.slice(0, mostFields).map(({ steps, before, after }) => ({
    path: toPath(steps),
    ...(before === undefined ? {} : { before: toShow(before, schemas, steps) }),
    ...(after === undefined ? {} : { after: toShow(after, schemas, steps) }),
  }));
  const more = differences.length - shown.length;
  return more > 0 ? [...shown, { path: `… ${more} more fields` }] : shown;
}

interface Leaf {
  readonly steps: readonly Step[];
  readonly value: Json;
}

function leavesOf(value: Json, steps: readonly Step[], found: Map<string, Leaf>): Map<string, Leaf> {
  const object = steps.length < 64 ? asObject(value) : undefined;
  const entries = Object.entries(object ?? {});
  if (entries.length > 0) for (const [field, item] of entries) leavesOf(item, [...steps, { field }], found);
  else if (steps.length > 0) found.set(toPath(steps), { steps, value });
  return found;
}

/** What two Environments set for themselves, value by value, by path; at most 200. Passwords are not shown. */
export function besideEachOther(from: JsonObject, to: JsonObject, schemas: Schemas): OverlayValue[] {
  const left = leavesOf(from, [], new Map());
  const right = leavesOf(to, [], new Map());
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort().slice(0, mostFields);
  return paths.map((path) => {
    const [mine, theirs] = [left.get(path), right.get(path)];
    return {
      path,
      ...(mine ? { from: toShow(mine.value, schemas, mine.steps) } : {}),
      ...(theirs ? { to: toShow(theirs.value, schemas, theirs.steps) } : {}),
    };
  });
}
