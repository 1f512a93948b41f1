import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeApiKit, password, tokenOf } from '../testing/api-kit.ts';

const carol = { name: 'Carol', email: 'carol@globex.example' };

/** Organizations `acme` and `globex` with an org-admin each, who are strangers to one another. */
async function start(t: TestContext) {
  const kit = await makeApiKit((clean) => t.after(clean));
  const admin = async (organization: string) =>
    kit.browser(await kit.addPerson(`admin@${organization}.org`, { organization, role: 'org-admin' }));
  const [mallory, gina] = [await admin('acme'), await admin('globex')];
  const call = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    headers: Record<string, string>,
    payload?: object,
  ) => kit.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  const add = (headers: Record<string, string>, organization: string, person: object) =>
    call('POST', `/v1/organizations/${organization}/members`, headers, person);
  const acceptNew = (url: string, more: object = {}) =>
    call('POST', '/v1/invitations/accept', { host: kit.host }, { token: tokenOf(url), password, ...more });
  const consent = (url: string, headers: Record<string, string>) =>
    call('POST', '/v1/me/memberships', headers, { token: tokenOf(url) });
  const memberships = async (headers: Record<string, string>) =>
    (await call('GET', '/v1/me', headers)).json().memberships;
  return { kit, mallory, gina, call, add, acceptNew, consent, memberships };
}

test('the link of one Organization never brings the membership of another', async (t) => {
  const { kit, mallory, gina, add, acceptNew, memberships } = await start(t);
  const evil = (await add(mallory, 'acme', { ...carol, role: 'org-viewer' })).json();
  const honest = await add(gina, 'globex', { ...carol, role: 'org-admin' });
  assert.equal(honest.statusCode, 201);
  const taken = await acceptNew(evil.invitation.url);
  assert.equal(taken.statusCode, 200, taken.body);
  const browser = await kit.browser(taken.json().user.id);
  assert.deepEqual(await memberships(browser), [{ organization: 'acme', role: 'org-viewer' }]);
  const inGlobex = await kit.app.inject({ url: '/v1/organizations/globex/members', headers: browser });
  assert.equal(inGlobex.statusCode, 404);
});

test('adding an address that somebody has already gives them nothing', async (t) => {
  const { kit, mallory, gina, add, acceptNew, memberships } = await start(t);
  const evil = (await add(mallory, 'acme', { ...carol, role: 'org-viewer' })).json();
  const { user } = (await acceptNew(evil.invitation.url)).json();
  await add(gina, 'globex', { ...carol, role: 'org-admin' });
  assert.deepEqual(await memberships(await kit.browser(user.id)), [
    { organization: 'acme', role: 'org-viewer' },
  ]);
});

test('adding is answered alike whether or not there is an account', async (t) => {
  const { kit, gina, add } = await start(t);
  await kit.addPerson('known@example.org');
  const shape = async (email: string) => {
    const { statusCode, body, headers } = await add(gina, 'globex', { name: 'X', email, role: 'org-viewer' });
    const { invitation } = JSON.parse(body);
    const fixed = { ...invitation, id: '', email: '', url: '', invitedAt: '', expiresAt: '' };
    return { statusCode, fixed, type: headers['content-type'] };
  };
  assert.deepEqual(await shape('known@example.org'), await shape('other@example.org'));
});

test('who has an account signs in, sees what is offered and accepts; the org-admin sees who did', async (t) => {
  const { kit, gina, call, add, acceptNew, consent, memberships } = await start(t);
  const owner = await kit.browser(await kit.addPerson(carol.email));
  const { url } = (await add(gina, 'globex', { ...carol, role: 'org-developer' })).json().invitation;
  const offered = await call('POST', '/v1/invitations/read', { host: kit.host }, { token: tokenOf(url) });
  const { expiresAt: _ends, ...offer } = offered.json();
  assert.deepEqual(offer, {
    organization: 'globex',
    ...carol,
    role: 'org-developer',
    invitedBy: 'admin@globex.org',
  });
  const refusal = await acceptNew(url);
  assert.equal(refusal.statusCode, 409);
  assert.equal(refusal.json().code, 'AccountExists');
  const other = await consent(url, await kit.browser(await kit.addPerson('other@example.org')));
  assert.equal(other.statusCode, 403);
  assert.match(other.json().detail, /for carol@globex\.example.*signed in as other@example\.org/);
  assert.equal((await consent(url, { host: kit.host })).statusCode, 401);
  const accepted = await consent(url, owner);
  assert.equal(accepted.statusCode, 201, accepted.body);
  assert.deepEqual(await memberships(owner), [{ organization: 'globex', role: 'org-developer' }]);
  assert.equal((await consent(url, owner)).statusCode, 410);
  const { items } = (await call('GET', '/v1/organizations/globex/members', gina)).json();
  const member = items.find(({ user }: { user: { email: string } }) => user.email === carol.email);
  assert.equal(member.user.name, carol.email, 'the name of the account, not the one of the invitation');
  assert.ok(Date.parse(member.since) <= Date.now());
});

test('another site cannot make a browser accept', async (t) => {
  const { kit, gina, add, consent, memberships } = await start(t);
  const owner = await kit.browser(await kit.addPerson(carol.email));
  const { url } = (await add(gina, 'globex', { ...carol, role: 'org-admin' })).json().invitation;
  const forged = await consent(url, { ...owner, origin: 'https://evil.example' });
  assert.equal(forged.statusCode, 403);
  assert.deepEqual(await memberships(owner), []);
});

test('what is pending is listed, renewed and withdrawn by the org-admin', async (t) => {
  const { gina, call, add, acceptNew } = await start(t);
  const first = (await add(gina, 'globex', { ...carol, role: 'org-viewer' })).json().invitation;
  const path = '/v1/organizations/globex/invitations';
  const { url: _url, ...known } = first;
  assert.deepEqual((await call('GET', path, gina)).json(), { items: [known] });
  const members = (await call('GET', '/v1/organizations/globex/members', gina)).json().items;
  assert.equal(members.length, 1, 'who has not accepted is no member');
  const renewed = await call('POST', `${path}/${first.id}/link`, gina);
  assert.equal(renewed.statusCode, 200, renewed.body);
  assert.equal((await acceptNew(first.url)).json().code, 'LinkUnknown');
  assert.equal((await call('DELETE', `${path}/${first.id}`, gina)).statusCode, 204);
  assert.equal((await call('DELETE', `${path}/${first.id}`, gina)).statusCode, 404);
  assert.equal((await acceptNew(renewed.json().invitation.url)).json().code, 'LinkUnknown');
});

test('a sovereign-admin invites, and is invited, as everybody', async (t) => {
  const { kit, gina, add, acceptNew, consent, memberships } = await start(t);
  const boss = await kit.browser(kit.admin);
  const invited = (await add(boss, 'globex', { ...carol, role: 'org-admin' })).json().invitation;
  const { user } = (await acceptNew(invited.url)).json();
  assert.deepEqual(await memberships(await kit.browser(user.id)), [
    { organization: 'globex', role: 'org-admin' },
  ]);
  const ada = { name: 'X', email: 'ada@example.org', role: 'org-viewer' };
  const { url } = (await add(gina, 'globex', ada)).json().invitation;
  assert.equal((await acceptNew(url)).json().code, 'AccountExists', 'nobody sets their password');
  assert.equal((await consent(url, boss)).statusCode, 201);
});
