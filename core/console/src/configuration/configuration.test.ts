import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { holdsErrors, sortProblems } from './field-problems.ts';
import { findProblems } from './find-problems.ts';
import { sameValue, toValues, withoutDefaults } from './form-values.ts';
import { toUiSchema } from './ui-schema.ts';
import { formValidator } from './validator.ts';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['image'],
  properties: {
    image: { type: 'string', minLength: 1, pattern: '^[a-z:]+$' },
    port: { type: 'integer', minimum: 1, maximum: 65535, default: 80 },
    environment: {
      type: 'array',
      default: [],
      items: {
        type: 'object',
        required: ['name', 'value'],
        additionalProperties: false,
        properties: { name: { type: 'string', pattern: '^[A-Z]+$' }, value: { type: 'string', default: '' } },
      },
    },
    volume: {
      type: 'object',
      properties: { size: { type: 'string', default: '1Gi' }, limit: { type: 'integer' } },
    },
    secret: { type: 'string', 'x-catalyst-ui-hint': 'password' },
    args: { type: 'array', title: 'Arguments', items: { type: 'string' } },
    store: {
      oneOf: [
        { properties: { mode: { const: 'inside' } }, required: ['mode'] },
        {
          properties: { mode: { const: 'outside' }, host: { $ref: '#/$defs/host' } },
          required: ['mode', 'host'],
        },
      ],
    },
  },
  $defs: { host: { type: 'string', minLength: 3 } },
};

test('problems name the field as the server does, one a field', () => {
  const problems = findProblems(schema, {
    port: 0,
    environment: [{ name: 'A' }, { name: 'b', value: '' }],
    extra: 1,
  });
  assert.deepEqual(Object.fromEntries(problems.map((problem) => [problem.field, problem.message])), {
    image: 'A value is required here.',
    port: 'At least 1.',
    'environment.0.value': 'A value is required here.',
    'environment.1.name': 'This does not have the form that is asked for.',
    extra: 'The Blueprint has no such setting.',
  });
});

test('good values have no problems, bad ones in a branch have', () => {
  assert.deepEqual(findProblems(schema, { image: 'a', store: { mode: 'outside', host: 'abc' } }), []);
  assert.notDeepEqual(findProblems(schema, { image: 'a', store: { mode: 'outside', host: 'a' } }), []);
});

test('a schema that cannot be interpreted leaves the judgement to the server', () => {
  assert.doesNotThrow(() =>
    findProblems({ type: 'object', properties: { a: { pattern: '(' } } }, { a: 'x' }),
  );
});

test('branches are told apart, references into the root included, without compiling code', () => {
  const original = globalThis.Function;
  globalThis.Function = new Proxy(original, {
    construct() {
      throw new EvalError('forbidden by the Content-Security-Policy');
    },
  });
  try {
    const [inside, outside] = schema.properties.store.oneOf;
    const root = schema as never;
    assert.equal(formValidator.isValid(outside as never, { mode: 'outside', host: 'abc' }, root), true);
    assert.equal(formValidator.isValid(outside as never, { mode: 'outside', host: 'a' }, root), false);
    assert.equal(formValidator.isValid(inside as never, { mode: 'outside' }, root), false);
    assert.notEqual(findProblems(schema, {}).length, 0);
  } finally {
    globalThis.Function = original;
  }
});

test('what was left empty is absent', () => {
  assert.deepEqual(
    toValues(schema, {
      image: 'a',
      port: '',
      volume: { limit: '' },
      environment: [{ name: 'A', value: '' }],
      secret: undefined,
    }),
    { image: 'a', environment: [{ name: 'A', value: '' }] },
  );
});

test('only what differs from the defaults is worth writing down', () => {
  assert.deepEqual(
    withoutDefaults(schema, {
      image: 'a',
      port: 80,
      environment: [],
      volume: { size: '1Gi' },
      store: { mode: 'inside' },
    }),
    { image: 'a', store: { mode: 'inside' } },
  );
  assert.deepEqual(withoutDefaults(schema, { port: 81, volume: { size: '2Gi', limit: 3 } }), {
    port: 81,
    volume: { size: '2Gi', limit: 3 },
  });
});

test('values are the same as themselves in another order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(sameValue(value, turned), true);
      assert.equal(
        sameValue({ ...value, 'another key': 1 }, value),
        Object.hasOwn(value, 'another key') && value['another key'] === 1,
      );
    }),
  );
});

test('problems are sorted to their fields, others stay beside the form', () => {
  const { atFields, elsewhere } = sortProblems(
    schema,
    [
      { code: 'InvalidValue', field: 'values.environment.0.name', message: 'bad name' },
      { code: 'InvalidValue', field: 'values.db.size', message: 'of a dependency' },
      { code: 'NameTaken', field: 'application', message: 'taken' },
      { code: 'X', message: 'no field' },
    ],
    'values.',
  );
  assert.deepEqual(atFields, { environment: { 0: { name: { __errors: ['bad name'] } } } });
  assert.deepEqual(
    elsewhere.map((problem) => problem.message),
    ['of a dependency', 'taken', 'no field'],
  );
});

test('a field named like a part of every object is data', () => {
  const { atFields } = sortProblems({ properties: { ['__proto__x']: {}, a: {} } }, [
    { code: 'X', field: 'a.__proto__.b', message: 'm' },
  ]);
  assert.equal(({} as { b?: unknown }).b, undefined);
  assert.equal(Object.hasOwn(atFields.a as object, '__proto__'), true);
});

test('hints and types decide how a field is drawn', () => {
  const ui = toUiSchema(schema);
  assert.equal(ui.secret['ui:widget'], 'password');
  assert.equal(ui.environment.items.value['ui:emptyValue'], '');
  assert.equal(ui.environment.items.name['ui:emptyValue'], undefined);
  assert.deepEqual(ui.args.items['ui:options'], { 'aria-label': 'Entry of Arguments' });
});

test('an empty branch that the form left behind is no error, a message at any depth is one', () => {
  assert.equal(holdsErrors(undefined), false);
  assert.equal(holdsErrors({ 0: { name: {} } } as never), false);
  assert.equal(holdsErrors({ 0: { name: { __errors: [] } } } as never), false);
  assert.equal(holdsErrors({ 0: { name: { __errors: ['wrong'] } } } as never), true);
});
