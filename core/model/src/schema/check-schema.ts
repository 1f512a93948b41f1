import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { TSchema } from 'typebox';
import type { Problem } from '../problem.ts';

// Our own schemas are typed, so they are not judged again by the rules for schemas.
const ajv = new Ajv({ allErrors: true, strict: false, allowUnionTypes: true, validateSchema: false });
formats.default(ajv);

const compiled = new WeakMap<object, ValidateFunction>();
const maxProblems = 20;

/**
 * Checks a value against one of our own schemas (never one that a stranger wrote: its patterns are trusted). Problems name the
 * field as a dotted path.
 */
export function checkSchema(schema: TSchema, value: unknown, file?: string): Problem[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate(value)
    ? []
    : (validate.errors ?? []).slice(0, maxProblems).map((error) => toProblem(error, file));
}

function toProblem(error: ErrorObject, file: string | undefined): Problem {
  const params = error.params as {
    additionalProperty?: string;
    missingProperty?: string;
    allowedValue?: unknown;
    allowedValues?: unknown[];
  };
  const path = error.instancePath.slice(1).split('/').filter(Boolean);
  const extra = params.additionalProperty ?? params.missingProperty;
  const field = [...path, ...(extra === undefined ? [] : [extra])]
    .join('.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
  return {
    code: 'InvalidField',
    ...(file === undefined ? {} : { file }),
    ...(field === '' ? {} : { field }),
    message: wordsOf(error, params),
  };
}

function wordsOf(error: ErrorObject, params: { allowedValue?: unknown; allowedValues?: unknown[] }): string {
  switch (error.keyword) {
    case 'additionalProperties':
      return 'There is no such field.';
    case 'required':
      return 'The field is required.';
    case 'const':
      return `Must be ${JSON.stringify(params.allowedValue)}.`;
    case 'enum':
      return `Must be one of ${params.allowedValues?.map((value) => JSON.stringify(value)).join(', ')}.`;
    default: {
      const text = error.message ?? 'is not valid';
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
    }
  }
}
