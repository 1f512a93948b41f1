import type { Json } from '../kubernetes.ts';
import { asObject } from '../workload/json-fields.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import { byKey, mergeKeyOf } from './merge-keys.ts';

/** One step into a value: a field, an item by its merge key, an item by its position, or the order of a keyed list. */
export type Step =
  | { readonly field: string }
  | { readonly key: string; readonly item: string }
  | { readonly index: number }
  | { readonly order: string };

/** One difference; without `before` it is new, without `after` it is gone. An order is a list of item keys. */
export interface FieldDifference {
  readonly steps: readonly Step[];
  readonly before?: Json;
  readonly after?: Json;
}

const maxDepth = 64;

/**
 * What turns `before` into `after`, field by field; lists are matched by their merge keys where they have one. The differences are
 * complete: applied in their order they give `after`.
 */
export function diffFields(before: Json | undefined, after: Json | undefined): FieldDifference[] {
  const found: FieldDifference[] = [];
  visit(before, after, [], '', found);
  return found;
}

function visit(
  before: Json | undefined,
  after: Json | undefined,
  steps: readonly Step[],
  name: string,
  found: FieldDifference[],
): void {
  if (before !== undefined && after !== undefined && sameJson(before, after)) return;
  const deep = steps.length >= maxDepth;
  const left = asObject(before);
  const right = asObject(after);
  if (!deep && left && right) {
    for (const field of new Set([...Object.keys(left), ...Object.keys(right)]))
      visit(own(left, field), own(right, field), [...steps, { field }], field, found);
    return;
  }
  if (!deep && Array.isArray(before) && Array.isArray(after)) {
    visitLists(before, after, steps, name, found);
    return;
  }
  found.push({
    steps,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
}

function own(object: Readonly<Record<string, Json>>, field: string): Json | undefined {
  return Object.hasOwn(object, field) ? object[field] : undefined;
}

function visitLists(
  before: readonly Json[],
  after: readonly Json[],
  steps: readonly Step[],
  name: string,
  found: FieldDifference[],
): void {
  const key = mergeKeyOf(name, before, after);
  if (key === undefined) {
    const common = Math.min(before.length, after.length);
    for (let index = 0; index < common; index += 1)
      visit(before[index], after[index], [...steps, { index }], '', found);
    // From the end, so that positions hold while they are applied one after the other.
    for (let index = before.length - 1; index >= common; index -= 1)
      visit(before[index], undefined, [...steps, { index }], '', found);
    for (let index = common; index < after.length; index += 1)
      visit(undefined, after[index], [...steps, { index }], '', found);
    return;
  }
  const left = byKey(before, key);
  const right = byKey(after, key);
  for (const [item, value] of left) visit(value, right.get(item), [...steps, { key, item }], '', found);
  for (const [item, value] of right)
    if (!left.has(item)) visit(undefined, value, [...steps, { key, item }], '', found);
  const kept = [...left.keys()].filter((item) => right.has(item));
  const appended = [...kept, ...[...right.keys()].filter((item) => !left.has(item))];
  const wanted = [...right.keys()];
  if (!sameJson(appended, wanted))
    found.push({ steps: [...steps, { order: key }], before: appended, after: wanted });
}

/** A path as people read it: `spec.template.spec.containers[web].env[GREETING].value`. */
export function toPath(steps: readonly Step[]): string {
  let path = '';
  for (const step of steps) {
    if ('item' in step) path += `[${step.item}]`;
    else if ('index' in step) path += `[${step.index}]`;
    else if ('order' in step) path += '[order]';
    else if (/^[A-Za-z_$][\w$-]*$/.test(step.field)) path += path === '' ? step.field : `.${step.field}`;
    else path += `[${JSON.stringify(step.field)}]`;
  }
  return path;
}
