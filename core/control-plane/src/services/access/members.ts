import { type Actor, type Membership, organizationRoles } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { ok, type Problem, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Transaction } from '../../ports/database.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Access, MembershipInput } from './access.ts';
import { createGrantBreakGlass } from './grant-break-glass.ts';
import { forgetInvitations } from './invitation-rows.ts';
import {
  keepingRest,
  type MembershipRow,
  membershipsTable as memberships,
  notMember,
  toMember,
  toMembership,
  toRow,
} from './membership-rows.ts';
import { forgetTeams, leaveTeams } from './team-rows.ts';
import { forgetCheckRights } from './tokens.ts';

/** Most members of one Organization, those who are invited included. */
export const perOrganization = 1_000;
const perUser = 1_000;

/** Memberships of all Organizations. */
export interface Members {
  /** What a user has, in every Organization. */
  of(user: string): Promise<Membership[]>;
  list: Access['members'];
  change: Access['changeMember'];
  remove: Access['removeMember'];
  grantBreakGlass: Access['grantBreakGlass'];
  removeOrganization: Access['removeOrganization'];
}

/** Makes the rows that say who belongs where. Every change checks the actor's right again inside its transaction. */
export function createMembers(deps: { database: Database; identity: Identity; clock: Clock }): Members {
  const { database, identity } = deps;
  const table = database.table(memberships);

  /** The last active org-admin stays, unless a sovereign-admin acts. */
  async function isLastAdmin(tables: Transaction, actor: Actor, row: MembershipRow): Promise<boolean> {
    if (row.role !== 'org-admin' || actor.sovereignAdmin) return false;
    for (const other of await tables
      .table(memberships)
      .list({ where: { organization: row.organization }, limit: perOrganization }))
      if (
        other.role === 'org-admin' &&
        other.key !== row.key &&
        (await identity.findUser(other.user))?.active
      )
        return false;
    return true;
  }

  return {
    of: async (user) => (await table.list({ where: { user }, limit: perUser })).map(toMembership),

    async list(organization) {
      const rows = await table.list({ where: { organization }, limit: perOrganization });
      const people = await Promise.all(
        rows.map(async (row) => {
          const user = await identity.findUser(row.user);
          return user ? [toMember(user, row)] : [];
        }),
      );
      return people.flat().sort((a, b) => a.user.email.localeCompare(b.user.email));
    },

    async change(actor, organization, user, input) {
      const problem = checkInput(organization, input);
      if (problem) return refused(problem);
      const person = await identity.findUser(user);
      let row = toRow(organization, user, input);
      const refusal = await database.transaction(async (tables) => {
        const denied = await checkRight(tables, actor, organization);
        if (denied) return denied;
        const before = await tables.table(memberships).get(row.key);
        if (!before || !person) return notMember;
        if (user === actor.id && !actor.sovereignAdmin && rank(row) < rank(before)) return ownRise;
        if (row.role !== 'org-admin' && (await isLastAdmin(tables, actor, before))) return lastAdmin;
        row = keepingRest(row, before);
        await tables.table(memberships).put(row);
        return undefined;
      });
      if (refusal || !person) return refused(refusal ?? notMember);
      return ok(toMember(person, row));
    },

    async remove(actor, organization, user) {
      const key = `${organization}/${user}`;
      const refusal = await database.transaction(async (tables) => {
        const denied = await checkRight(tables, actor, organization);
        if (denied) return denied;
        const before = await tables.table(memberships).get(key);
        if (!before) return notMember;
        if (await isLastAdmin(tables, actor, before)) return lastAdmin;
        await tables.table(memberships).delete(key);
        await leaveTeams(tables, organization, user);
        return undefined;
      });
      return refusal ? refused(refusal) : ok(undefined);
    },

    grantBreakGlass: createGrantBreakGlass(deps),

    async removeOrganization(organization) {
      await database.transaction(async (tables) => {
        await forgetTeams(tables, organization);
        await forgetCheckRights(tables, organization);
        await forgetInvitations(tables, organization);
        const rows = tables.table(memberships);
        for (;;) {
          const some = await rows.list({ where: { organization } });
          if (some.length === 0) return;
          for (const row of some) await rows.delete(row.key);
        }
      });
    },
  };
}

/** Only an org-admin, or a sovereign-admin, decides who belongs where; asked inside the transaction that changes it. */
export async function checkRight(
  tables: Transaction,
  actor: Actor,
  organization: string,
): Promise<Problem | undefined> {
  if (!actor.readOnly) {
    if (actor.sovereignAdmin) return undefined;
    const own = await tables.table(memberships).get(`${organization}/${actor.id}`);
    if (own?.role === 'org-admin') return undefined;
  }
  return { code: 'Denied', message: 'Only an org-admin manages the members of an Organization.' };
}

/** What is wrong with what a membership shall be. */
export function checkInput(organization: string, input: MembershipInput): Problem | undefined {
  if (!input.environments) return undefined;
  if (input.role !== 'org-developer')
    return {
      code: 'Invalid',
      field: 'environments',
      message: 'Only an org-developer can be limited to some Environments.',
    };
  const foreign = input.environments.find(
    (name) => parseEnvironmentName(name)?.organization !== organization,
  );
  return foreign === undefined
    ? undefined
    : {
        code: 'Invalid',
        field: 'environments',
        message: `"${foreign}" is no Environment of this Organization.`,
      };
}

const rank = (row: MembershipRow) => organizationRoles.indexOf(row.role) + (row.environments ? 0.5 : 0);
const lastAdmin: Problem = {
  code: 'LastAdmin',
  message: 'An Organization keeps at least one active org-admin. Make somebody else org-admin first.',
};
const ownRise: Problem = { code: 'Denied', message: 'Nobody gives themselves a higher role.' };
