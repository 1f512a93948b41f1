import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '@catalyst/model/problem.ts';
import type { Identity } from './identity.ts';

/** What an adapter's tests give: a fresh Sovereign without users, and time that they can move. */
export interface IdentityFixture {
  readonly identity: Identity;
  advance(ms: number): void;
}

const password = 'correct horse battery';
const ada = { name: 'Ada', email: 'ada@example.org', password };
const hour = 3_600_000;

/** The law of the `Identity` port, as tests. `make` cleans up through the test context that it is given. */
export function identityContract(
  engine: string,
  make: (after: (clean: () => Promise<void>) => void) => Promise<IdentityFixture>,
): void {
  const check = (name: string, run: (fixture: IdentityFixture) => Promise<void>) =>
    test(`${engine}: ${name}`, async (t) => run(await make((clean) => t.after(clean))));

  check('a fresh Sovereign needs set-up, once', async ({ identity }) => {
    assert.equal(await identity.setupNeeded(), true);
    assert.deepEqual(await identity.sovereignAdmins(), []);
    const admin = await setUp(identity);
    assert.equal(admin.sovereignAdmin, true);
    assert.equal(admin.active, true);
    assert.equal(await identity.setupNeeded(), false);
    assert.equal(await identity.setupLink(), undefined);
    assert.deepEqual(await identity.findUser(admin.id), admin);
    assert.ok((await identity.createUser({ name: 'Omar', email: 'omar@example.org', password })).ok);
    assert.deepEqual(await identity.sovereignAdmins(), [admin], 'whom an Organization let in is none');
    assert.deepEqual(await identity.findUserByEmail(' ADA@example.org '), admin);
  });

  check('a set-up link is single-use', async ({ identity }) => {
    const token = await setupToken(identity);
    const person = ada;
    const both = await Promise.all([identity.accept(token, person), identity.accept(token, person)]);
    assert.deepEqual(both.map((answer) => answer.ok).sort(), [false, true]);
    assert.equal(codeOf(await identity.accept(token, person)), 'LinkUsed');
  });

  check('a new set-up link voids those before', async ({ identity }) => {
    const first = await setupToken(identity);
    const second = await setupToken(identity);
    const person = ada;
    assert.equal(codeOf(await identity.accept(first, person)), 'LinkUnknown');
    assert.equal((await identity.accept(second, person)).ok, true);
  });

  check('links expire', async ({ identity, advance }) => {
    const token = await setupToken(identity);
    advance(25 * hour);
    const person = ada;
    assert.equal(codeOf(await identity.accept(token, person)), 'LinkExpired');
  });

  check('what is no link is refused, whatever it looks like', async ({ identity }) => {
    for (const token of ['', 'x', '../../etc/passwd', '__proto__', 'A'.repeat(43), 'A'.repeat(100_000)])
      assert.equal(codeOf(await identity.accept(token, ada)), 'LinkUnknown');
  });

  check('weak passwords, bad names and addresses are refused and use nothing up', async ({ identity }) => {
    const token = await setupToken(identity);
    const person = ada;
    const cases: [object, string][] = [
      [{ password: 'short' }, 'WeakPassword'],
      [{ password: 'x'.repeat(201) }, 'WeakPassword'],
      [{ password: 'aaaaaaaaaaaaaaaa' }, 'WeakPassword'],
      [{ email: 'ada.lovelace@example.org', password: 'Ada.Lovelace@example.org' }, 'WeakPassword'],
      [{ email: 'nobody' }, 'Invalid'],
      [{ email: `${'a'.repeat(250)}@example.org` }, 'Invalid'],
      [{ name: '   ' }, 'Invalid'],
      [{ name: 'a\u0000b' }, 'Invalid'],
    ];
    for (const [change, code] of cases)
      assert.equal(codeOf(await identity.accept(token, { ...person, ...change })), code);
    assert.equal((await identity.accept(token, person)).ok, true);
  });

  check('a new user is active, and no sovereign-admin', async ({ identity }) => {
    await setUp(identity);
    const made = await identity.createUser({ name: ' Omar ', email: 'Omar@Example.org', password });
    assert.ok(made.ok);
    const { name, email, active, sovereignAdmin } = made.value;
    assert.deepEqual(
      { name, email, active, sovereignAdmin },
      { name: 'Omar', email: 'omar@example.org', active: true, sovereignAdmin: false },
    );
    assert.deepEqual(await identity.findUser(made.value.id), made.value);
    assert.deepEqual(await identity.findUserByEmail('omar@example.org'), made.value);
  });

  check('an e-mail belongs to one user', async ({ identity }) => {
    await setUp(identity);
    const taken = await identity.createUser({ name: 'Ada', email: 'ADA@example.org', password });
    assert.equal(codeOf(taken), 'Conflict');
    const omar = { name: 'Omar', email: 'omar@example.org', password };
    const both = await Promise.all([identity.createUser(omar), identity.createUser(omar)]);
    assert.deepEqual(both.map((answer) => answer.ok).sort(), [false, true]);
  });

  check('a weak password is said before it is told whether the address is taken', async ({ identity }) => {
    await setUp(identity);
    for (const email of ['ada@example.org', 'nobody@example.org'])
      assert.equal(
        codeOf(await identity.createUser({ name: 'Ada', email, password: 'short' })),
        'WeakPassword',
      );
    assert.equal(await identity.findUserByEmail('nobody@example.org'), undefined);
  });
}

async function setUp(identity: Identity) {
  const user = await identity.accept(await setupToken(identity), {
    name: 'Ada',
    email: 'ada@example.org',
    password,
  });
  assert.ok(user.ok);
  return user.value;
}

async function setupToken(identity: Identity): Promise<string> {
  const link = await identity.setupLink();
  assert.ok(link);
  return tokenOf(link.path);
}

/** The token of a link's path. */
export function tokenOf(path: string): string {
  const token = new URL(path, 'http://localhost').searchParams.get('token');
  assert.ok(token);
  return token;
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.problems[0]?.code;
}
