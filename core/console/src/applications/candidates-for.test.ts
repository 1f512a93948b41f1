import assert from 'node:assert/strict';
import test from 'node:test';
import { candidatesFor } from './candidates-for.ts';

const application = (name: string, blueprint: string) => ({
  name,
  blueprint: { name: blueprint, version: '1.0.0', digest: '' },
});

test('a dependency can go to others of its Blueprint, not to itself and not where it is', () => {
  const others = [
    application('z-db', 'bp-mariadb'),
    application('a-db', 'bp-mariadb'),
    application('blog-db', 'bp-mariadb'),
    application('cache', 'bp-valkey'),
  ];
  assert.deepEqual(candidatesFor({ blueprint: 'bp-mariadb', application: 'blog-db' }, 'blog', others), [
    'a-db',
    'z-db',
  ]);
});
