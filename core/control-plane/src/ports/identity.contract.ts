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
    assert.ok((await identity.invite({ name: 'Eve', email: 'eve@example.org', sovereignAdmin: true })).ok);
    assert.ok((await identity.invite({ name: 'Omar', email: 'omar@example.org', sovereignAdmin: false })).ok);
    assert.deepEqual(await identity.sovereignAdmins(), [admin], 'who has not accepted yet is none');
    assert.deepEqual(await identity.findUserByEmail(' ADA@example.org '), admin);
  });

  check('a set-up link is single-use', async ({ identity }) => {
    const token = await setupToken(identity);
    const person = { name: 'Ada', email: 'ada@example.org', password };
    const both = await Promise.all([identity.accept(token, person), identity.accept(token, person)]);
    assert.deepEqual(both.map((answer) => answer.ok).sort(), [false, true]);
    assert.equal(codeOf(await identity.accept(token, person)), 'LinkUsed');
  });

  check('a new set-up link voids those before', async ({ identity }) => {
    const first = await setupToken(identity);
    const second = await setupToken(identity);
    const person = { name: 'Ada', email: 'ada@example.org', password };
    assert.equal(codeOf(await identity.accept(first, person)), 'LinkUnknown');
    assert.equal((await identity.accept(second, person)).ok, true);
  });

  check('links expire', async ({ identity, advance }) => {
    const token = await setupToken(identity);
    advance(25 * hour);
    const person = { name: 'Ada', email: 'ada@example.org', password };
    assert.equal(codeOf(await identity.accept(token, person)), 'LinkExpired');
  });

  check('what is no link is refused, whatever it looks like', async ({ identity }) => {
    for (const token of ['', 'x', '../../etc/passwd', '__proto__', 'A'.repeat(43), 'A'.repeat(100_000)])
      assert.equal(codeOf(await identity.accept(token, { password })), 'LinkUnknown');
  });

  check('weak passwords, bad names and addresses are refused and use nothing up', async ({ identity }) => {
    const token = await setupToken(identity);
    const person = { name: 'Ada', email: 'ada@example.org', password };
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

  check('an invited user becomes active by accepting', async ({ identity }) => {
    await setUp(identity);
    const invited = await identity.invite({ name: 'Omar', email: 'Omar@Example.org', sovereignAdmin: false });
    assert.ok(invited.ok);
    assert.equal(invited.value.user.active, false);
    assert.equal(invited.value.user.email, 'omar@example.org');
    const token = tokenOf(invited.value.path);
    const user = await identity.accept(token, { email: 'other@example.org', password });
    assert.ok(user.ok);
    assert.equal(user.value.id, invited.value.user.id);
    assert.equal(user.value.email, 'omar@example.org');
    assert.equal(user.value.active, true);
    assert.equal(user.value.sovereignAdmin, false);
    assert.equal(codeOf(await identity.accept(token, { password })), 'LinkUsed');
  });

  check('an e-mail belongs to one user', async ({ identity }) => {
    await setUp(identity);
    const again = await identity.invite({ name: 'Ada', email: 'ADA@example.org', sovereignAdmin: false });
    assert.equal(codeOf(again), 'Conflict');
    const first = await identity.invite({ name: 'Omar', email: 'omar@example.org', sovereignAdmin: false });
    const second = await identity.invite({ name: 'Omar', email: 'omar@example.org', sovereignAdmin: true });
    assert.ok(first.ok && second.ok);
    assert.equal(second.value.user.id, first.value.user.id);
    assert.equal(second.value.user.sovereignAdmin, false, 'a second invitation raises nobody');
    assert.equal(codeOf(await identity.accept(tokenOf(first.value.path), { password })), 'LinkUnknown');
    assert.equal((await identity.accept(tokenOf(second.value.path), { password })).ok, true);
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
