import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { tokenOf } from '../../ports/identity.contract.ts';
import { whoApproves } from '../policy-proposal/who-approves.ts';
import { createMayWrite } from '../receiving/may-write.ts';
import { codeOf, startProposals } from '../review/testing/proposals.ts';
import { createRebuildActor } from './rebuild-actor.ts';

const email = 'pat@example.net';
const { kit, people, propose, approve, merge } = await startProposals();
const { access, identity, teams } = kit.parts();
const made = await identity.createUser({ name: 'Pat', email, password: 'correct horse battery' });
assert.ok(made.ok);
const { id } = made.value;
const added = await access.addMember(kit.boss, 'acme', { name: 'Pat', email, role: 'org-admin' });
assert.ok(added.ok);
const opened = await propose(people.omar);

async function signedIn(): Promise<Actor> {
  const actor = await access.authenticateSession((await access.signIn(id)).cookie);
  assert.ok(actor);
  return actor;
}

/** Every door of an Organization that a membership opens, and whether it is open to Pat. */
async function doors(): Promise<Record<string, unknown>> {
  const pat = await signedIn();
  const made = await access.createToken(pat, { name: 'git', expiresInDays: 1 });
  const byGit = made.ok ? await access.authenticateToken(made.value.token, 'git') : undefined;
  const found = await teams.people('acme', ['@acme/org-admins', email]);
  const built = (await teams.list('acme')).find(({ name }) => name === 'org-admins');
  const approvers = await whoApproves({ access, teams, identity }, 'acme-prod', undefined, people.omar.id);
  const mayWrite = createMayWrite({ access, identity });
  const pusher = { id, name: 'Pat', surface: 'git' as const };
  return {
    console: pat.memberships.length,
    git: byGit?.memberships.length,
    listed: (await access.members('acme')).some(({ user }) => user.id === id),
    inTheTeamOfTheRole: built?.members.some((member) => member.id === id),
    behindTheTeam: found['@acme/org-admins']?.includes(id),
    behindTheAddress: found[email]?.includes(id) ?? false,
    ofOwnTeam: codeOf(await teams.put(people.admin, 'acme', 'pats', { members: [id] })),
    managesTeams: codeOf(await teams.put(pat, 'acme', 'mine', { members: [] })),
    pushes: await mayWrite(pusher, { organization: 'acme', environment: 'acme-dev' }),
    inHisName: (await createRebuildActor({ access, identity })(id, 'acme', 'system'))?.memberships.length,
    policies: approvers.some((approver) => approver.id === id),
    glass: codeOf(await access.grantBreakGlass(people.admin, 'acme', id, true)),
    approves: codeOf(await approve(pat, opened)),
    merges: codeOf(await merge(pat, opened)),
  };
}

describe('a membership that nobody has accepted yet', { timeout: 60_000 }, () => {
  after(() => kit.dispose());

  it('opens no door of the Organization', async () => {
    assert.deepEqual(await doors(), {
      console: 0,
      git: 0,
      listed: false,
      inTheTeamOfTheRole: false,
      behindTheTeam: false,
      behindTheAddress: false,
      ofOwnTeam: 'Invalid',
      managesTeams: 'Denied',
      pushes: false,
      inHisName: 0,
      policies: false,
      glass: 'NotFound',
      approves: 'Denied',
      merges: 'Denied',
    });
    await assert.rejects(kit.commit(await signedIn(), 'develop', { 'x.md': 'x\n' }), /Denied/);
  });

  it('opens them once it is accepted', async () => {
    assert.ok((await access.acceptMembership(await signedIn(), tokenOf(added.value.path))).ok);
    assert.deepEqual(await doors(), {
      console: 1,
      git: 1,
      listed: true,
      inTheTeamOfTheRole: true,
      behindTheTeam: true,
      behindTheAddress: true,
      ofOwnTeam: 'ok',
      managesTeams: 'ok',
      pushes: true,
      inHisName: 1,
      policies: true,
      glass: 'ok',
      approves: 'ok',
      merges: 'GateClosed',
    });
  });
});
