import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { FastifySchemaCompiler, FastifyTypeProvider } from 'fastify';
import type { Static, TSchema } from 'typebox';

/** Gives handlers the types of their TypeBox schemas. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

/**
 * Bodies are taken as they are: nothing is coerced, removed or filled in. Query strings and path parameters are texts, so there
 * numbers and booleans are read from their text. A schema is compiled when the first request comes: most routes are not asked for in
 * most lives of a process.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<TSchema> {
  const addFormats = addFormatsModule.default;
  const options = { strict: false, allErrors: false, discriminator: false, validateSchema: false } as const;
  const exact = new Ajv2020({ ...options, coerceTypes: false });
  const texts = new Ajv2020({ ...options, coerceTypes: true });
  addFormats(exact);
  addFormats(texts);
  return ({ schema, httpPart }) =>
    onFirstUse(() =>
      httpPart === 'body' ? (compileByAction(exact, schema) ?? exact.compile(schema)) : texts.compile(schema),
    );
}

type Validator = ((data: unknown) => unknown) & Pick<ValidateFunction, 'errors'>;

function onFirstUse(compile: () => Validator): ReturnType<FastifySchemaCompiler<TSchema>> {
  let compiled: Validator | undefined;
  const validate = (data: unknown): boolean => {
    compiled ??= compile();
    const valid = Boolean(compiled(data));
    validate.errors = compiled.errors ?? null;
    return valid;
  };
  validate.errors = null as NonNullable<ValidateFunction['errors']> | null;
  return validate;
}

interface ActionSchema {
  readonly properties?: {
    readonly action?: { readonly const?: unknown; readonly anyOf?: { readonly const?: unknown }[] };
  };
}

/**
 * A body that is one of several, told apart by `action`, is judged by the one that it says it is: what the others miss in it would
 * lead astray. Undefined for every other schema.
 */
function compileByAction(ajv: Ajv2020, schema: TSchema & { readonly anyOf?: readonly ActionSchema[] }) {
  const validators = new Map<unknown, ValidateFunction>();
  for (const branch of schema.anyOf ?? []) {
    const { action } = branch.properties ?? {};
    const names = action?.anyOf?.map((entry) => entry.const) ?? [action?.const];
    if (names.some((name) => typeof name !== 'string')) return undefined;
    const validator = ajv.compile(branch);
    for (const name of names) validators.set(name, validator);
  }
  if (validators.size === 0) return undefined;
  const unknown = ajv.compile({
    type: 'object',
    properties: { action: { enum: [...validators.keys()] } },
    required: ['action'],
  });
  const validate = (data: unknown): boolean => {
    const action = typeof data === 'object' && data !== null && 'action' in data ? data.action : undefined;
    const chosen = validators.get(action) ?? unknown;
    const valid = chosen(data);
    validate.errors = chosen.errors ?? null;
    return valid;
  };
  validate.errors = null as NonNullable<ValidateFunction['errors']> | null;
  return validate;
}
