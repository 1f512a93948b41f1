import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Access } from './access.ts';
import { createMembers } from './members.ts';
import { createSessions } from './sessions.ts';
import { createTokens } from './tokens.ts';

/** Makes `Access` over the tables `sessions`, `access_tokens` and `memberships`. */
export function createAccess(deps: { database: Database; identity: Identity; clock: Clock }): Access {
  const members = createMembers(deps);
  const sessions = createSessions(deps);
  const tokens = createTokens(deps);

  async function actorOf(
    user: string | undefined,
    surface: Actor['surface'],
    readOnly: boolean,
  ): Promise<Actor | undefined> {
    if (user === undefined) return undefined;
    const [person, memberships] = await Promise.all([deps.identity.findUser(user), members.of(user)]);
    if (!person?.active) return undefined;
    const { id, name, email, sovereignAdmin } = person;
    return { id, name, email, sovereignAdmin, memberships, surface, ...(readOnly ? { readOnly } : {}) };
  }

  return {
    signIn: sessions.begin,
    signOut: sessions.end,
    authenticateSession: async (cookie) => actorOf(await sessions.find(cookie), 'console', false),
    async authenticateToken(token, surface = 'api') {
      const found = await tokens.find(token);
      return actorOf(found?.user, surface, found?.readOnly ?? false);
    },
    tokens: (actor) => tokens.list(actor.id),
    createToken: tokens.create,
    deleteToken: (actor, id) => tokens.delete(actor.id, id),
    members: members.list,
    addMember: members.add,
    changeMember: members.change,
    grantBreakGlass: members.grantBreakGlass,
    async mayBreakGlass(user, environment) {
      const organization = parseEnvironmentName(environment)?.organization ?? '';
      const actor = await actorOf(user, 'system', false);
      return authorize(actor, 'break-glass.open', { organization, environment }) === 'allowed';
    },
    removeMember: members.remove,
    removeOrganization: members.removeOrganization,
  };
}
