import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import { createShares } from './shares.ts';

const limits = {
  all: { atOnce: 3, waiting: 8 },
  ofOrganization: { atOnce: 2, waiting: 5 },
  ofPerson: { atOnce: 1, waiting: 2 },
};

/** Shares, and who got in so far. */
function open() {
  const shares = createShares(limits);
  const inside: string[] = [];
  const releases = new Map<string, () => void>();
  const ask = async (name: string, signal = new AbortController().signal) => {
    const [organization = '', person = ''] = name.split('/');
    releases.set(name, await shares.acquire({ organization, person: `${organization}/${person}`, signal }));
    inside.push(name);
  };
  const tell = (error: unknown) => (error instanceof CatalystError ? error.code : String(error));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { inside, ask: (...what: Parameters<typeof ask>) => ask(...what).catch(tell), releases, settle };
}

describe('shares', () => {
  it('leave room for others: of a person, then of an Organization, then of all', async () => {
    const { inside, ask, settle } = open();
    for (const name of ['acme/a/1', 'acme/a/2', 'acme/b/1', 'acme/c/1', 'globex/a/1', 'globex/b/1'])
      void ask(name);
    await settle();
    assert.deepEqual(inside, ['acme/a/1', 'acme/b/1', 'globex/a/1']);
  });

  it('go by turns, and pass over who has his share', async () => {
    const { inside, ask, settle, releases } = open();
    for (const name of ['acme/a/1', 'acme/b/1', 'globex/a/1', 'acme/a/2', 'acme/c/1', 'initech/a/1'])
      void ask(name);
    await settle();
    for (const [left, next] of [
      ['globex/a/1', 'initech/a/1'],
      ['acme/b/1', 'acme/c/1'],
      ['acme/a/1', 'acme/a/2'],
    ] as const) {
      releases.get(left)?.();
      releases.get(left)?.();
      await settle();
      assert.equal(inside.at(-1), next);
    }
    assert.equal(inside.length, 6);
  });

  it('refuse one who waits too often without refusing others', async () => {
    const { ask, inside, settle, releases } = open();
    const asked = ['acme/a/1', 'acme/a/2', 'acme/a/3'].map((name) => ask(name));
    assert.equal(await ask('acme/a/4'), 'TooMany');
    void ask('globex/a/1');
    await settle();
    assert.deepEqual(inside, ['acme/a/1', 'globex/a/1']);
    for (const name of ['acme/a/1', 'acme/a/2']) {
      releases.get(name)?.();
      await settle();
    }
    await Promise.all(asked);
  });

  it('forget who leaves the queue', async () => {
    const { ask, inside, settle, releases } = open();
    void ask('acme/a/1');
    const leaving = new AbortController();
    const asked = ask('acme/a/2', leaving.signal);
    void ask('acme/a/3');
    leaving.abort();
    assert.equal(await asked, 'Unavailable');
    releases.get('acme/a/1')?.();
    await settle();
    assert.deepEqual(inside, ['acme/a/1', 'acme/a/3']);
  });
});
