import type { Membership } from '@catalyst/model/authorization.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { TableDefinition } from '../../ports/database.ts';
import type { User } from '../../ports/identity.ts';
import type { BreakGlassGrant, Member } from './access.ts';

/** A membership as it is kept. */
export interface MembershipRow extends Omit<Membership, 'breakGlass'> {
  /** `<organization>/<user>` */
  readonly key: string;
  readonly user: string;
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

/** The right to break the glass is no part of a role and stays when that changes; who only views has no use for it. */
export function keepingRight(row: MembershipRow, before: MembershipRow | undefined): MembershipRow {
  return before?.breakGlass && row.role !== 'org-viewer' ? { ...row, breakGlass: before.breakGlass } : row;
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
  const { role, environments, breakGlass } = row;
  return {
    user: { id, name, email, active },
    role,
    ...(environments ? { environments } : {}),
    ...(breakGlass ? { breakGlass } : {}),
  };
}
