import type { Json, JsonObject } from '../kubernetes.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import type { DependencyScope, FieldPlace } from './scope.ts';

const maxTemplates = 200;
const maxDepth = 32;
const maxTextLength = 64 * 1024;
const maxTotalLength = 256 * 1024;
const template = /\{\{([\s\S]*?)\}\}/g;
const reference = /^\s*\.?(config|application)((?:\.[A-Za-z_][A-Za-z0-9_-]*)+)\s*$/;
const hidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The `values` of a dependency, with its templates read: `{{ .application.name }}` and `{{ .config.a.b }}`. A string that is one
 * template and nothing else keeps the type of what it names; several in one string, or one with text around it, become text. Keys
 * are not templated. `check` is for the author (no scope yet), `fill` for each use. Problems: `TemplateScope` (anything but a path
 * of `.config` or `.application`), `TemplateUnset` (the path leads nowhere, or to what is no text inside of a text), `TemplateLimit`.
 */
export function checkTemplates(
  values: Readonly<Record<string, unknown>>,
  place: FieldPlace,
): readonly Problem[] {
  const result = fillWith(values, place, () => ok(''));
  return result.ok ? [] : result.problems;
}

/** What the dependency gets; see `checkTemplates`. */
export function fillTemplates(
  values: Readonly<Record<string, unknown>>,
  scope: DependencyScope,
  place: FieldPlace,
): Result<JsonObject> {
  return fillWith(values, place, (path, at) => lookUp(path, scope, at));
}

type LookUp = (path: readonly string[], at: FieldPlace) => Result<Json>;

function fillWith(
  values: Readonly<Record<string, unknown>>,
  place: FieldPlace,
  find: LookUp,
): Result<JsonObject> {
  const spent = { templates: 0, length: 0 };
  const fill = (value: unknown, at: FieldPlace, depth: number): Result<Json> => {
    if (depth > maxDepth)
      return refuseAt(at, 'TemplateLimit', `values are nested deeper than ${maxDepth} levels.`);
    if (typeof value === 'string') return fillText(value, at, find, spent);
    if (value === null || typeof value !== 'object') return ok(value as Json);
    if (!Array.isArray(value)) return fillMap(value as Readonly<Record<string, unknown>>, at, depth);
    const items: Json[] = [];
    for (const [index, item] of value.entries()) {
      const filled = fill(item, below(at, String(index)), depth + 1);
      if (!filled.ok) return filled;
      items.push(filled.value);
    }
    return ok(items);
  };
  const fillMap = (
    map: Readonly<Record<string, unknown>>,
    at: FieldPlace,
    depth: number,
  ): Result<JsonObject> => {
    const entries: [string, Json][] = [];
    for (const [key, child] of Object.entries(map)) {
      const filled = fill(child, below(at, key), depth + 1);
      if (!filled.ok) return filled;
      entries.push([key, filled.value]);
    }
    return ok(Object.fromEntries(entries));
  };
  return fillMap(values, place, 0);
}

function fillText(
  text: string,
  at: FieldPlace,
  find: LookUp,
  spent: { templates: number; length: number },
): Result<Json> {
  if (text.length > maxTextLength) return refuseAt(at, 'TemplateLimit', 'the text is longer than 64 kB.');
  const parts: Json[] = [];
  let end = 0;
  for (const match of text.matchAll(template)) {
    spent.templates += 1;
    if (spent.templates > maxTemplates)
      return refuseAt(at, 'TemplateLimit', `there are more than ${maxTemplates} templates.`);
    const found = readReference(match[1] ?? '', at);
    const value = found.ok ? find(found.value, at) : found;
    if (!value.ok) return value;
    if (match[0] === text.trim()) {
      const size = JSON.stringify(value.value).length;
      spent.length += size;
      return size > maxTextLength || spent.length > maxTotalLength ? tooLong(at) : ok(value.value);
    }
    parts.push(text.slice(end, match.index), value.value);
    end = match.index + match[0].length;
  }
  if (end === 0) return ok(text);
  parts.push(text.slice(end));
  if (parts.some((part) => typeof part === 'object'))
    return refuseAt(at, 'TemplateUnset', 'a list, a map or null cannot stand inside of a text.');
  const joined = parts.join('');
  spent.length += joined.length;
  return joined.length > maxTextLength || spent.length > maxTotalLength ? tooLong(at) : ok(joined);
}

function readReference(text: string, at: FieldPlace): Result<readonly string[]> {
  const match = reference.exec(text);
  const path = match ? [match[1] ?? '', ...(match[2] ?? '').slice(1).split('.')] : [];
  if (path.length === 0 || path.some((part) => hidden.has(part)))
    return refuseAt(
      at,
      'TemplateScope',
      `{{${text.slice(0, 60)}}} reaches outside of what templates see: a field below .config, or .application.name, .organization or .environment; no functions.`,
    );
  if (path[0] === 'application' && !['name', 'organization', 'environment'].includes(path.slice(1).join('.')))
    return refuseAt(
      at,
      'TemplateScope',
      '.application has name, organization and environment, nothing else.',
    );
  return ok(path);
}

function lookUp(path: readonly string[], scope: DependencyScope, at: FieldPlace): Result<Json> {
  let value: unknown = scope;
  for (const part of path) {
    const there: boolean =
      value !== null && typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, part);
    if (!there)
      return refuseAt(at, 'TemplateUnset', `.${path.join('.')} is not set. Set it, or give it a default.`);
    value = (value as Record<string, unknown>)[part];
  }
  return ok(value as Json);
}

function tooLong(at: FieldPlace) {
  return refuseAt(
    at,
    'TemplateLimit',
    'what the templates give is longer than 64 kB, or all of it than 256 kB.',
  );
}

function below(place: FieldPlace, key: string): FieldPlace {
  return { ...place, field: `${place.field}.${key}` };
}

function refuseAt(place: FieldPlace, code: string, reason: string) {
  return refused({
    code,
    field: place.field,
    message: `The values of the dependency "${place.alias}" of ${place.blueprint} cannot be used: ${reason}`,
  });
}
