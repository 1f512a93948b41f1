import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { ok, type Problem, type Result, refused } from '../problem.ts';

/** JSON Schema of what people may set; draft 7 unless `$schema` says 2020-12. */
export type ConfigSchema = Readonly<Record<string, unknown>>;

const limits = {
  schemaNodes: 5000,
  depth: 32,
  patternLength: 300,
  configNodes: 20_000,
  stringLength: 256 * 1024,
};
const maxProblems = 20;
const matchedStringLength = 4096;
const hints = ['x-catalyst-ui-hint', 'x-catalyst-ui-filter', 'x-catalyst-ui-order'];

function field(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

/** Visits every node of a JSON value; false as soon as there are too many or they lie too deep. */
function visit(
  value: unknown,
  depth: number,
  budget: { nodes: number },
  see: (node: unknown, key: string) => void,
  key = '',
): boolean {
  budget.nodes -= 1;
  if (budget.nodes < 0 || depth < 0) return false;
  see(value, key);
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([name, child]) => visit(child, depth - 1, budget, see, name));
}

function schemaDangers(schema: ConfigSchema): Problem[] {
  const problems: Problem[] = [];
  const refuse = (message: string) =>
    problems.push({ code: 'InvalidSchema', field: 'spec.configSchema', message });
  const bounded = visit(schema, limits.depth * 2, { nodes: limits.schemaNodes }, (node, key) => {
    if (
      (key === '$ref' || key === '$dynamicRef' || key === '$recursiveRef') &&
      typeof node === 'string' &&
      !node.startsWith('#')
    )
      refuse(
        `The reference "${node.slice(0, 80)}" leaves the schema. Only references within it (#/…) are followed.`,
      );
    if (key === 'pattern' && typeof node === 'string' && node.length > limits.patternLength)
      refuse(`A pattern has more than ${limits.patternLength} characters.`);
    if (key === '$async') refuse('$async is not supported.');
  });
  if (!bounded) refuse(`The schema has more than ${limits.schemaNodes} nodes or is nested too deeply.`);
  return problems;
}

/** A stranger's pattern never sees a long string: what it costs grows with the length. */
function boundedRegExp(
  pattern: string,
  flags: string,
): { test: (text: string) => boolean; toString: () => string } {
  const expression = new RegExp(pattern, flags);
  return {
    test: (text) => text.length <= matchedStringLength && expression.test(text),
    // ajv tells patterns apart by this text.
    toString: () => String(expression),
  };
}
boundedRegExp.code = 'new RegExp';

/** The rules for schemas themselves, compiled once for all of them: nothing of a stranger's schema stays in these. */
const drafts = {
  modern: new Ajv2020({ logger: false }),
  classic: new Ajv({ logger: false }),
};

function compile(schema: ConfigSchema): Result<ValidateFunction> {
  const dangers = schemaDangers(schema);
  if (dangers.length > 0) return refused(...dangers.slice(0, maxProblems));
  const modern = typeof schema.$schema === 'string' && schema.$schema.includes('2020-12');
  const options = {
    allErrors: false,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    strictTuples: false,
    allowUnionTypes: true,
    addUsedSchema: false,
    meta: false,
    validateSchema: false,
    logger: false as const,
    code: { regExp: boundedRegExp },
  };
  const ajv = modern
    ? new Ajv2020({ ...options, allErrors: true })
    : new Ajv({ ...options, allErrors: true });
  formats.default(ajv as Ajv);
  ajv.addVocabulary(hints);
  try {
    drafts[modern ? 'modern' : 'classic'].validateSchema(schema, true);
    return ok(ajv.compile(schema));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refused({
      code: 'InvalidSchema',
      field: 'spec.configSchema',
      message: `The schema cannot be used: ${message.slice(0, 300)}.`,
    });
  }
}

// A schema is an immutable part of a Blueprint version, so what it compiles to may be kept as long as the schema itself.
const compiled = new WeakMap<ConfigSchema, Result<ValidateFunction>>();

function compiledFor(schema: ConfigSchema): Result<ValidateFunction> {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const result = compile(schema);
  compiled.set(schema, result);
  return result;
}

/** What is wrong with a configSchema itself: unknown keywords, foreign references, too big. Empty when it can be used. */
export function checkConfigSchema(schema: ConfigSchema): readonly Problem[] {
  const result = compiledFor(schema);
  if (!result.ok) return result.problems;
  if (schema.type !== 'object')
    return [
      {
        code: 'InvalidSchema',
        field: 'spec.configSchema.type',
        message: 'A configSchema describes an object: type must be "object".',
      },
    ];
  return [];
}

function toProblem(error: ErrorObject): Problem {
  const params = error.params as Record<string, unknown>;
  const extra = params.additionalProperty ?? params.unevaluatedProperty ?? params.missingProperty;
  const path = [field(error.instancePath), typeof extra === 'string' ? extra : '']
    .filter((part) => part !== '')
    .join('.');
  return { code: 'InvalidValue', ...(path === '' ? {} : { field: path }), message: sentence(error, params) };
}

function sentence(error: ErrorObject, params: Record<string, unknown>): string {
  switch (error.keyword) {
    case 'required':
      return 'A value is required here.';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'The Blueprint has no such setting.';
    case 'enum':
      return `Must be one of ${JSON.stringify(params.allowedValues).slice(0, 200)}.`;
    case 'const':
      return `Must be ${JSON.stringify(params.allowedValue).slice(0, 100)}.`;
    default:
      return `${capital(error.message ?? 'is not valid')}.`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Refuses what would make a stranger's pattern run long, before any pattern sees it. */
function configDangers(config: unknown): Problem[] {
  let tooLong = false;
  const bounded = visit(config, limits.depth, { nodes: limits.configNodes }, (node) => {
    if (typeof node === 'string' && node.length > limits.stringLength) tooLong = true;
  });
  if (!bounded)
    return [
      {
        code: 'TooLarge',
        message: `The values have more than ${limits.configNodes} entries or are nested more than ${limits.depth} levels deep.`,
      },
    ];
  return tooLong
    ? [{ code: 'TooLarge', message: `A value is longer than ${limits.stringLength} characters.` }]
    : [];
}

/**
 * Validates merged values against a configSchema (ajv, with formats). Fields are dotted paths (`environment.0.name`). At most
 * 20 problems, codes `InvalidValue`, `TooLarge`, `InvalidSchema`. Bounded: 20,000 nodes, 32 levels, 256 kB per string.
 */
export function validateConfig(schema: ConfigSchema, config: unknown): readonly Problem[] {
  const dangers = configDangers(config);
  if (dangers.length > 0) return dangers;
  const validate = compiledFor(schema);
  if (!validate.ok) return validate.problems;
  if (validate.value(config)) return [];
  const problems = new Map<string, Problem>();
  for (const error of [...(validate.value.errors ?? [])].sort((a, b) => rank(a) - rank(b))) {
    const problem = toProblem(error);
    if (!problems.has(problem.field ?? '')) problems.set(problem.field ?? '', problem);
  }
  return [...problems.values()].slice(0, maxProblems);
}

// "must match exactly one schema" says less than the reason why a branch did not match.
function rank(error: ErrorObject): number {
  return ['oneOf', 'anyOf', 'if', 'allOf'].includes(error.keyword) ? 1 : 0;
}
