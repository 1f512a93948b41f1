import type { Problem } from '@catalyst/model/problem.ts';
import type { ErrorSchema } from '@rjsf/utils';

type Schema = Readonly<Record<string, unknown>>;

/** Problems sorted by where they are shown: at the fields of the form, or beside it. */
export interface SortedProblems {
  readonly atFields: ErrorSchema;
  readonly elsewhere: readonly Problem[];
}

/**
 * Sorts problems. `prefix` stands before the fields of the form (`values.` in what the server says); a field that the schema
 * does not have at its top is not in the form.
 */
export function sortProblems(schema: Schema, problems: readonly Problem[], prefix = ''): SortedProblems {
  const known = schema.properties !== null && typeof schema.properties === 'object' ? schema.properties : {};
  const atFields: ErrorSchema = {};
  const elsewhere: Problem[] = [];
  for (const problem of problems) {
    const path = fieldPath(problem.field, prefix);
    if (path === undefined || !Object.hasOwn(known, path[0] ?? '')) elsewhere.push(problem);
    else addError(atFields, path, problem.message);
  }
  return { atFields, elsewhere };
}

function fieldPath(field: string | undefined, prefix: string): string[] | undefined {
  if (!field?.startsWith(prefix)) return undefined;
  return field
    .slice(prefix.length)
    .split('.')
    .filter((part) => part !== '');
}

function addError(schema: ErrorSchema, path: readonly string[], message: string): void {
  let at = schema as Record<string, ErrorSchema>;
  for (const part of path) {
    if (!Object.hasOwn(at, part))
      Object.defineProperty(at, part, { value: {}, enumerable: true, configurable: true, writable: true });
    at = at[part] as Record<string, ErrorSchema>;
  }
  const errors = at as ErrorSchema;
  errors.__errors = [...(errors.__errors ?? []), message];
}

/** Whether anything is wrong at a field or below it. The form library leaves empty branches behind for fields that were edited. */
export function holdsErrors(errors: ErrorSchema | undefined): boolean {
  if (errors === undefined || errors === null) return false;
  return (
    (errors.__errors?.length ?? 0) > 0 ||
    Object.entries(errors).some(([part, below]) => part !== '__errors' && holdsErrors(below as ErrorSchema))
  );
}
