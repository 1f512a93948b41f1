import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { listWords } from '@catalyst/model/policy/approvals.ts';
import { approversOfPolicy, type Policy } from '@catalyst/model/policy/policy.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Access } from '../access/access.ts';
import type { People, Teams } from '../access/teams.ts';

/** Somebody who may approve the change of a policy, and why. */
export interface Approver {
  readonly id: string;
  readonly name: string;
  readonly as: 'org-admin' | 'approver' | 'sovereign-admin';
}

/** What finding them needs. */
export interface WhoApprovesDeps {
  readonly access: Pick<Access, 'members'>;
  readonly teams: Pick<Teams, 'people'>;
  readonly identity: Pick<Identity, 'sovereignAdmins'>;
}

/**
 * Who may approve a change of a policy, as memberships and the policy that holds now say: org-admins, whom its rules name as
 * approvers, and sovereign-admins. The proposer is never among them.
 */
export async function whoApproves(
  deps: WhoApprovesDeps,
  environment: string,
  present: Policy | undefined,
  proposer: string,
): Promise<Approver[]> {
  const organization = parseEnvironmentName(environment)?.organization ?? '';
  const nobody: People = {};
  const [members, people, admins] = await Promise.all([
    deps.access.members(organization),
    present ? deps.teams.people(organization, approversOfPolicy(present)) : nobody,
    deps.identity.sovereignAdmins(),
  ]);
  const named = new Set(Object.values(people).flatMap((ids) => [...ids]));
  const found: Approver[] = [
    ...members
      .filter(({ user, role }) => user.active && (role === 'org-admin' || named.has(user.id)))
      .map(
        ({ user: { id, name }, role }): Approver => ({
          id,
          name,
          as: role === 'org-admin' ? 'org-admin' : 'approver',
        }),
      ),
    ...admins.map(({ id, name }): Approver => ({ id, name, as: 'sovereign-admin' })),
  ];
  return found.filter(({ id }, at) => id !== proposer && found.findIndex((one) => one.id === id) === at);
}

/** Who could approve, in a sentence; where it is nobody of the Organization, what to do about it. */
export function waitsFor(approvers: readonly Approver[], organization: string): string {
  const second = `an org-admin of ${organization} must add a second org-admin`;
  if (approvers.length === 0)
    return `Nobody else may approve it: ${second}, or its proposer, the only sovereign-admin, confirms it with a reason that the commit keeps.`;
  const names = (as: readonly Approver['as'][]) =>
    approvers.filter((one) => as.includes(one.as)).map(({ name }) => name);
  const own = names(['org-admin', 'approver']);
  const admins = names(['sovereign-admin']);
  if (own.length === 0)
    return `Nobody else of ${organization} may approve it: ${second}, or ${listWords(admins, 'or')} (sovereign-admin) must approve it.`;
  const others = admins.length > 0 ? `, or ${listWords(admins, 'or')} (sovereign-admin)` : '';
  return `Waits until ${listWords(own, 'or')}${others} approves it.`;
}
