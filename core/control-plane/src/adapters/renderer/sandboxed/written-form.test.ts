import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { buildWritten } from '@catalyst/model/application-repository/build-written.ts';
import {
  type RepositoryFiles,
  writeBase,
  writeOverlay,
} from '@catalyst/model/application-repository/write-files.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { parseYamlDocuments } from '@catalyst/model/yaml/parse-yaml.ts';
import fc from 'fast-check';
import { tools } from './testing/renderer-kit.ts';

const root = mkdtempSync(join(tmpdir(), 'catalyst-written-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** What the tool itself makes of the files. */
function kustomize(files: RepositoryFiles, path: string): unknown {
  const folder = mkdtempSync(join(root, 'form-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const output = execFileSync(tools.kubectl, ['kustomize', join(folder, path)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const parsed = parseYamlDocuments(output, 'output');
  assert.ok(parsed.ok);
  return parsed.value;
}

interface Given {
  readonly application: string;
  readonly secrets: readonly string[];
  readonly aliases: readonly string[];
  readonly conditional: readonly string[];
  readonly base: JsonObject;
  readonly overlay: JsonObject;
}

function filesOf({ application, secrets, aliases, conditional, base, overlay }: Given): RepositoryFiles {
  const bindings = aliases.map((alias) => ({ alias, application: `${alias}-db`, service: 'db', port: 5432 }));
  return {
    ...writeBase({
      application,
      organization: 'acme',
      blueprint: {
        name: 'bp-thing',
        version: '1.2.3',
        digest: `sha256:${'0a'.repeat(32)}`,
        url: 'oci://localhost:8080/catalog/bp-thing',
      },
      requires: aliases
        .filter((alias) => !conditional.includes(alias))
        .map((alias) => ({ alias, blueprint: 'bp-db', version: '^1' })),
      secrets: [...secrets],
      values: base,
    }),
    ...writeOverlay({
      application,
      organization: 'acme',
      environment: 'acme-dev',
      envType: 'dev',
      hosts: [`${application}.acme-dev.localhost`],
      url: `http://${application}.acme-dev.localhost:8080`,
      bindings,
      conditional: [...conditional],
      values: overlay,
    }),
  };
}

const plain: Given = {
  application: 'blog',
  secrets: ['admin'],
  aliases: ['db', 'cache'],
  conditional: ['cache'],
  base: { title: 'Our blog' },
  overlay: { replicas: 3 },
};

function built(files: RepositoryFiles): unknown {
  const bytes = new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  return buildWritten(bytes, 'overlays/dev');
}

describe('files as Catalyst writes them', () => {
  it('are built without the tool to what the tool makes of them', () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9]{1,8}(-[a-z0-9]{1,5})?$/)
      .filter((text) => !/-(prod|stg|uat|dev|poc)$/.test(text));
    const names = fc.uniqueArray(name, { maxLength: 4 });
    const word = fc.oneof(
      { weight: 20, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 12 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
      { weight: 4, arbitrary: fc.constantFrom('<&>', 'yes', 'مسقط', 'a: b', ' x ', '#', "'", '10_000') },
    );
    const values = fc.dictionary(name, fc.oneof(word, fc.integer(), fc.boolean(), fc.array(word)));
    let taken = 0;
    fc.assert(
      fc.property(
        name,
        names,
        names,
        fc.nat(),
        values,
        values,
        (application, all, aliases, cut, base, overlay) => {
          const files = filesOf({
            application,
            secrets: all.filter((entry) => !aliases.includes(entry)),
            aliases,
            conditional: aliases.slice(0, cut % (aliases.length + 1)),
            base: base as JsonObject,
            overlay: overlay as JsonObject,
          });
          const own = built(files);
          if (own === undefined) return;
          taken += 1;
          assert.deepEqual(own, kustomize(files, 'overlays/dev'));
        },
      ),
      { numRuns: 60, examples: [['blog', ['admin'], ['db', 'cache'], 1, { t: '<b>&' }, { r: 3 }]] },
    );
    assert.ok(taken > 20, `only ${taken} of 60 were built without the tool`);
  });

  for (const [what, change] of [
    ['a kustomization with a word more', { 'base/kustomization.yaml': 'namePrefix: x-\n' }],
    ['an overlay with a comment', { 'overlays/dev/kustomization.yaml': '# mine\n' }],
    ['a release that was altered', { 'base/release.yaml': '# mine\n' }],
    ['a secret that was altered', { 'base/secrets/admin.yaml': '# mine\n' }],
    ['a second kustomization', { 'base/kustomization.yml': 'kind: Kustomization\n' }],
    ['line ends of Windows', { 'base/values.yaml': 'a: 1\r\n' }],
    ['a patch that makes the Application part of the result', { 'overlays/dev/application.yaml': 'x: 1\n' }],
  ] as const)
    it(`are left to the tool: ${what}`, () => {
      const files: RepositoryFiles = filesOf(plain);
      for (const [path, more] of Object.entries(change)) files[path] = `${files[path] ?? ''}${more}`;
      assert.equal(built(files), undefined);
    });
  it('are left to the tool where a file is missing or is no text', () => {
    for (const path of Object.keys(filesOf(plain))) {
      const { [path]: _, ...rest } = filesOf(plain);
      assert.equal(built(rest), undefined, path);
    }
    assert.notEqual(built(filesOf(plain)), undefined);
  });
});
