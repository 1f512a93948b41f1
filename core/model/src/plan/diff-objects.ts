import { groupOf, type Json, type KubernetesObject } from '../kubernetes.ts';
import type { FieldChange, ObjectChange } from '../views/plan.ts';
import { classifyObject } from '../workload/object-classes.ts';
import { turnOf } from '../workload/workloads.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import { diffFields, type FieldDifference, toPath } from './diff-fields.ts';
import { diffLines } from './diff-lines.ts';

const maxFields = 200;
const maxHunksPerField = 20;
const maxHunkLength = 2000;
const maxValueLength = 2000;
/** What stands for the value of a Secret. */
const notShown = '(not shown)';

/** Identity of an object inside one Application. */
export function objectKeyOf(object: KubernetesObject): string {
  return `${groupOf(object.apiVersion)}/${object.kind}/${object.metadata.name}`;
}

/** Which rendered objects are added, changed field by field, and removed. Values of Secrets are never given. */
export function diffObjects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): ObjectChange[] {
  const old = new Map(before.map((object) => [objectKeyOf(object), object]));
  const changes: ObjectChange[] = [];
  for (const object of after) {
    const previous = old.get(objectKeyOf(object));
    old.delete(objectKeyOf(object));
    if (previous === undefined) changes.push(toChange('create', object));
    else if (!sameJson(previous, object))
      changes.push({ ...toChange('change', object), fields: diffObject(previous, object) });
  }
  for (const object of old.values()) changes.push(toChange('remove', object));
  return changes;
}

function toChange(change: ObjectChange['change'], object: KubernetesObject): ObjectChange {
  return {
    change,
    kind: object.kind,
    name: object.metadata.name,
    enforced: classifyObject(object) === 'run' && turnOf(object) !== undefined,
  };
}

/** The fields in which two versions of one object differ, at most 200; a last one says how many more there are. */
function diffObject(before: KubernetesObject, after: KubernetesObject): FieldChange[] {
  const secret = after.kind === 'Secret';
  const differences = diffFields(before as unknown as Json, after as unknown as Json);
  const changes: FieldChange[] = [];
  for (const [index, difference] of differences.entries()) {
    const found = secret && isContent(difference) ? [hide(difference)] : toFieldChanges(difference);
    const rest = differences.length - index;
    if (
      changes.length + found.length > maxFields ||
      (changes.length + found.length === maxFields && rest > 1)
    )
      return [...changes, { path: `… ${rest} more fields` }];
    changes.push(...found);
  }
  return changes;
}

/** Everything of a Secret but what it is called and what kind it is of. */
function isContent({ steps }: FieldDifference): boolean {
  const [first] = steps;
  return (
    !(first && 'field' in first && ['apiVersion', 'kind', 'type'].includes(first.field)) && !isLabel(steps)
  );
}

function isLabel(steps: FieldDifference['steps']): boolean {
  const [first, second] = steps;
  return Boolean(
    first &&
      'field' in first &&
      first.field === 'metadata' &&
      second &&
      'field' in second &&
      second.field === 'labels',
  );
}

/** A whole map of contents is told by its keys; nothing of what they hold. */
function hide({ steps, before, after }: FieldDifference): FieldChange {
  return {
    path: toPath(steps),
    ...(before === undefined ? {} : { before: notShown }),
    ...(after === undefined ? {} : { after: notShown }),
  };
}

function toFieldChanges({ steps, before, after }: FieldDifference): FieldChange[] {
  const path = toPath(steps);
  if (
    typeof before === 'string' &&
    typeof after === 'string' &&
    (before.includes('\n') || after.includes('\n'))
  )
    return lineChanges(path, before, after);
  return [
    {
      path,
      ...(before === undefined ? {} : { before: bounded(before) }),
      ...(after === undefined ? {} : { after: bounded(after) }),
    },
  ];
}

function bounded(value: Json): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= maxValueLength
    ? value
    : `${text.slice(0, maxValueLength)}… (${text.length} characters in all)`;
}

function lineChanges(path: string, before: string, after: string): FieldChange[] {
  const hunks = diffLines(before.split('\n'), after.split('\n'));
  const shown = hunks.slice(0, maxHunksPerField).map(({ at, removed, added }) => ({
    path: `${path} line ${at + 1}`,
    ...(removed.length === 0 ? {} : { before: cut(removed.join('\n')) }),
    ...(added.length === 0 ? {} : { after: cut(added.join('\n')) }),
  }));
  return hunks.length <= maxHunksPerField
    ? shown
    : [...shown, { path: `${path} … ${hunks.length - maxHunksPerField} more places` }];
}

function cut(text: string): string {
  return text.length <= maxHunkLength ? text : `${text.slice(0, maxHunkLength)}…`;
}
