import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Catalog } from '../catalog/catalog.ts';
import type { PlanRow } from './plan-store.ts';
import { findMoved } from './stale.ts';

const seen = '1'.repeat(40);
const moved = '2'.repeat(40);

function kit(heads: Record<string, string>, digest = 'sha256:one') {
  const repositories = {
    exists: async ({ name }: { name: string }) => Object.hasOwn(heads, name),
    head: async ({ name }: { name: string }) => (heads[name] === '' ? undefined : heads[name]),
    history: async () => [
      { message: 'Configure\n\nmore', author: { name: 'Git name' }, pusher: { name: 'Dana' } },
    ],
  } as never;
  const catalog = {
    find: () => (digest === '' ? undefined : { digest }),
  } as unknown as Catalog;
  return { repositories, catalog };
}

const row = {
  organization: 'acme',
  branch: 'develop',
  steps: [
    { application: 'blog', kind: 'create-repository', expectedHead: null },
    { application: 'shop', kind: 'commit', expectedHead: seen },
  ],
  plan: {
    pins: [
      { repository: 'acme/blog', branch: 'develop', head: null },
      { repository: 'acme/shop', branch: 'develop', head: seen },
      { repository: 'acme/db', branch: 'develop', head: seen },
    ],
  },
  blueprints: [{ name: 'bp-shop', version: '1.0.0', digest: 'sha256:one' }],
} as unknown as PlanRow;

const cases: { name: string; heads: Record<string, string>; digest?: string; want: [string, RegExp][] }[] = [
  { name: 'nothing where nothing moved', heads: { shop: seen, db: seen }, want: [] },
  {
    name: 'a branch that a step changes, with who moved it',
    heads: { shop: moved, db: seen },
    want: [['acme/shop', /acme\/shop develop moved from 1111111 to 2222222 by Dana \("Configure"\)/]],
  },
  {
    name: 'a provider that the plan binds to',
    heads: { shop: seen, db: moved },
    want: [['acme/db', /acme\/db/]],
  },
  { name: 'a branch that is gone', heads: { shop: '', db: seen }, want: [['acme/shop', /to nothing\./]] },
  {
    name: 'a repository that somebody else made, even where its branch is still empty',
    heads: { blog: '', shop: seen, db: seen },
    want: [['acme/blog', /made meanwhile/]],
  },
  {
    name: 'a version that is another package',
    heads: { shop: seen, db: seen },
    digest: 'sha256:two',
    want: [['bp-shop', /another package.*sha256:one.*sha256:two/]],
  },
  {
    name: 'a version that is gone',
    heads: { shop: seen, db: seen },
    digest: '',
    want: [['bp-shop', /no longer in the catalog/]],
  },
];

describe('findMoved', () => {
  for (const { name, heads, digest, want } of cases)
    it(`names ${name}`, async () => {
      const problems = await findMoved(kit(heads, digest), row);
      assert.deepEqual(
        problems.map(({ field }) => field),
        want.map(([field]) => field),
      );
      for (const [index, [, words]] of want.entries()) assert.match(problems[index]?.message ?? '', words);
      assert.ok(problems.every(({ code }) => code === 'Stale'));
    });
});
