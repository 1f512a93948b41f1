import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Json } from '../kubernetes.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import { toCel } from './condition-syntax.ts';
import type { DependencyScope, FieldPlace } from './scope.ts';

const maxLength = 500;
const maxNodes = 200;
const maxDepth = 20;
const maxNesting = 2;
/** Most steps that an evaluation may take, by estimate before it begins: about a tenth of a second. */
const maxSteps = 2_000_000;
const unitLength = 1000;

/** What can be called. `matches` is not among them: its patterns can take for ever in this engine. */
const functions = new Set('has size string int double bool type startsWith endsWith contains'.split(' '));
const comprehensions = new Set('all exists exists_one filter map'.split(' '));

const language = new Environment({
  limits: { maxAstNodes: maxNodes, maxDepth, maxListElements: 50, maxMapEntries: 20, maxCallArguments: 3 },
})
  .registerVariable('config', 'dyn')
  .registerVariable('application', 'map<string, string>');

/** A `when` that was read. */
export interface Condition {
  /**
   * Whether it holds. Bounded by an estimate of its steps that is made first, so that the same input always gets the same answer.
   * Problems: `ConditionFailed` (a field is missing, an operation does not fit, the answer is no boolean), `ConditionLimit`.
   * The place is that of this use: one condition may stand in several Blueprints.
   */
  holds(scope: DependencyScope, place: FieldPlace): Result<boolean>;
}

/**
 * Reads a `when`: CEL between double braces, over `.config` and `.application` (the leading dot may be left out), as
 * `{{ .config.postgres.mode == 'embedded' }}`. At most 500 characters, 200 nodes, 20 levels, comprehensions at most two inside one
 * another; no pattern matching. Problems name the Blueprint, the alias and the field: `InvalidCondition` where it does not parse,
 * reaches outside its scope or cannot be a boolean; `ConditionLimit` where it is too big.
 */
export function parseCondition(text: string, place: FieldPlace): Result<Condition> {
  const refuse = (code: string, reason: string) => refused(problemAt(place, code, reason));
  if (text.length > maxLength)
    return refuse('ConditionLimit', `it is longer than ${maxLength} characters. Shorten it.`);
  const expression = /^\s*\{\{([\s\S]*)\}\}\s*$/.exec(text)?.[1];
  if (expression === undefined || expression.trim() === '')
    return refuse(
      'InvalidCondition',
      "it must be an expression between braces, as {{ .config.database.mode == 'embedded' }}.",
    );
  try {
    const parsed = language.parse(toCel(expression));
    const size = measure(parsed.ast);
    if (size.unknown !== undefined)
      return refuse(
        'InvalidCondition',
        `"${size.unknown}" is not available. There are ${[...functions, ...comprehensions].join(', ')}.`,
      );
    if (size.nesting > maxNesting)
      return refuse(
        'ConditionLimit',
        `more than ${maxNesting} of all, exists, filter or map are inside one another.`,
      );
    const checked = parsed.check();
    if (!checked.valid) return refuse('InvalidCondition', `${summaryOf(checked.error)}. ${scopeHint}`);
    if (checked.type !== 'bool' && checked.type !== 'dyn')
      return refuse('InvalidCondition', `it gives ${checked.type}, and true or false is needed.`);
    return ok({ holds: (scope, at) => evaluate(parsed, size, scope, at) });
  } catch (error) {
    const code = /^exceeded|limit|max/i.test(codeOf(error)) ? 'ConditionLimit' : 'InvalidCondition';
    return refuse(code, `${summaryOf(error)}. ${scopeHint}`);
  }
}

const scopeHint = 'It sees .config and .application (name, organization, environment).';

function problemAt(place: FieldPlace, code: string, reason: string): Problem {
  return {
    code,
    field: place.field,
    message: `The condition ("when") of the dependency "${place.alias}" of ${place.blueprint} cannot be used: ${reason}`,
  };
}

interface Measured {
  readonly nodes: number;
  /** How many comprehensions are inside one another. */
  readonly nesting: number;
  /** A function that is called and is not among those that may be. */
  readonly unknown?: string;
}

function measure(ast: unknown): Measured {
  if (Array.isArray(ast)) return combine(ast.map(measure), 0, 0);
  if (!isNode(ast)) return { nodes: 0, nesting: 0 };
  const within = measure(ast.args);
  if (ast.op !== 'call' && ast.op !== 'rcall') return combine([within], 1, 0);
  const name = String((ast.args as readonly unknown[])[0]);
  const loops = ast.op === 'rcall' && comprehensions.has(name);
  const combined = combine([within], 1, loops ? 1 : 0);
  return loops || functions.has(name) ? combined : { ...combined, unknown: combined.unknown ?? name };
}

function combine(parts: readonly Measured[], nodes: number, nesting: number): Measured {
  const unknown = parts.find((part) => part.unknown !== undefined)?.unknown;
  return {
    nodes: parts.reduce((sum, part) => sum + part.nodes, nodes),
    nesting: Math.max(0, ...parts.map((part) => part.nesting)) + nesting,
    ...(unknown === undefined ? {} : { unknown }),
  };
}

function isNode(value: unknown): value is ASTNode {
  return value !== null && typeof value === 'object' && 'op' in value && 'args' in value;
}

function evaluate(
  parsed: (context: Record<string, unknown>) => unknown,
  size: Measured,
  scope: DependencyScope,
  place: FieldPlace,
): Result<boolean> {
  const refuse = (code: string, reason: string) => refused(problemAt(place, code, reason));
  const weight = size.nesting === 0 ? 1 : weigh(scope.config);
  // Each loop may go through everything there is, and each step may compare everything there is.
  if (size.nodes * weight ** (size.nesting + 1) > maxSteps)
    return refuse(
      'ConditionLimit',
      'the configuration is too large for its loops. Compare single fields instead.',
    );
  try {
    const answer = parsed({ config: toCelValue(scope.config), application: toCelValue(scope.application) });
    if (typeof answer === 'boolean') return ok(answer);
    return refuse('ConditionFailed', 'it gave neither true nor false.');
  } catch (error) {
    const missing =
      codeOf(error) === 'no_such_key' ? ' Ask has(.config.…) first, or give the field a default.' : '';
    return refuse('ConditionFailed', `${summaryOf(error)}.${missing}`);
  }
}

/** Entries and stretches of text in a value, itself included. */
function weigh(value: Json): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / unitLength);
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce((sum: number, child: Json) => sum + weigh(child), 1);
}

// A Map has no `constructor` or `__proto__` that data could stand in for; CEL's whole numbers are BigInts.
function toCelValue(value: Json | DependencyScope['application']): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(toCelValue);
  return new Map(Object.entries(value).map(([key, child]) => [key, toCelValue(child)]));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function summaryOf(error: unknown): string {
  const summary = error instanceof Error && 'summary' in error ? error.summary : undefined;
  const text = typeof summary === 'string' ? summary : error instanceof Error ? error.message : 'It failed';
  return (text.split('\n', 1)[0] ?? text).slice(0, 200).replace(/\.$/, '');
}
