import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { validateConfig } from '../config/config-schema.ts';
import { applyDefaults, restrictToSchema } from '../config/defaults.ts';
import type { Blueprint } from '../resources/blueprint.ts';
import { parseYamlObject } from '../yaml/parse-yaml.ts';
import { secretsOf } from './secrets-of.ts';
import { parseBlueprint } from './validate.ts';

const platform = new URL('../../../../platform/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, platform), 'utf8');

const good = {
  apiVersion: 'catalyst.openova.io/v1alpha1',
  kind: 'Blueprint',
  metadata: { name: 'bp-thing' },
  spec: {
    version: '1.2.3',
    card: { title: 'Thing', tagline: 'A thing', category: 'general' },
    visibility: 'listed',
    configSchema: { type: 'object' },
    manifests: { source: { kind: 'HelmChart', ref: './chart' } },
  },
};
const spec = (fields: object) => ({ ...good, spec: { ...good.spec, ...fields } });
const key = { name: 'a', generate: { kind: 'hex' } };

describe('parseBlueprint', () => {
  const cases: { name: string; given: object; want: [string, string | undefined][] }[] = [
    { name: 'the documented shape', given: good, want: [] },
    { name: 'a kind that is none', given: { ...good, kind: 'Blueprnt' }, want: [['InvalidField', 'kind']] },
    {
      name: 'a misspelt field',
      given: spec({ visibilty: 'listed' }),
      want: [['InvalidField', 'spec.visibilty']],
    },
    {
      name: 'a version that is none',
      given: spec({ version: '1.2' }),
      want: [['InvalidField', 'spec.version']],
    },
    {
      name: 'a misspelt keyword of the schema',
      given: spec({ configSchema: { type: 'object', propertys: {} } }),
      want: [['InvalidSchema', 'spec.configSchema']],
    },
    {
      name: 'a preset that its own schema takes, also where something else has no default',
      given: spec({
        configSchema: {
          type: 'object',
          required: ['image'],
          additionalProperties: false,
          properties: { image: { type: 'string' }, replicas: { type: 'integer', default: 1 } },
        },
        manifests: { source: { kind: 'HelmChart', ref: './chart' }, overlays: { large: { replicas: 3 } } },
      }),
      want: [],
    },
    {
      name: 'a preset that its own schema refuses',
      given: spec({
        configSchema: {
          type: 'object',
          properties: { replicas: { type: 'integer', maximum: 2, default: 1 } },
        },
        manifests: { source: { kind: 'HelmChart', ref: './chart' }, overlays: { large: { replicas: 3 } } },
      }),
      want: [['InvalidValue', 'spec.manifests.overlays.large.replicas']],
    },
    {
      name: 'a range that is none',
      given: spec({ depends: [{ blueprint: 'bp-a', version: 'newest', alias: 'a' }] }),
      want: [['InvalidField', 'spec.depends.0.version']],
    },
    {
      name: 'itself as dependency',
      given: spec({ depends: [{ blueprint: 'bp-thing', version: '1', alias: 'a' }] }),
      want: [['DependencyCycle', 'spec.depends.0.blueprint']],
    },
    {
      name: 'a condition that does not parse',
      given: spec({ depends: [{ blueprint: 'bp-a', version: '1', alias: 'a', when: '{{ .config. }}' }] }),
      want: [['InvalidCondition', 'spec.depends.0.when']],
    },
    {
      name: 'a template that reaches outside',
      given: spec({
        depends: [{ blueprint: 'bp-a', version: '1', alias: 'a', values: { a: '{{ .Values.b }}' } }],
      }),
      want: [['TemplateScope', 'spec.depends.0.values.a']],
    },
    {
      name: 'an alias that a secret has',
      given: spec({
        secrets: [{ name: 'db', keys: [key] }],
        depends: [{ blueprint: 'bp-a', version: '1', alias: 'db' }],
      }),
      want: [['Duplicate', 'spec.depends.0.alias']],
    },
    {
      name: 'a secret without keys',
      given: spec({ secrets: [{ name: 'a', keys: [] }] }),
      want: [['InvalidField', 'spec.secrets.0.keys']],
    },
    {
      name: 'a key that is neither made nor fixed',
      given: spec({ secrets: [{ name: 'a', keys: [{ name: 'x' }] }] }),
      want: [['InvalidField', 'spec.secrets.0.keys.0']],
    },
  ];
  for (const { name, given, want } of cases)
    it(name, () => {
      const result = parseBlueprint(stringify(given));
      assert.deepEqual(result.ok ? [] : result.problems.map((p) => [p.code, p.field]), want);
    });

  it('answers for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseBlueprint(text).ok === 'boolean'));
  });

  it('answers for any JSON in any place', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('card', 'depends', 'manifests', 'secrets', 'configSchema', 'provides'),
        (value, at) => typeof parseBlueprint(JSON.stringify(spec({ [at]: value }))).ok === 'boolean',
      ),
    );
  });
});

describe('shapes found in the wild', () => {
  const card = { title: 'Thing', summary: 'A thing', category: 'general' };
  const cases: { name: string; given: object }[] = [
    {
      name: 'A',
      given: {
        ...good,
        spec: {
          version: '1.0.0',
          card,
          visibility: 'unlisted',
          manifests: { chart: './chart' },
          depends: ['bp-flux', { blueprint: 'bp-b', version: '1.x' }],
        },
      },
    },
    {
      name: 'B',
      given: {
        apiVersion: 'catalyst.openova.io/v1',
        kind: 'Blueprint',
        metadata: { name: 'thing' },
        spec: {
          version: '1.0.0',
          card: {
            title: 'Thing',
            family: 'data',
            description: 'A thing. And more.',
            docs: 'https://example.com/',
          },
        },
      },
    },
  ];
  for (const { name, given } of cases)
    it(`${name} is read with warnings`, () => {
      const result = parseBlueprint(stringify(given));
      assert.ok(result.ok, JSON.stringify(result));
      assert.equal(result.value.blueprint.metadata.name, 'bp-thing');
      assert.ok(result.value.warnings.length >= 3);
    });
});

describe('secretsOf', () => {
  const blueprint = spec({
    secrets: [
      { name: 'fixed', keys: [key] },
      { name: 'generated', keys: [], keysFrom: 'app.secrets' },
    ],
  }) as unknown as Blueprint;
  it('takes names from the configuration', () =>
    assert.deepEqual(
      secretsOf(blueprint, {
        app: {
          secrets: [{ name: 'K', length: 64 }, { name: 'L' }, { name: 'K' }, { name: '../x' }, 3, null],
        },
      }).slice(1),
      [
        {
          name: 'generated',
          keys: [
            { name: 'K', generate: { kind: 'password', length: 64 } },
            { name: 'L', generate: { kind: 'password', length: 32 } },
          ],
        },
      ],
    ));
  it('leaves out a secret without keys', () =>
    assert.deepEqual(
      secretsOf(blueprint, {}).map((secret) => secret.name),
      ['fixed'],
    ));
  it('answers for any configuration', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => secretsOf(blueprint, { app: { secrets: value } }).length >= 1),
    );
  });
});

describe('the Blueprints of this repository', () => {
  for (const name of ['web-app', 'mariadb', 'postgres', 'valkey', 'wordpress'])
    it(`${name} is strict, and its chart and its schema state the same defaults`, () => {
      const result = parseBlueprint(read(`${name}/blueprint.yaml`));
      assert.ok(result.ok, JSON.stringify(result));
      assert.deepEqual(result.value.warnings, []);
      const schema = result.value.blueprint.spec.configSchema;
      const values = parseYamlObject(read(`${name}/chart/values.yaml`), 'values.yaml');
      assert.ok(values.ok);
      assert.deepEqual(restrictToSchema(schema, values.value), applyDefaults(schema));
      assert.deepEqual(validateConfig(schema, applyDefaults(schema)), []);
    });

  it('starter is strict, and its defaults fit its schema', () => {
    const result = parseBlueprint(
      readFileSync(new URL('../products/starter/blueprint.yaml', platform), 'utf8'),
    );
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.value.warnings, []);
    const schema = result.value.blueprint.spec.configSchema;
    assert.deepEqual(validateConfig(schema, applyDefaults(schema)), []);
  });
});
