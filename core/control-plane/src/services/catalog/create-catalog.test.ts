import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BlueprintSource, BlueprintVersion } from '../../ports/blueprint-source.ts';
import { createCatalog } from './create-catalog.ts';

const entry = (name: string, version: string, origin: string, visibility: string) =>
  ({ name, version, origin, blueprint: { spec: { visibility } } }) as unknown as BlueprintVersion;

const source = {
  list: () => [
    entry('bp-a', '2.0.0', 'catalog', 'listed'),
    entry('bp-a', '1.0.0', 'catalog', 'listed'),
    entry('bp-b', '2.0.0', 'catalog', 'unlisted'),
    entry('bp-b', '1.0.0', 'catalog', 'listed'),
    entry('bp-c', '1.0.0', 'acme', 'private'),
    entry('bp-d', '1.0.0', 'catalog-sovereign', 'private'),
    entry('bp-e', '1.0.0', 'acme', 'listed'),
  ],
  malformed: () => [
    { name: 'bp-x', origin: 'catalog', problems: [] },
    { name: 'bp-y', origin: 'acme', problems: [] },
  ],
} as unknown as BlueprintSource;

describe('Catalog', () => {
  const catalog = createCatalog({ source });
  const [nobody, acme] = [{ organizations: [] }, { organizations: ['acme'] }];
  const names = (viewer: { organizations: string[] }) =>
    catalog.list(viewer).map((version) => `${version.name} ${version.version}`);

  it('lists the newest of what is listed to everybody', () =>
    assert.deepEqual(names(nobody), ['bp-a 2.0.0']));
  it('lists what is private to its Organization', () =>
    assert.deepEqual(names(acme), ['bp-a 2.0.0', 'bp-c 1.0.0', 'bp-e 1.0.0']));
  it('finds an unlisted one by name', () =>
    assert.equal(catalog.find('bp-b', undefined, nobody)?.version, '2.0.0'));
  it("does not find another Organization's", () => {
    assert.equal(catalog.find('bp-c', undefined, nobody), undefined);
    assert.equal(catalog.find('bp-e', '1.0.0', { organizations: ['other'] }), undefined);
    assert.deepEqual(catalog.versions('bp-c', nobody), []);
  });
  it('shows what is malformed to those who can mend it', () => {
    const malformed = (organizations: string[], sovereignAdmin: boolean) =>
      catalog.malformed({ organizations, sovereignAdmin }).map((one) => one.name);
    assert.deepEqual(malformed([], false), []);
    assert.deepEqual(malformed(['acme'], false), ['bp-y']);
    assert.deepEqual(malformed([], true), ['bp-x']);
  });
});
