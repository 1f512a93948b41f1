import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { codeOf, startProposals } from '../review/testing/proposals.ts';
import { joinOrganization } from './testing/join-organization.ts';

const { kit, people } = await startProposals();
const { admin, omar, ada, ben, viewer } = people;
const { teams, access } = kit.parts();
const named = async (name: string) => (await teams.list('acme')).find((team) => team.name === name);

describe('teams of an Organization', { timeout: 60_000 }, () => {
  after(() => kit.dispose());

  it('two follow the roles, and nobody edits them', async () => {
    assert.deepEqual((await named('org-admins'))?.members, [{ id: admin.id, name: 'admin' }]);
    assert.equal(
      (await named('org-developers'))?.members.some(({ id }) => id === omar.id),
      true,
    );
    assert.equal(codeOf(await teams.put(admin, 'acme', 'org-admins', { members: [] })), 'Invalid');
    assert.equal(codeOf(await teams.remove(admin, 'acme', 'org-developers')), 'Invalid');
  });

  for (const { name, by, team, members, want } of [
    { name: 'an org-admin makes one', by: admin, team: 'ops', members: [ada.id], want: 'ok' },
    { name: 'the sovereign-admin makes one', by: kit.boss, team: 'sre', members: [], want: 'ok' },
    { name: 'a developer does not', by: omar, team: 'mine', members: [omar.id], want: 'Denied' },
    {
      name: 'a token that reads does not',
      by: { ...admin, readOnly: true },
      team: 'mine',
      members: [],
      want: 'Denied',
    },
    { name: 'strangers are no members', by: admin, team: 'ops', members: ['stranger'], want: 'Invalid' },
    { name: 'a name has rules', by: admin, team: '../x', members: [], want: 'Invalid' },
  ])
    it(`${name}: ${want}`, async () =>
      assert.equal(codeOf(await teams.put(by, 'acme', team, { members })), want));

  it('who leaves the Organization leaves its teams for good', async () => {
    assert.ok((await teams.put(admin, 'acme', 'ops', { members: [ada.id, ben.id] })).ok);
    assert.ok((await access.removeMember(admin, 'acme', ben.id)).ok);
    const input = { name: 'ben', email: 'ben@example.net', role: 'org-developer' as const };
    await joinOrganization(kit.parts(), admin, 'acme', input);
    assert.deepEqual(
      (await named('ops'))?.members.map(({ id }) => id),
      [ada.id],
    );
  });

  it('names those who may approve, and nobody of another Organization', async () => {
    const found = await teams.people('acme', [
      '@acme/security',
      '@globex/security',
      '@acme/nobody',
      'ADA@example.net',
      'viewer@example.net',
    ]);
    assert.deepEqual(found['@acme/security']?.includes(viewer.id), false);
    assert.deepEqual(Object.keys(found).sort(), ['@acme/security', 'ADA@example.net', 'viewer@example.net']);
    assert.deepEqual(found['viewer@example.net'], []);
  });

  it('one that a policy names stays', async () => {
    assert.equal(codeOf(await teams.remove(admin, 'acme', 'security')), 'InUse');
    assert.equal(codeOf(await teams.remove(admin, 'acme', 'ops')), 'ok');
    assert.equal(codeOf(await teams.remove(admin, 'acme', 'ops')), 'NotFound');
  });

  it('goes with its Organization', async () => {
    await access.removeOrganization('acme');
    assert.equal(await named('security'), undefined);
  });
});
