import type { Actor } from '@catalyst/model/authorization.ts';
import { checkEmail, checkPersonName, normaliseEmail } from '@catalyst/model/person.ts';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { ulid } from 'ulid';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Transaction } from '../../ports/database.ts';
import type { Identity, User } from '../../ports/identity.ts';
import type { Access, InvitationLink } from './access.ts';
import {
  findByToken,
  forgetUsed,
  type InvitationRow,
  invitationsTable,
  newLink,
  toInvitation,
} from './invitation-rows.ts';
import { checkInput, checkRight, perOrganization } from './members.ts';
import {
  alreadyMember,
  type MembershipRow,
  membershipsTable,
  toMembership,
  toRow,
} from './membership-rows.ts';

/** Memberships that are offered: made and taken back by org-admins, accepted by whoever has the link and the account (docs/adr/0021). */
export interface Invitations {
  add: Access['addMember'];
  list: Access['invitations'];
  renew: Access['renewInvitation'];
  withdraw: Access['withdrawInvitation'];
  read: Access['readInvitation'];
  acceptNew: Access['acceptInvitation'];
  accept: Access['acceptMembership'];
}

/**
 * Makes the rows of offers. They are apart from the rows of memberships, so that what nobody accepted cannot count anywhere. Every change
 * checks right and link again inside its transaction.
 */
export function createInvitations(deps: {
  database: Database;
  identity: Identity;
  clock: Clock;
}): Invitations {
  const { database, identity, clock } = deps;

  /** The one way from an offer to a membership. */
  async function join(person: Pick<User, 'id' | 'email'>, token: string): Promise<Result<MembershipRow>> {
    return database.transaction(async (tables) => {
      const found = await findByToken(tables, token, clock.now());
      if (!found.ok) return found;
      const offer = found.value;
      if (normaliseEmail(person.email) !== offer.email) return refused(otherAccount(offer, person.email));
      const since = new Date(clock.now()).toISOString();
      const row = { ...toRow(offer.organization, person.id, offer), since };
      if (!(await tables.table(membershipsTable).insert(row))) return refused(alreadyMember);
      await tables.table(invitationsTable).put({ ...offer, open: false });
      return ok(row);
    });
  }

  /** Changes one that is open, if the actor may. */
  async function change<T>(
    actor: Actor,
    organization: string,
    id: string,
    act: (tables: Transaction, row: InvitationRow) => Promise<T>,
  ): Promise<Result<T>> {
    return database.transaction(async (tables) => {
      const denied = await checkRight(tables, actor, organization);
      if (denied) return refused(denied);
      const [row] = await tables.table(invitationsTable).list({ where: { id }, limit: 1 });
      if (row?.organization !== organization || !row.open) return refused(noInvitation);
      return ok(await act(tables, row));
    });
  }

  return {
    async add(actor, organization, input) {
      const checked = checkOffer(organization, input);
      if (!checked.ok) return checked;
      const { name, email } = checked.value;
      const known = await identity.findUserByEmail(email);
      const { hash, expires, path } = newLink(clock.now());
      const { role, environments } = toRow(organization, '', input);
      const row: InvitationRow = {
        key: `${organization}/${email}`,
        id: `inv_${ulid(clock.now())}`,
        organization,
        email,
        name,
        role,
        ...(environments ? { environments } : {}),
        invitedBy: { id: actor.id, name: actor.name },
        invitedAt: new Date(clock.now()).toISOString(),
        hash,
        expires,
        open: true,
      };
      const refusal = await database.transaction(async (tables) => {
        const denied = await checkRight(tables, actor, organization);
        if (denied) return denied;
        const member = await tables.table(membershipsTable).get(`${organization}/${known?.id ?? ''}`);
        if (member && known?.active) return alreadyMember;
        if (await isFull(tables, organization, row.key)) return tooMany;
        await forgetUsed(tables, clock.now());
        await tables.table(invitationsTable).put(row);
        return undefined;
      });
      return refusal ? refused(refusal) : ok({ invitation: toInvitation(row), path });
    },

    async list(organization) {
      const rows = await database
        .table(invitationsTable)
        .list({ where: { organization, open: true }, limit: perOrganization });
      return rows.map(toInvitation).sort((a, b) => a.email.localeCompare(b.email));
    },

    renew: (actor, organization, id) =>
      change(actor, organization, id, async (tables, row): Promise<InvitationLink> => {
        const { path, ...link } = newLink(clock.now());
        await tables.table(invitationsTable).put({ ...row, ...link });
        return { invitation: toInvitation({ ...row, ...link }), path };
      }),

    withdraw: (actor, organization, id) =>
      change(actor, organization, id, async (tables, row) => {
        await tables.table(invitationsTable).delete(row.key);
      }),

    async read(token) {
      const found = await findByToken(database, token, clock.now());
      if (!found.ok) return found;
      const { organization, invitedBy } = found.value;
      const { id: _id, invitedAt: _at, ...offer } = toInvitation(found.value);
      return ok({ ...offer, organization, invitedBy: invitedBy.name });
    },

    async acceptNew(token, input) {
      const found = await findByToken(database, token, clock.now());
      if (!found.ok) return found;
      const { name, email } = found.value;
      const made = await identity.createUser({ name: input.name ?? name, email, password: input.password });
      if (!made.ok) return made.problems[0]?.code === 'Conflict' ? refused(accountExists(found.value)) : made;
      // Stopped in between, the account is there and the link still works: its owner signs in and accepts.
      const joined = await join(made.value, token);
      return joined.ok ? made : joined;
    },

    async accept(actor, token) {
      if (actor.surface !== 'console' || actor.readOnly) return refused(notByToken);
      const joined = await join(actor, token);
      return joined.ok ? ok(toMembership(joined.value)) : joined;
    },
  };
}

function checkOffer(
  organization: string,
  input: Parameters<Access['addMember']>[2],
): Result<{ name: string; email: string }> {
  const problem = checkInput(organization, input);
  if (problem) return refused(problem);
  const name = checkPersonName(input.name);
  if (!name.ok) return name;
  const email = checkEmail(input.email);
  return email.ok ? ok({ name: name.value, email: email.value }) : email;
}

/** One that takes the place of an earlier offer needs no further room. */
async function isFull(tables: Transaction, organization: string, key: string): Promise<boolean> {
  const rows = tables.table(invitationsTable);
  if ((await rows.get(key))?.open) return false;
  const members = await tables.table(membershipsTable).count({ organization });
  return members + (await rows.count({ organization, open: true })) >= perOrganization;
}

const tooMany: Problem = {
  code: 'TooMany',
  message: `An Organization has at most ${perOrganization} members, those who are invited included.`,
};
const noInvitation: Problem = {
  code: 'NotFound',
  message: 'There is no such invitation. It may have been accepted or withdrawn.',
};
const notByToken: Problem = {
  code: 'Denied',
  message: 'A token accepts no membership. Sign in to the console and open the link there.',
};

function accountExists({ email, invitedBy }: InvitationRow): Problem {
  return {
    code: 'AccountExists',
    message: `There is an account for ${email} already. Sign in to it, and accept there. If that account is not yours, accept nothing and tell ${invitedBy.name}, who sent the link.`,
  };
}

function otherAccount({ email, organization }: InvitationRow, own: string): Problem {
  return {
    code: 'Denied',
    message: `This invitation is for ${email}, and you are signed in as ${own}. Sign in as ${email}, or ask an org-admin of ${organization} to invite ${own}.`,
  };
}
