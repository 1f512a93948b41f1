import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { Secrets } from './secrets.ts';

/** A secret store under test: `reopen` gives the same data as a new process would see it. */
export interface SecretsUnderTest {
  readonly secrets: Secrets;
  reopen(): Promise<Secrets>;
  dispose(): Promise<void>;
}

/** The laws of `Secrets`, for any adapter. */
export function secretsContract(name: string, create: () => Promise<SecretsUnderTest>): void {
  const withSecrets = (work: (secrets: Secrets, subject: SecretsUnderTest) => Promise<void>) => async () => {
    const subject = await create();
    try {
      await work(subject.secrets, subject);
    } finally {
      await subject.dispose();
    }
  };

  describe(`${name} keeps secrets`, () => {
    it(
      'writes by check-and-set, counting versions from 1',
      withSecrets(async (secrets, subject) => {
        assert.equal(await secrets.read('acme-dev/shop/db'), undefined);
        assert.equal(await secrets.write('acme-dev/shop/db', { password: 'a"\u{1f600}' }, 1), false);
        assert.equal(await secrets.write('acme-dev/shop/db', { password: 'a"\u{1f600}' }, 0), true);
        assert.equal(await secrets.write('acme-dev/shop/db', { password: 'b' }, 0), false);
        assert.deepEqual(await secrets.read('acme-dev/shop/db'), {
          version: 1,
          values: { password: 'a"\u{1f600}' },
        });
        assert.equal(await secrets.write('acme-dev/shop/db', { password: 'b', user: 'c' }, 1), true);
        const again = await subject.reopen();
        assert.deepEqual(await again.read('acme-dev/shop/db'), {
          version: 2,
          values: { password: 'b', user: 'c' },
        });
      }),
    );

    it(
      'lets exactly one of twenty concurrent writers win',
      withSecrets(async (secrets) => {
        const won = await Promise.all(
          Array.from({ length: 20 }, (_, at) => secrets.write('acme-dev/shop/db', { at: String(at) }, 0)),
        );
        assert.equal(won.filter(Boolean).length, 1);
      }),
    );

    it(
      'counts on when versions are many',
      withSecrets(async (secrets) => {
        for (let version = 0; version < 15; version++)
          assert.equal(await secrets.write('a/b/c', { v: String(version) }, version), true);
        assert.deepEqual(await secrets.read('a/b/c'), { version: 15, values: { v: '14' } });
      }),
    );

    it(
      'lists metadata by path prefix, without values, and deletes one path or all below a prefix',
      withSecrets(async (secrets) => {
        for (const path of [
          'acme-dev/shop',
          'acme-dev/shop/db',
          'acme-dev/shop/bindings/db',
          'acme-dev/shop2/db',
        ])
          await secrets.write(path, { z: 'hidden', a: 'hidden' }, 0);
        const paths = async (prefix: string) => (await secrets.metadata(prefix)).map(({ path }) => path);
        assert.deepEqual(await paths('acme-dev/shop/'), ['acme-dev/shop/bindings/db', 'acme-dev/shop/db']);
        assert.equal((await paths('')).length, 4);
        const [one] = await secrets.metadata('acme-dev/shop2/');
        assert.deepEqual(
          { ...one, createdAt: '' },
          { path: 'acme-dev/shop2/db', version: 1, keys: ['a', 'z'], createdAt: '' },
        );
        assert.ok(!Number.isNaN(Date.parse(one?.createdAt ?? '')));
        await secrets.delete('acme-dev/shop');
        assert.deepEqual(await paths('acme-dev/shop/'), ['acme-dev/shop/bindings/db', 'acme-dev/shop/db']);
        await secrets.delete('acme-dev/shop/');
        await secrets.delete('acme-dev/none/');
        assert.deepEqual(await paths(''), ['acme-dev/shop2/db']);
        assert.equal(await secrets.write('acme-dev/shop/db', { a: 'b' }, 0), true);
      }),
    );

    it(
      'refuses paths that are no paths, and values that are too large',
      withSecrets(async (secrets) => {
        const invalid = (error: unknown) => error instanceof CatalystError && error.code === 'Invalid';
        for (const path of [
          '',
          '/a',
          'a/',
          'a//b',
          '../a',
          'a/../b',
          '.',
          'a/.hidden',
          'a\u0000b',
          'a b',
          'a=',
          'a\\b',
        ])
          await assert.rejects(secrets.write(path, { a: 'b' }, 0), invalid, path);
        await assert.rejects(secrets.read('../key'), invalid);
        await assert.rejects(secrets.delete('a/../../'), invalid);
        await assert.rejects(secrets.metadata('../'), invalid);
        await assert.rejects(
          secrets.write('a/b', { a: 'x'.repeat(2 * 1024 * 1024) }, 0),
          (error) => error instanceof CatalystError && error.code === 'TooLarge',
        );
      }),
    );
  });
}
