import assert from 'node:assert/strict';
import test from 'node:test';
import { parseOpened, promotePath, promotionPath } from './promotion-address.ts';

test('a promotion is planned below its destination, for one Application, for several, or for those to be chosen', () => {
  assert.equal(
    promotePath('acme-stg', { from: 'acme-dev', applications: ['blog', 'db'] }),
    '/environments/acme-stg/promote?from=acme-dev&application=blog&application=db',
  );
  assert.equal(promotePath('acme-stg', { from: 'acme-dev' }), '/environments/acme-stg/promote?from=acme-dev');
});

test('pull requests keep their order on the way through an address', () => {
  const opened = [
    { application: 'db', number: 2 },
    { application: 'blog', number: 14 },
  ];
  const url = new URL(promotionPath('acme-stg', opened), 'http://localhost');
  assert.equal(url.pathname, '/environments/acme-stg/promotion');
  assert.deepEqual(parseOpened(url.searchParams.getAll('opened')), opened);
});

test('what is no pull request is left out of an address', () => {
  assert.deepEqual(parseOpened(['db', 'db/0', '../x/1', 'db/1e9', 'db/1/2', 'db/3']), [
    { application: 'db', number: 3 },
  ]);
});
