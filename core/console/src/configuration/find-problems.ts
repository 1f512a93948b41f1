import type { Problem } from '@catalyst/model/problem.ts';
import { Errors } from 'typebox/schema';
import { Settings } from 'typebox/system';

type Schema = Readonly<Record<string, unknown>>;
interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly message: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const maxProblems = 20;
const vague = ['oneOf', 'anyOf', 'allOf', 'if', 'not'];

/**
 * What is wrong with values, before the server is asked; it validates the same schema again and has the last word. Fields are
 * dotted paths as the server's (`environment.0.name`), one problem a field. A schema that cannot be interpreted finds none.
 */
export function findProblems(schema: Schema, values: unknown): Problem[] {
  let errors: SchemaError[];
  try {
    Settings.Set({ maxErrors: 100 });
    errors = Errors(schema, values)[1] as SchemaError[];
  } catch {
    return [];
  }
  const problems = new Map<string, Problem>();
  for (const error of [...errors].sort((a, b) => rank(a) - rank(b)))
    for (const field of fieldsOf(error))
      if (!problems.has(field))
        problems.set(field, { code: 'InvalidValue', field, message: sentence(error) });
  return [...problems.values()].slice(0, maxProblems);
}

function rank(error: SchemaError): number {
  return vague.includes(error.keyword) ? 1 : 0;
}

function fieldsOf(error: SchemaError): string[] {
  // The child of `additionalProperties: false` fails as "schema is false"; its parent names it better.
  if (error.keyword === 'boolean') return [];
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const below = error.params.requiredProperties ?? error.params.additionalProperties;
  return Array.isArray(below) ? below.map((name) => [...path, String(name)].join('.')) : [path.join('.')];
}

function sentence(error: SchemaError): string {
  const { params } = error;
  switch (error.keyword) {
    case 'required':
      return 'A value is required here.';
    case 'additionalProperties':
      return 'The Blueprint has no such setting.';
    case 'enum':
      return `Must be one of ${JSON.stringify(params.allowedValues).slice(0, 200)}.`;
    case 'pattern':
      return 'This does not have the form that is asked for.';
    case 'minLength':
      return params.limit === 1
        ? 'A value is required here.'
        : `At least ${String(params.limit)} characters.`;
    case 'maxLength':
      return `At most ${String(params.limit)} characters.`;
    case 'minimum':
      return `At least ${String(params.limit)}.`;
    case 'maximum':
      return `At most ${String(params.limit)}.`;
    case 'minItems':
      return `At least ${String(params.limit)} entries.`;
    case 'maxItems':
      return `At most ${String(params.limit)} entries.`;
    default:
      return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
  }
}
