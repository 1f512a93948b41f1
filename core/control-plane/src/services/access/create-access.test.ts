import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Actor, OrganizationRole } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import fc from 'fast-check';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { createOidcIdentity } from '../../adapters/identity/oidc-provider/oidc-identity.ts';
import { tokenOf } from '../../ports/identity.contract.ts';
import type { Logger } from '../../ports/logger.ts';
import { createAccess } from './create-access.ts';
import { joinOrganization } from './testing/join-organization.ts';

const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
};
const hour = 3_600_000;
const password = 'correct horse battery';

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
    const made = await identity.createUser({ name: email, email, password });
    assert.ok(made.ok);
    return made.value.id;
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
  /** What is added and accepted with the account that is there. */
  const joinAs = (by: Actor, organization: string, email: string, role: OrganizationRole) =>
    joinOrganization({ access, identity }, by, organization, { name: 'x', email, role });
  const advance = (ms: number) => {
    offset += ms;
  };
  return { access, identity, database, boss, person, signedIn, joinAs, advance };
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
  const { access, database, boss, person, signedIn } = await makeKit(t);
  const user = await person('omar@example.org');
  const added = await access.addMember(boss, 'acme', {
    name: 'x',
    email: 'x@example.org',
    role: 'org-viewer',
  });
  const link = tokenOf(answerOf(added).path);
  const { cookie } = await access.signIn(user);
  const token = answerOf(
    await access.createToken(await signedIn(user), { name: 'laptop', expiresInDays: 1 }),
  );
  const dump = JSON.stringify([
    await database.table({ name: 'sessions', key: 'hash' as never }).list(),
    await database.table({ name: 'access_tokens', key: 'hash' as never }).list(),
    await database.table({ name: 'users', key: 'id' as never }).list(),
    await database.table({ name: 'user_links', key: 'hash' as never }).list(),
    await database.table({ name: 'membership_invitations', key: 'key' as never }).list(),
  ]);
  assert.match(dump, /laptop/);
  for (const secret of [cookie, token.token, link, password]) assert.ok(!dump.includes(secret));
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

test('members: added, accepted, changed and removed; a change holds from the next request on', async (t) => {
  const { access, boss, person, signedIn } = await makeKit(t);
  const omar = await person('omar@example.org');
  const { cookie } = await access.signIn(omar);
  const added = answerOf(
    await access.addMember(boss, 'acme', { name: 'x', email: 'OMAR@example.org', role: 'org-admin' }),
  );
  assert.deepEqual((await access.authenticateSession(cookie))?.memberships, [], 'not before he accepts');
  assert.deepEqual(await access.members('acme'), []);
  answerOf(await access.acceptMembership(await signedIn(omar), tokenOf(added.path)));
  assert.deepEqual((await access.authenticateSession(cookie))?.memberships, [
    { organization: 'acme', role: 'org-admin' },
  ]);
  const [member] = await access.members('acme');
  assert.equal(member?.user.id, omar);
  assert.ok(Math.abs(Date.parse(member.since ?? '') - Date.now()) < hour);
  const twice = await access.addMember(boss, 'acme', {
    name: 'x',
    email: 'omar@example.org',
    role: 'org-viewer',
  });
  assert.equal(codeOf(twice), 'Conflict');
  const change = { role: 'org-developer' as const, environments: ['acme-dev', 'acme-dev'] };
  const changed = answerOf(await access.changeMember(boss, 'acme', omar, change));
  assert.deepEqual(changed.environments, ['acme-dev']);
  assert.equal(changed.since, member.since, 'a change of role is no new acceptance');
  assert.deepEqual((await signedIn(omar)).memberships, [
    { organization: 'acme', role: 'org-developer', environments: ['acme-dev'] },
  ]);
  answerOf(await access.removeMember(boss, 'acme', omar));
  assert.deepEqual((await access.authenticateSession(cookie))?.memberships, []);
  assert.equal(codeOf(await access.removeMember(boss, 'acme', omar)), 'NotFound');
  assert.equal(codeOf(await access.changeMember(boss, 'acme', omar, change)), 'NotFound');
  assert.equal(codeOf(await access.acceptMembership(await signedIn(omar), tokenOf(added.path))), 'LinkUsed');
});

test('members: the last org-admin stays unless a sovereign-admin acts', async (t) => {
  const { access, boss, person, signedIn, joinAs } = await makeKit(t);
  const omar = await person('omar@example.org');
  await joinAs(boss, 'acme', 'omar@example.org', 'org-admin');
  const actor = await signedIn(omar);
  assert.equal(codeOf(await access.removeMember(actor, 'acme', omar)), 'LastAdmin');
  assert.equal(codeOf(await access.changeMember(actor, 'acme', omar, { role: 'org-viewer' })), 'LastAdmin');
  // An invited org-admin cannot act yet, so does not count.
  await access.addMember(actor, 'acme', { name: 'New', email: 'new@example.org', role: 'org-admin' });
  assert.equal(codeOf(await access.removeMember(actor, 'acme', omar)), 'LastAdmin');
  const layla = await person('layla@example.org');
  const added = answerOf(
    await access.addMember(actor, 'acme', { name: 'x', email: 'layla@example.org', role: 'org-admin' }),
  );
  assert.equal(codeOf(await access.removeMember(actor, 'acme', omar)), 'LastAdmin', 'nor with an account');
  answerOf(await access.acceptMembership(await signedIn(layla), tokenOf(added.path)));
  answerOf(await access.changeMember(actor, 'acme', omar, { role: 'org-viewer' }));
  assert.equal(codeOf(await access.changeMember(actor, 'acme', omar, { role: 'org-admin' })), 'Denied');
  answerOf(await access.removeMember(boss, 'acme', layla));
});

test('members: who lost the right has lost it, whatever the request was authorised with', async (t) => {
  const { access, boss, person, signedIn, joinAs } = await makeKit(t);
  const omar = await person('omar@example.org');
  await joinAs(boss, 'acme', 'omar@example.org', 'org-admin');
  const before = await signedIn(omar);
  const input = { name: 'x', email: 'evil@example.org', role: 'org-admin' as const };
  const { invitation } = answerOf(await access.addMember(before, 'acme', input));
  await access.removeMember(boss, 'acme', omar);
  assert.equal(codeOf(await access.addMember(before, 'acme', input)), 'Denied');
  assert.equal(codeOf(await access.renewInvitation(before, 'acme', invitation.id)), 'Denied');
  assert.equal(codeOf(await access.withdrawInvitation(before, 'acme', invitation.id)), 'Denied');
  assert.equal(codeOf(await access.addMember({ ...boss, readOnly: true }, 'acme', input)), 'Denied');
  assert.equal(codeOf(await access.addMember({ ...before, id: 'x' }, 'acme', input)), 'Denied');
});

const offer = { name: 'New', email: 'new@example.org', role: 'org-viewer' as const };

test('invitations: each Organization has its own, renewed and withdrawn by it alone', async (t) => {
  const { access, boss, signedIn } = await makeKit(t);
  const first = answerOf(await access.addMember(boss, 'acme', offer));
  const other = answerOf(await access.addMember(boss, 'globex', offer));
  const again = answerOf(await access.addMember(boss, 'acme', { ...offer, role: 'org-admin' }));
  assert.equal(codeOf(await access.readInvitation(tokenOf(first.path))), 'LinkUnknown', 'the older is void');
  assert.deepEqual(await access.invitations('acme'), [again.invitation]);
  assert.deepEqual(await access.invitations('globex'), [other.invitation]);
  assert.equal(codeOf(await access.renewInvitation(boss, 'acme', other.invitation.id)), 'NotFound');
  assert.equal(codeOf(await access.withdrawInvitation(boss, 'acme', other.invitation.id)), 'NotFound');
  const renewed = answerOf(await access.renewInvitation(boss, 'acme', again.invitation.id));
  assert.equal(codeOf(await access.readInvitation(tokenOf(again.path))), 'LinkUnknown');
  const user = answerOf(await access.acceptInvitation(tokenOf(renewed.path), { password }));
  assert.deepEqual((await signedIn(user.id)).memberships, [{ organization: 'acme', role: 'org-admin' }]);
  assert.deepEqual(await access.invitations('acme'), []);
  assert.equal(codeOf(await access.renewInvitation(boss, 'acme', again.invitation.id)), 'NotFound');
  answerOf(await access.withdrawInvitation(boss, 'globex', other.invitation.id));
  assert.equal(codeOf(await access.readInvitation(tokenOf(other.path))), 'LinkUnknown');
  assert.equal(
    codeOf(await access.acceptMembership(await signedIn(user.id), tokenOf(other.path))),
    'LinkUnknown',
  );
});

test('invitations: the answer is the same whether or not there is an account', async (t) => {
  const { access, boss, person } = await makeKit(t);
  await person('known@example.org');
  const shape = async (email: string) => {
    const { invitation, path } = answerOf(await access.addMember(boss, 'acme', { ...offer, email }));
    const read = answerOf(await access.readInvitation(tokenOf(path)));
    const weak = codeOf(await access.acceptInvitation(tokenOf(path), { password: 'short' }));
    const fixed = { id: '', email: '', path: '', invitedAt: '', expiresAt: '' };
    return [{ ...invitation, ...fixed }, { ...read, ...fixed }, weak, path.length];
  };
  assert.deepEqual(await shape('known@example.org'), await shape('nobody@example.org'));
});

test('invitations: accepted only with the account of the address, by a person, once and in time', async (t) => {
  const { access, boss, person, signedIn, advance } = await makeKit(t);
  const added = answerOf(await access.addMember(boss, 'acme', offer));
  const token = tokenOf(added.path);
  const stranger = await signedIn(await person('stranger@example.org'));
  assert.equal(codeOf(await access.acceptMembership(stranger, token)), 'Denied');
  const owner = await signedIn(await person(offer.email));
  assert.equal(codeOf(await access.acceptInvitation(token, { password })), 'AccountExists');
  assert.equal(codeOf(await access.acceptMembership({ ...owner, surface: 'api' }, token)), 'Denied');
  assert.equal(codeOf(await access.acceptMembership({ ...owner, readOnly: true }, token)), 'Denied');
  advance(7 * 24 * hour + 1);
  assert.equal(codeOf(await access.acceptMembership(owner, token)), 'LinkExpired');
  const { path } = answerOf(await access.renewInvitation(boss, 'acme', added.invitation.id));
  const both = await Promise.all([
    access.acceptMembership(owner, tokenOf(path)),
    access.acceptMembership(owner, tokenOf(path)),
  ]);
  assert.deepEqual(both.map((answer) => answer.ok).sort(), [false, true]);
  for (const text of ['', 'x', '__proto__', 'A'.repeat(43), 'A'.repeat(100_000)])
    assert.equal(codeOf(await access.acceptMembership(owner, text)), 'LinkUnknown');
});

test('invitations: two who take an address at once do not both get the account', async (t) => {
  const { access, boss } = await makeKit(t);
  const links = await Promise.all(
    ['acme', 'globex'].map(async (name) => answerOf(await access.addMember(boss, name, offer)).path),
  );
  const taken = await Promise.all(links.map((link) => access.acceptInvitation(tokenOf(link), { password })));
  assert.deepEqual(taken.map((answer) => codeOf(answer) ?? 'ok').sort(), ['AccountExists', 'ok']);
  const members = [...(await access.members('acme')), ...(await access.members('globex'))];
  assert.equal(members.length, 1);
});

test('invitations: links and memberships from before each was accepted by itself give nothing', async (t) => {
  const { access, identity, database, boss, signedIn } = await makeKit(t);
  const users = database.table<object>({ name: 'users', key: 'id' as never, indexes: ['email'] as never[] });
  const createdAt = '2026-01-01T00:00:00Z';
  const old = { id: 'OLD', name: 'New', email: offer.email, sovereignAdmin: false, createdAt, active: false };
  await users.put(old);
  const memberships = database.table<object>({ name: 'memberships', key: 'key' as never });
  await memberships.put({ key: 'globex/OLD', organization: 'globex', user: 'OLD', role: 'org-admin' });
  const token = 'A'.repeat(43);
  const hash = createHash('sha256').update(token).digest('base64url');
  const links = database.table<object>({ name: 'user_links', key: 'hash' as never });
  await links.put({ hash, kind: 'invitation', user: 'OLD', expires: Date.now() + hour, used: false });
  assert.equal(codeOf(await identity.accept(token, { ...offer, password })), 'LinkUnknown');
  assert.equal(codeOf(await access.acceptInvitation(token, { password })), 'LinkUnknown');
  const added = answerOf(await access.addMember(boss, 'acme', offer));
  const user = answerOf(await access.acceptInvitation(tokenOf(added.path), { password }));
  assert.deepEqual((await signedIn(user.id)).memberships, [{ organization: 'acme', role: 'org-viewer' }]);
  assert.deepEqual(await access.members('globex'), []);
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
  assert.deepEqual(await access.invitations('acme'), []);
});

test('members: a deleted Organization leaves no membership and no invitation behind', async (t) => {
  const { access, boss, person, signedIn, joinAs } = await makeKit(t);
  const omar = await person('omar@example.org');
  for (const organization of ['acme', 'globex'])
    await joinAs(boss, organization, 'omar@example.org', 'org-admin');
  const { path } = answerOf(await access.addMember(boss, 'acme', offer));
  await access.removeOrganization('acme');
  await access.removeOrganization('acme');
  assert.deepEqual((await signedIn(omar)).memberships, [{ organization: 'globex', role: 'org-admin' }]);
  assert.deepEqual(await access.invitations('acme'), []);
  assert.equal(codeOf(await access.acceptInvitation(tokenOf(path), { password })), 'LinkUnknown');
});
