import type { RJSFSchema, ValidatorType } from '@rjsf/utils';
import { Check, Errors } from 'typebox/schema';

/**
 * What the form library asks while it draws: which branch of a `oneOf` do these values fit? ajv compiles schemas with
 * `new Function`, which the console's Content-Security-Policy forbids, so this interprets them. Problems are found by
 * `findProblems` and given to the form from outside; therefore the form's own validation finds none.
 */
export const formValidator: ValidatorType = {
  isValid: (schema, values, rootSchema) => fits(withDefinitions(schema, rootSchema), values),
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  rawValidation: (schema, values) => ({ errors: Errors(schema, values ?? null)[1] as never[] }),
};

/** References (`#/$defs/…`, `#/definitions/…`) lead into the root schema from any part of it. */
function withDefinitions(schema: RJSFSchema, root: RJSFSchema | undefined): RJSFSchema {
  if (!root || schema === root) return schema;
  return {
    ...(root.$defs ? { $defs: root.$defs } : {}),
    ...(root.definitions ? { definitions: root.definitions } : {}),
    ...schema,
  };
}

function fits(schema: RJSFSchema, values: unknown): boolean {
  try {
    return Check(schema, values ?? null);
  } catch {
    return false;
  }
}
