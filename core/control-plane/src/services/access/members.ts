import { type Actor, type Membership, organizationRoles } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Transaction } from '../../ports/database.ts';
import type { Identity, User } from '../../ports/identity.ts';
import type { Access, Invitation, MembershipInput } from './access.ts';
import { createGrantBreakGlass } from './grant-break-glass.ts';
import {
  keepingRight,
  type MembershipRow,
  membershipsTable as memberships,
  notMember,
  toMember,
  toMembership,
} from './membership-rows.ts';
import { forgetTeams, leaveTeams } from './team-rows.ts';
import { forgetCheckRights } from './tokens.ts';

const perOrganization = 1_000;
const perUser = 1_000;

/** Memberships of all Organizations. */
export interface Members {
  /** What a user has, in every Organization. */
  of(user: string): Promise<Membership[]>;
  list: Access['members'];
  add: Access['addMember'];
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

  async function findOrInvite(
    organization: string,
    input: { name: string; email: string },
  ): Promise<Result<{ user: User; invitation?: Invitation }>> {
    const known = await identity.findUserByEmail(input.email);
    // A link lets its holder set the password. So only the first Organization gets one, and never for an administrator.
    const elsewhere =
      known &&
      (known.sovereignAdmin ||
        (await table.list({ where: { user: known.id }, limit: 10 })).some(
          (row) => row.organization !== organization,
        ));
    if (known && (known.active || elsewhere)) return ok({ user: known });
    const invited = await identity.invite({ ...input, sovereignAdmin: false });
    if (!invited.ok) return invited;
    const { user, path, expiresAt } = invited.value;
    return ok({ user, invitation: { path, expiresAt } });
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

    async add(actor, organization, input) {
      const problem = checkInput(organization, input) ?? (await checkRight(database, actor, organization));
      if (problem) return refused(problem);
      if ((await table.count({ organization })) >= perOrganization)
        return refused({
          code: 'TooMany',
          message: `An Organization has at most ${perOrganization} members.`,
        });
      const found = await findOrInvite(organization, input);
      if (!found.ok) return found;
      const { user, invitation } = found.value;
      const row = toRow(organization, user.id, input);
      const refusal = await database.transaction(async (tables) => {
        const denied = await checkRight(tables, actor, organization);
        if (denied) return denied;
        const rows = tables.table(memberships);
        if (await rows.insert(row)) return undefined;
        if (user.active) return alreadyMember;
        const before = await rows.get(row.key);
        if (before && (await isLastAdmin(tables, actor, before)) && row.role !== 'org-admin')
          return lastAdmin;
        await rows.put(keepingRight(row, before));
        return undefined;
      });
      if (refusal) return refused(refusal);
      return ok({ member: toMember(user, row), ...(invitation ? { invitation } : {}) });
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
        row = keepingRight(row, before);
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

function checkInput(organization: string, input: MembershipInput): Problem | undefined {
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
const alreadyMember: Problem = {
  code: 'Conflict',
  field: 'email',
  message: 'This person is a member of the Organization already. Change their role instead.',
};
const lastAdmin: Problem = {
  code: 'LastAdmin',
  message: 'An Organization keeps at least one active org-admin. Make somebody else org-admin first.',
};
const ownRise: Problem = { code: 'Denied', message: 'Nobody gives themselves a higher role.' };

function toRow(organization: string, user: string, input: MembershipInput): MembershipRow {
  const { role, environments } = input;
  return {
    key: `${organization}/${user}`,
    organization,
    user,
    role,
    ...(environments ? { environments: [...new Set(environments)].sort() } : {}),
  };
}
