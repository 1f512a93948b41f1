import type { Actor } from '@catalyst/model/authorization.ts';
import { ok, type Problem, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Transaction } from '../../ports/database.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Access } from './access.ts';
import { type MembershipRow, membershipsTable, notMember, toMember } from './membership-rows.ts';

const perOrganization = 1_000;
const denied = (message: string): Problem => ({ code: 'Denied', message });

/** Grants and takes the right to break the glass; who may is asked inside the transaction that changes it (docs/adr/0018). */
export function createGrantBreakGlass(deps: {
  readonly database: Database;
  readonly identity: Identity;
  readonly clock: Clock;
}): Access['grantBreakGlass'] {
  const { database, identity, clock } = deps;

  async function activeAdmins(tables: Transaction, organization: string): Promise<string[]> {
    const rows = await tables
      .table(membershipsTable)
      .list({ where: { organization }, limit: perOrganization });
    const active: string[] = [];
    for (const { user, role } of rows)
      if (role === 'org-admin' && (await identity.findUser(user))?.active) active.push(user);
    return active;
  }

  async function whyNot(
    tables: Transaction,
    actor: Actor,
    { organization, user, role }: MembershipRow,
    granted: boolean,
  ): Promise<Problem | undefined> {
    if (actor.readOnly) return denied('This token only reads. Use one that may write.');
    const admins = await activeAdmins(tables, organization);
    const isAdmin = admins.includes(actor.id);
    if (!granted)
      return isAdmin || actor.sovereignAdmin
        ? undefined
        : denied('Only an org-admin takes the right to break the glass.');
    if (!isAdmin && !(actor.sovereignAdmin && admins.length === 0))
      return denied(
        'Only an org-admin grants the right to break the glass; a sovereign-admin does where there is no active org-admin.',
      );
    if (user === actor.id && admins.some((admin) => admin !== actor.id))
      return denied('Nobody grants themselves the right to break the glass. Ask another org-admin.');
    return role === 'org-viewer'
      ? {
          code: 'Invalid',
          message: 'Who only views merges nothing. Make this person org-developer first.',
        }
      : undefined;
  }

  return async (actor, organization, user, granted) => {
    const person = await identity.findUser(user);
    return database.transaction(async (tables) => {
      const rows = tables.table(membershipsTable);
      const before = await rows.get(`${organization}/${user}`);
      if (!before || !person) return refused(notMember);
      const problem = await whyNot(tables, actor, before, granted);
      if (problem) return refused(problem);
      const { breakGlass, ...rest } = before;
      if (granted === (breakGlass !== undefined)) return ok(toMember(person, before));
      const grant = { by: { id: actor.id, name: actor.name }, at: new Date(clock.now()).toISOString() };
      const row: MembershipRow = granted ? { ...rest, breakGlass: grant } : rest;
      await rows.put(row);
      return ok(toMember(person, row));
    });
  };
}
