import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { createEncryptedFileSecrets } from '../../adapters/secrets/encrypted-file/encrypted-file-secrets.ts';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { createEnsureSecrets } from './ensure-secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'catalyst-ensure-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const spec = {
  'bp-wordpress': {
    secrets: [{ name: 'keys', keys: [{ name: 'AUTH', generate: { kind: 'hex', length: 16 } }] }],
  },
  'bp-mariadb': {
    provides: {
      service: 'mariadb',
      port: 3306,
      binding: {
        chart: './binding',
        keys: [
          { name: 'username', value: '{application}_{alias}' },
          { name: 'password', generate: { kind: 'password', length: 24 } },
        ],
      },
    },
  },
} as const;
const catalog = {
  find: (name: string) =>
    name in spec
      ? ({ name, blueprint: { spec: spec[name as keyof typeof spec] } } as unknown as BlueprintVersion)
      : undefined,
} as unknown as Catalog;
const declaration: ApplicationDeclaration = {
  application: 'blog',
  organization: 'acme',
  environment: 'acme-dev',
  blueprint: { name: 'bp-wordpress', version: '1.0.0', digest: 'sha256:x' },
  requires: [{ alias: 'db', blueprint: 'bp-mariadb', version: '^1.0' }],
  bindings: [{ alias: 'db', application: 'blog-db' }],
  hosts: [],
  paused: false,
};

describe('ensureSecrets', () => {
  const secrets = createEncryptedFileSecrets({ directory });
  let count = 0;
  const next = () => {
    count += 1;
    return count;
  };
  const generator = {
    password: (length: number) => `p${next()}`.padEnd(length, 'x'),
    hex: (length: number) => `${next()}`.padEnd(length, 'a'),
    uuid: () => 'uuid',
  };
  const ensure = createEnsureSecrets({ secrets, catalog, generator });

  it('makes what the Blueprint and the binding ask for', async () => {
    await ensure(declaration, {});
    assert.deepEqual((await secrets.read('acme-dev/blog/keys'))?.values, { AUTH: '1'.padEnd(16, 'a') });
    const binding = await secrets.read('acme-dev/blog/bindings/db');
    assert.deepEqual(binding?.values, { username: 'blog_db', password: 'p2'.padEnd(24, 'x') });
  });

  it('makes an empty one for a provider that gives none, and none for what is not bound', async () => {
    const provider = { alias: 'site', blueprint: 'bp-wordpress', version: '^1.0' };
    const requires = [provider, { ...provider, alias: 'spare', when: '{{ false }}' }];
    const bindings = [{ alias: 'site', application: 'blog' }];
    await ensure({ ...declaration, application: 'front', requires, bindings }, {});
    assert.deepEqual((await secrets.read('acme-dev/front/bindings/site'))?.values, {});
    assert.equal(await secrets.read('acme-dev/front/bindings/spare'), undefined);
  });

  it('changes nothing when it runs again, twice at once too', async () => {
    await Promise.all([ensure(declaration, {}), ensure(declaration, {})]);
    assert.equal((await secrets.read('acme-dev/blog/keys'))?.version, 1);
    assert.equal((await secrets.read('acme-dev/blog/bindings/db'))?.version, 1);
  });

  it('adds a key that a later version asks for, and keeps the others', async () => {
    await secrets.write('acme-dev/shop/keys', { OTHER: 'kept' }, 0);
    await ensure({ ...declaration, application: 'shop' }, {});
    const values = (await secrets.read('acme-dev/shop/keys'))?.values;
    assert.equal(values?.['OTHER'], 'kept');
    assert.match(values?.['AUTH'] ?? '', /^\d+a+$/);
  });

  it('says which Blueprint is gone', async () => {
    await assert.rejects(
      ensure({ ...declaration, blueprint: { ...declaration.blueprint, name: 'bp-gone' } }, {}),
      { code: 'Unavailable' },
    );
  });
});
