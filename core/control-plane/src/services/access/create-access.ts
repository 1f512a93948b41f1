import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Access } from './access.ts';
import { createInvitations } from './invitations.ts';
import { createMembers } from './members.ts';
import { createSessions } from './sessions.ts';
import { createTokens, type FoundToken } from './tokens.ts';

/** Makes `Access` over the tables `sessions`, `access_tokens`, `memberships` and `membership_invitations`. */
export function createAccess(deps: { database: Database; identity: Identity; clock: Clock }): Access {
  const members = createMembers(deps);
  const invitations = createInvitations(deps);
  const sessions = createSessions(deps);
  const tokens = createTokens(deps);

  async function actorOf(
    user: string | undefined,
    surface: Actor['surface'],
    found?: FoundToken,
  ): Promise<Actor | undefined> {
    if (user === undefined) return undefined;
    const [person, memberships] = await Promise.all([deps.identity.findUser(user), members.of(user)]);
    if (!person?.active) return undefined;
    const { id, name, email, sovereignAdmin } = person;
    const actor: Actor = { id, name, email, sovereignAdmin, memberships, surface };
    if (!found) return actor;
    const { readOnly, checkRight } = found;
    return {
      ...actor,
      token: { id: found.id, name: found.name },
      ...(readOnly ? { readOnly } : {}),
      ...(checkRight ? { checkRight } : {}),
    };
  }

  return {
    signIn: sessions.begin,
    signOut: sessions.end,
    authenticateSession: async (cookie) => actorOf(await sessions.find(cookie), 'console'),
    async authenticateToken(token, surface = 'api') {
      const found = await tokens.find(token);
      return actorOf(found?.user, surface, found);
    },
    tokens: (actor) => tokens.list(actor),
    createToken: tokens.create,
    deleteToken: (actor, id) => tokens.delete(actor.id, id),
    members: members.list,
    addMember: invitations.add,
    invitations: invitations.list,
    renewInvitation: invitations.renew,
    withdrawInvitation: invitations.withdraw,
    readInvitation: invitations.read,
    acceptInvitation: invitations.acceptNew,
    acceptMembership: invitations.accept,
    changeMember: members.change,
    grantBreakGlass: members.grantBreakGlass,
    async mayBreakGlass(user, environment) {
      const organization = parseEnvironmentName(environment)?.organization ?? '';
      const actor = await actorOf(user, 'system');
      return authorize(actor, 'break-glass.open', { organization, environment }) === 'allowed';
    },
    removeMember: members.remove,
    removeOrganization: members.removeOrganization,
  };
}
