import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import fc from 'fast-check';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { createOidcIdentity } from '../../adapters/identity/oidc-provider/oidc-identity.ts';
import { tokenOf } from '../../ports/identity.contract.ts';
import type { Logger } from '../../ports/logger.ts';
import { createAccess } from './create-access.ts';

const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
};
const hour = 3_600_000;

async function makeKit(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'catalyst-access-'));
  const database = createSqliteDatabase({ path: join(folder, 'database.sqlite') });
  t.after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  let offset = 0;
  const clock = { now: () => Date.now() + offset, sleep: async () => {} };
  const identity = await createOidcIdentity({
    issuer: 'http://localhost:4999/oidc',
    dataDirectory: folder,
    database,
    clock,
    logger: silent,
    secureCookies: false,
    clients: [],
  });
  const access = createAccess({ database, identity, clock });
  const person = async (email: string) => {
    const invited = await identity.invite({ name: email, email, sovereignAdmin: false });
    assert.ok(invited.ok);
    const accepted = await identity.accept(tokenOf(invited.value.path), {
      password: 'correct horse battery',
    });
    assert.ok(accepted.ok);
    return accepted.value.id;
  };
  const signedIn = async (user: string): Promise<Actor> => {
    const actor = await access.authenticateSession((await access.signIn(user)).cookie);
    assert.ok(actor);
    return actor;
  };
  const boss: Actor = {
    id: 'boss',
    name: 'Boss',
    email: 'boss@example.org',
    sovereignAdmin: true,
    memberships: [],
    surface: 'console',
  };
  const advance = (ms: number) => {
    offset += ms;
  };
  return { access, identity, database, boss, person, signedIn, advance };
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.problems[0]?.code;
}

function answerOf<T>(result: Result<T>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

test('sessions: known until signed out, idle for 12 hours or 30 days old', async (t) => {
  const { access, person, advance } = await makeKit(t);
  const user = await person('omar@example.org');
  const first = await access.signIn(user);
  assert.equal((await access.authenticateSession(first.cookie))?.id, user);
  await access.signOut(first.cookie);
  await access.signOut(first.cookie);
  assert.equal(await access.authenticateSession(first.cookie), undefined);

  const idle = await access.signIn(user);
  advance(12 * hour + 1);
  assert.equal(await access.authenticateSession(idle.cookie), undefined);

  const busy = await access.signIn(user);
  for (let spent = 0; spent < 30 * 24; spent += 8) {
    assert.ok(await access.authenticateSession(busy.cookie), `${spent} h`);
    advance(8 * hour);
  }
  assert.equal(await access.authenticateSession(busy.cookie), undefined);
});

test('sessions: at most 20 each, the oldest ends', async (t) => {
  const { access, person, advance } = await makeKit(t);
  const user = await person('omar@example.org');
  const cookies: string[] = [];
  for (let index = 0; index < 21; index += 1) {
    cookies.push((await access.signIn(user)).cookie);
    advance(1000);
  }
  assert.equal(await access.authenticateSession(cookies[0] ?? ''), undefined);
  assert.ok(await access.authenticateSession(cookies[1] ?? ''));
  assert.ok(await access.authenticateSession(cookies[20] ?? ''));
});

test('nothing that opens a door is stored as it is', async (t) => {
  const { access, database, person, signedIn } = await makeKit(t);
  const user = await person('omar@example.org');
  const { cookie } = await access.signIn(user);
  const token = answerOf(
    await access.createToken(await signedIn(user), { name: 'laptop', expiresInDays: 1 }),
  );
  const dump = JSON.stringify([
    await database.table({ name: 'sessions', key: 'hash' as never }).list(),
    await database.table({ name: 'access_tokens', key: 'hash' as never }).list(),
    await database.table({ name: 'users', key: 'id' as never }).list(),
    await database.table({ name: 'user_links', key: 'hash' as never }).list(),
  ]);
  assert.match(dump, /laptop/);
  for (const secret of [cookie, token.token, 'correct horse battery']) assert.ok(!dump.includes(secret));
});

test('tokens: shown once, expire, can be revoked by their owner only', async (t) => {
  const { access, person, signedIn, advance } = await makeKit(t);
  const omar = await signedIn(await person('omar@example.org'));
  const layla = await signedIn(await person('layla@example.org'));
  const made = answerOf(await access.createToken(omar, { name: 'laptop', expiresInDays: 2, readOnly: true }));
  assert.match(made.token, /^cat_[0-9a-f]{48}$/);
  const actor = await access.authenticateToken(made.token, 'git');
  assert.equal(actor?.id, omar.id);
  assert.equal(actor?.surface, 'git');
  assert.equal(actor?.readOnly, true);
  const listed = await access.tokens(omar);
  assert.equal(listed.length, 1);
  assert.ok(!JSON.stringify(listed).includes(made.token));
  assert.ok(listed[0]?.lastUsedAt);
  assert.deepEqual(await access.tokens(layla), []);
  assert.equal(await access.deleteToken(layla, made.id), false);
  assert.ok(await access.authenticateToken(made.token));
  assert.equal(await access.deleteToken(omar, made.id), true);
  assert.equal(await access.authenticateToken(made.token), undefined);

  const short = answerOf(await access.createToken(omar, { name: 'short', expiresInDays: 1 }));
  advance(24 * hour);
  assert.equal(await access.authenticateToken(short.token), undefined);
});

test('tokens: a token makes no token, and nobody has more than 50', async (t) => {
  const { access, person, signedIn } = await makeKit(t);
  const omar = await signedIn(await person('omar@example.org'));
  const first = answerOf(await access.createToken(omar, { name: 't', expiresInDays: 1 }));
  const robot = await access.authenticateToken(first.token);
  assert.ok(robot);
  assert.equal(codeOf(await access.createToken(robot, { name: 't', expiresInDays: 1 })), 'Denied');
  for (let index = 1; index < 50; index += 1)
    answerOf(await access.createToken(omar, { name: 't', expiresInDays: 1 }));
  assert.equal(codeOf(await access.createToken(omar, { name: 't', expiresInDays: 1 })), 'TooMany');
});

test('forged tokens and cookies are nobody', async (t) => {
  const { access, person, signedIn } = await makeKit(t);
  const omar = await signedIn(await person('omar@example.org'));
  const { token } = answerOf(await access.createToken(omar, { name: 't', expiresInDays: 1 }));
  const { cookie } = await access.signIn(omar.id);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(token.length - 1),
      fc.string({ minLength: 1, maxLength: 1 }),
      async (at, char) => {
        const forged = token.slice(0, at) + char + token.slice(at + 1);
        assert.equal((await access.authenticateToken(forged)) !== undefined, forged === token);
        const other = cookie.slice(0, at % 43) + char + cookie.slice((at % 43) + 1);
        assert.equal((await access.authenticateSession(other)) !== undefined, other === cookie);
      },
    ),
    { numRuns: 200 },
  );
  for (const text of ['', 'cat_', 'null', '__proto__', `cat_${'0'.repeat(48)}`, 'x'.repeat(100_000)]) {
    assert.equal(await access.authenticateToken(text), undefined);
    assert.equal(await access.authenticateSession(text), undefined);
  }
});

test('members: added, changed and removed; a change holds from the next request on', async (t) => {
  const { access, boss, person, signedIn } = await makeKit(t);
  const omar = await person('omar@example.org');
  const { cookie } = await access.signIn(omar);
  const added = answerOf(
    await access.addMember(boss, 'acme', { name: 'x', email: 'OMAR@example.org', role: 'org-admin' }),
  );
  assert.equal(added.invitation, undefined, 'who is active needs no invitation');
  assert.equal(added.member.user.id, omar);
  assert.deepEqual((await access.authenticateSession(cookie))?.memberships, [
    { organization: 'acme', role: 'org-admin' },
  ]);
  const twice = await access.addMember(boss, 'acme', {
    name: 'x',
    email: 'omar@example.org',
    role: 'org-viewer',
  });
  assert.equal(codeOf(twice), 'Conflict');
  const change = { role: 'org-developer' as const, environments: ['acme-dev', 'acme-dev'] };
  assert.deepEqual(answerOf(await access.changeMember(boss, 'acme', omar, change)).environments, [
    'acme-dev',
  ]);
  assert.deepEqual((await signedIn(omar)).memberships, [
    { organization: 'acme', role: 'org-developer', environments: ['acme-dev'] },
  ]);
  answerOf(await access.removeMember(boss, 'acme', omar));
  assert.deepEqual((await access.authenticateSession(cookie))?.memberships, []);
  assert.equal(codeOf(await access.removeMember(boss, 'acme', omar)), 'NotFound');
  assert.equal(codeOf(await access.changeMember(boss, 'acme', omar, change)), 'NotFound');
});

test('members: the last org-admin stays unless a sovereign-admin acts', async (t) => {
  const { access, boss, person, signedIn } = await makeKit(t);
  const omar = await person('omar@example.org');
  await access.addMember(boss, 'acme', { name: 'x', email: 'omar@example.org', role: 'org-admin' });
  const actor = await signedIn(omar);
  assert.equal(codeOf(await access.removeMember(actor, 'acme', omar)), 'LastAdmin');
  assert.equal(codeOf(await access.changeMember(actor, 'acme', omar, { role: 'org-viewer' })), 'LastAdmin');
  // An invited org-admin cannot act yet, so does not count.
  await access.addMember(actor, 'acme', { name: 'New', email: 'new@example.org', role: 'org-admin' });
  assert.equal(codeOf(await access.removeMember(actor, 'acme', omar)), 'LastAdmin');
  await person('layla@example.org');
  await access.addMember(actor, 'acme', { name: 'x', email: 'layla@example.org', role: 'org-admin' });
  answerOf(await access.changeMember(actor, 'acme', omar, { role: 'org-viewer' }));
  assert.equal(codeOf(await access.changeMember(actor, 'acme', omar, { role: 'org-admin' })), 'Denied');
  const layla = (await access.members('acme')).find((member) => member.user.email.startsWith('layla'));
  answerOf(await access.removeMember(boss, 'acme', layla?.user.id ?? ''));
});

test('members: who lost the right has lost it, whatever the request was authorised with', async (t) => {
  const { access, boss, person, signedIn } = await makeKit(t);
  const omar = await person('omar@example.org');
  await access.addMember(boss, 'acme', { name: 'x', email: 'omar@example.org', role: 'org-admin' });
  const before = await signedIn(omar);
  await access.removeMember(boss, 'acme', omar);
  const input = { name: 'x', email: 'evil@example.org', role: 'org-admin' as const };
  assert.equal(codeOf(await access.addMember(before, 'acme', input)), 'Denied');
  assert.equal(codeOf(await access.addMember({ ...boss, readOnly: true }, 'acme', input)), 'Denied');
  assert.equal(codeOf(await access.addMember({ ...before, id: 'x' }, 'acme', input)), 'Denied');
});

test('members: an invitation is for the first Organization alone, and can be renewed there', async (t) => {
  const { access, identity, boss } = await makeKit(t);
  const input = { name: 'New', email: 'new@example.org', role: 'org-viewer' as const };
  const first = answerOf(await access.addMember(boss, 'acme', input));
  assert.ok(first.invitation);
  const other = answerOf(await access.addMember(boss, 'globex', input));
  assert.equal(other.invitation, undefined, 'another Organization must not get a way into the account');
  const again = answerOf(await access.addMember(boss, 'acme', input));
  assert.equal(again.invitation, undefined, 'neither does the first, once another one trusts the account');
  answerOf(await access.removeMember(boss, 'globex', first.member.user.id));
  const renewed = answerOf(await access.addMember(boss, 'acme', input));
  assert.ok(renewed.invitation);
  const password = 'correct horse battery';
  assert.equal(
    codeOf(await identity.accept(tokenOf(first.invitation.path), { password })),
    'LinkUnknown',
    'the older link is void',
  );
  answerOf(await identity.accept(tokenOf(renewed.invitation.path), { password }));
  assert.equal((await access.members('acme'))[0]?.user.active, true);
});

test('members: an administrator who has not accepted yet is not taken over by an invitation', async (t) => {
  const { access, identity, boss } = await makeKit(t);
  answerOf(await identity.invite({ name: 'Ada', email: 'ada@example.org', sovereignAdmin: true }));
  const added = await access.addMember(boss, 'acme', {
    name: 'x',
    email: 'ada@example.org',
    role: 'org-viewer',
  });
  assert.equal(answerOf(added).invitation, undefined);
});

test('members: only what fits is stored', async (t) => {
  const { access, boss } = await makeKit(t);
  const input = { name: 'New', email: 'new@example.org' };
  const cases = [
    { ...input, role: 'org-viewer' as const, environments: ['acme-dev'] },
    { ...input, role: 'org-developer' as const, environments: ['globex-dev'] },
    { ...input, role: 'org-developer' as const, environments: ['acme'] },
    { ...input, email: 'nobody', role: 'org-viewer' as const },
    { ...input, name: '\u0007', role: 'org-viewer' as const },
  ];
  for (const given of cases) assert.equal(codeOf(await access.addMember(boss, 'acme', given)), 'Invalid');
  assert.deepEqual(await access.members('acme'), []);
});

test('members: a deleted Organization leaves no membership behind', async (t) => {
  const { access, boss, person, signedIn } = await makeKit(t);
  const omar = await person('omar@example.org');
  for (const organization of ['acme', 'globex'])
    await access.addMember(boss, organization, { name: 'x', email: 'omar@example.org', role: 'org-admin' });
  await access.removeOrganization('acme');
  await access.removeOrganization('acme');
  assert.deepEqual((await signedIn(omar)).memberships, [{ organization: 'globex', role: 'org-admin' }]);
});
