import type { Membership } from '@catalyst/model/authorization.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { TableDefinition } from '../../ports/database.ts';
import type { User } from '../../ports/identity.ts';
import type { BreakGlassGrant, Member, MembershipInput } from './access.ts';

/** A membership as it is kept. */
export interface MembershipRow extends Omit<Membership, 'breakGlass'> {
  /** `<organization>/<user>` */
  readonly key: string;
  readonly user: string;
  /** RFC 3339: when the person accepted. */
  readonly since?: string;
  readonly breakGlass?: BreakGlassGrant;
}

/** Memberships of all Organizations. */
export const membershipsTable: TableDefinition<MembershipRow> = {
  name: 'memberships',
  key: 'key',
  indexes: ['organization', 'user'],
};

/** The refusal for whoever does not belong there. */
export const notMember: Problem = {
  code: 'NotFound',
  message: 'This person is no member of the Organization.',
};

/** The refusal of somebody's second membership in an Organization. */
export const alreadyMember: Problem = {
  code: 'Conflict',
  field: 'email',
  message: 'This person is a member of the Organization already. Change their role instead.',
};

/** What is no part of a role stays when that changes: since when, and the right to break the glass, of which who only views has no use. */
export function keepingRest(row: MembershipRow, { since, breakGlass }: MembershipRow): MembershipRow {
  return {
    ...row,
    ...(since === undefined ? {} : { since }),
    ...(breakGlass && row.role !== 'org-viewer' ? { breakGlass } : {}),
  };
}

/** A membership as it is kept. */
export function toRow(organization: string, user: string, input: MembershipInput): MembershipRow {
  const { role, environments } = input;
  return {
    key: `${organization}/${user}`,
    organization,
    user,
    role,
    ...(environments ? { environments: [...new Set(environments)].sort() } : {}),
  };
}

/** What it says of a person's rights. */
export function toMembership({ organization, role, environments, breakGlass }: MembershipRow): Membership {
  return {
    organization,
    role,
    ...(environments ? { environments } : {}),
    ...(breakGlass ? { breakGlass: true } : {}),
  };
}

/** A member as the others see them. */
export function toMember({ id, name, email, active }: User, row: MembershipRow): Member {
  const { role, environments, since, breakGlass } = row;
  return {
    user: { id, name, email, active },
    role,
    ...(environments ? { environments } : {}),
    ...(since === undefined ? {} : { since }),
    ...(breakGlass ? { breakGlass } : {}),
  };
}
