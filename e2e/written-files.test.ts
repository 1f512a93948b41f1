import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeBase, writeOverlay } from '@catalyst/model/application-repository/write-files.ts';
import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '..');
const kubectl = process.env['CATALYST_KUBECTL'] ?? join(root, '.cache/tools/bin/kubectl');

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: object };
    }[];
  };
}

function loadSchemas(): Map<string, ValidateFunction> {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: { int32: true, int64: true, 'date-time': true },
  });
  const schemas = new Map<string, ValidateFunction>();
  for (const file of readdirSync(join(root, 'e2e/crds')).filter((name) => name.endsWith('.yaml'))) {
    const { spec } = parse(readFileSync(join(root, 'e2e/crds', file), 'utf8')) as Crd;
    for (const version of spec.versions)
      schemas.set(
        `${spec.group}/${version.name}/${spec.names.kind}`,
        ajv.compile(version.schema.openAPIV3Schema),
      );
  }
  return schemas;
}

/** Fields that a real API server would refuse or prune, because the schema does not know them. */
function unknownFields(value: unknown, schema: Record<string, unknown> | undefined, path: string): string[] {
  if (!schema || schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownFields(item, schema['items'] as never, `${path}[${index}]`));
  if (value === null || typeof value !== 'object') return [];
  const properties = schema['properties'] as Record<string, Record<string, unknown>> | undefined;
  const more = schema['additionalProperties'];
  if (!properties) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const known = properties[key];
    if (known) return unknownFields(child, known, `${path}.${key}`);
    return more === undefined ? [`${path}.${key}`] : [];
  });
}

describe('the files of an Application repository', () => {
  let folder: string;
  let objects: KubernetesObject[];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'catalyst-written-'));
    const files = {
      ...writeBase({
        application: 'blog',
        organization: 'acme',
        blueprint: {
          name: 'bp-wordpress',
          version: '1.0.0',
          digest: `sha256:${'a'.repeat(64)}`,
          url: 'oci://localhost:7070/catalog/bp-wordpress',
        },
        requires: [{ alias: 'db', blueprint: 'bp-mariadb', version: '^1.0' }],
        secrets: ['keys'],
        values: { title: 'Our blog', replicas: 1 },
      }),
      ...writeOverlay({
        application: 'blog',
        organization: 'acme',
        environment: 'acme-dev',
        envType: 'dev',
        hosts: ['blog.acme-dev.localhost'],
        url: 'http://blog.acme-dev.localhost:7070',
        bindings: [{ alias: 'db', application: 'blog-db', service: 'mariadb', port: 3306 }],
        values: { replicas: 2 },
      }),
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const built = spawnSync(kubectl, ['kustomize', join(folder, 'overlays/dev')], { encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    objects = parseAllDocuments(built.stdout).map((document) => document.toJS() as KubernetesObject);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('builds with plain kubectl kustomize to what Flux and External Secrets run', () => {
    assert.deepEqual(
      objects.map((object) => `${object.kind}/${object.metadata.name.replace(/-[0-9a-z]{10}$/, '')}`).sort(),
      [
        'ConfigMap/values',
        'ExternalSecret/db',
        'ExternalSecret/keys',
        'HelmRelease/blog',
        'OCIRepository/blog',
      ],
    );
  });

  it('carries the digest and the name of the generated ConfigMap into the release', () => {
    const source = objects.find((object) => object.kind === 'OCIRepository') as unknown as {
      spec: { ref: { digest: string } };
    };
    const release = objects.find((object) => object.kind === 'HelmRelease') as unknown as {
      spec: { valuesFrom: { name: string; valuesKey: string }[] };
    };
    const values = objects.find((object) => object.kind === 'ConfigMap');
    assert.equal(source.spec.ref.digest, `sha256:${'a'.repeat(64)}`);
    assert.deepEqual(
      release.spec.valuesFrom.map((entry) => [entry.name, entry.valuesKey]),
      ['values.yaml', 'overlay.yaml', 'bindings.yaml'].map((key) => [values?.metadata.name, key]),
    );
  });

  it('satisfies the schemas of the custom resources, without a field that they do not know', () => {
    const schemas = loadSchemas();
    const custom = objects.filter((object) => object.kind !== 'ConfigMap');
    assert.equal(custom.length, 4);
    for (const object of custom) {
      const validate = schemas.get(`${object.apiVersion}/${object.kind}`);
      assert.ok(validate, `no schema for ${object.apiVersion} ${object.kind}`);
      assert.ok(validate(object), JSON.stringify(validate.errors));
      const { metadata: _server, ...rest } = object;
      assert.deepEqual(unknownFields(rest, validate.schema as Record<string, unknown>, object.kind), []);
    }
  });
});
