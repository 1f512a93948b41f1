import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ConfigSchema, checkConfigSchema, validateConfig } from './config-schema.ts';
import { applyDefaults, restrictToSchema } from './defaults.ts';

const schema: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['image'],
  properties: {
    image: { type: 'string', minLength: 1, pattern: '^[a-z/:.0-9-]+$' },
    tag: { type: 'string', pattern: '^[A-Z]$' },
    host: { type: 'string', format: 'hostname' },
    mode: { enum: ['embedded', 'external'], default: 'embedded', 'x-catalyst-ui-hint': 'password' },
    environment: {
      type: 'array',
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    },
    volume: { $ref: '#/definitions/volume' },
  },
  definitions: {
    volume: {
      type: 'object',
      properties: { size: { type: 'string', default: '1Gi' }, keep: { type: 'boolean', default: true } },
    },
  },
};

describe('validateConfig', () => {
  const cases: { name: string; given: unknown; want: [string, string | undefined][] }[] = [
    { name: 'accepts what fits', given: { image: 'nginx:1' }, want: [] },
    { name: 'names what is missing', given: {}, want: [['InvalidValue', 'image']] },
    { name: 'names what is unknown', given: { image: 'a', imaeg: 'b' }, want: [['InvalidValue', 'imaeg']] },
    {
      name: 'names a field in a list',
      given: { image: 'a', environment: [{ name: 3 }] },
      want: [['InvalidValue', 'environment.0.name']],
    },
    {
      name: 'tells two patterns apart',
      given: { image: 'a', tag: 'A' },
      want: [],
    },
    { name: 'knows formats', given: { image: 'a', host: '-x-' }, want: [['InvalidValue', 'host']] },
    { name: 'refuses another type at the root', given: [], want: [['InvalidValue', undefined]] },
    {
      name: 'keeps a pattern from a huge string',
      given: { image: 'a'.repeat(5000) },
      want: [['InvalidValue', 'image']],
    },
    {
      name: 'refuses a string over the limit',
      given: { image: 'a'.repeat(300_000) },
      want: [['TooLarge', undefined]],
    },
    {
      name: 'refuses too many nodes',
      given: { image: 'a', environment: Array(30_000).fill(1) },
      want: [['TooLarge', undefined]],
    },
  ];
  for (const { name, given, want } of cases)
    it(name, () =>
      assert.deepEqual(
        validateConfig(schema, given).map((p) => [p.code, p.field]),
        want,
      ),
    );

  it('answers for any JSON whatever', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => Array.isArray(validateConfig(schema, value))));
  });

  it('reads the 2020-12 draft', () => {
    const modern = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { a: { prefixItems: [{ type: 'string' }] } },
    };
    assert.equal(validateConfig(modern, { a: [1] })[0]?.field, 'a.0');
  });
});

describe('checkConfigSchema', () => {
  const deep = (levels: number): ConfigSchema =>
    levels === 0 ? { type: 'string' } : { type: 'object', properties: { a: deep(levels - 1) } };
  const cases: { name: string; given: ConfigSchema; good: boolean }[] = [
    { name: 'a good one', given: schema, good: true },
    { name: 'a misspelt keyword', given: { type: 'object', propertys: {} }, good: false },
    {
      name: 'a foreign reference',
      given: { type: 'object', properties: { a: { $ref: 'http://127.0.0.1/x' } } },
      good: false,
    },
    { name: 'a file reference', given: { type: 'object', $ref: 'file:///etc/passwd' }, good: false },
    { name: 'a schema of something else than an object', given: { type: 'string' }, good: false },
    {
      name: 'an unfinished pattern',
      given: { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
      good: false,
    },
    {
      name: 'a very long pattern',
      given: { type: 'object', properties: { a: { type: 'string', pattern: 'a'.repeat(400) } } },
      good: false,
    },
    { name: 'endless depth', given: { ...deep(60), type: 'object' }, good: false },
    {
      name: 'a type that does not exist',
      given: { type: 'object', properties: { a: { type: 'sting' } } },
      good: false,
    },
  ];
  for (const { name, given, good } of cases)
    it(name, () => assert.equal(checkConfigSchema(given).length === 0, good));
});

describe('defaults', () => {
  it('collects what the schema states', () =>
    assert.deepEqual(applyDefaults(schema), { mode: 'embedded', volume: { size: '1Gi', keep: true } }));
  it('ends on a schema that refers to itself', () => {
    const loop = { type: 'object', properties: { a: { $ref: '#' } }, default: { b: 1 } };
    assert.deepEqual(applyDefaults({ ...loop, default: undefined }), {});
    assert.deepEqual(typeof applyDefaults(loop), 'object');
  });
  it('keeps of a chart only what the schema offers', () =>
    assert.deepEqual(
      restrictToSchema(schema, { image: 'a', internal: 1, volume: { size: '2Gi', other: 1 } }),
      { image: 'a', volume: { size: '2Gi' } },
    ));
});
