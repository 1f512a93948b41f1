/** Roles inside an Organization, from most to least. `sovereign-admin` is a property of the User. */
export const organizationRoles = ['org-admin', 'org-developer', 'org-viewer'] as const;
/** A role inside an Organization. */
export type OrganizationRole = (typeof organizationRoles)[number];

/** What a caller has in one Organization. A developer may be limited to named Environments. */
export interface Membership {
  readonly organization: string;
  readonly role: OrganizationRole;
  /** Absent: every Environment of the Organization. */
  readonly environments?: readonly string[];
  /** May break the glass where it may change; granted by name, never part of a role. */
  readonly breakGlass?: true;
}

/** The right to post named checks to pull requests of one Organization; a token has it, never a role (docs/adr/0020). */
export interface CheckRight {
  readonly organization: string;
  /** Exactly these. */
  readonly names: readonly string[];
}

/** Who asks, proven by a session or a personal access token. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly sovereignAdmin: boolean;
  readonly memberships: readonly Membership[];
  readonly surface: 'console' | 'git' | 'api' | 'system';
  /** A token may carry less than its owner has. */
  readonly readOnly?: boolean;
  /** The token by which it is proven. */
  readonly token?: { readonly id: string; readonly name: string };
  /** Of the token; holds only while its owner could give it. */
  readonly checkRight?: CheckRight;
}

/** What can be asked. Each names the least that it needs. */
export type Permission =
  | 'organization.read'
  | 'organization.delete'
  | 'members.read'
  | 'members.write'
  | 'environment.create'
  | 'environment.delete'
  | 'environment.read'
  | 'application.read'
  | 'application.write'
  | 'repository.read'
  | 'repository.write'
  | 'webhooks.write'
  | 'policy.write'
  /** Opening it for a while, for oneself. No role has it. */
  | 'break-glass.open'
  /** Posting one named check. No role has it, a token may. */
  | 'check.post'
  /** Giving a token the right to post checks. */
  | 'check.give'
  /** Opening, discussing and reviewing; a developer who is limited to some Environments may propose for the others. */
  | 'pull-request.write';

const writes: ReadonlySet<Permission> = new Set([
  'organization.delete',
  'members.write',
  'environment.create',
  'environment.delete',
  'application.write',
  'repository.write',
  'webhooks.write',
  'policy.write',
  'break-glass.open',
  'check.post',
  'check.give',
  'pull-request.write',
]);
const developerWrites: ReadonlySet<Permission> = new Set([
  'application.write',
  'repository.write',
  'break-glass.open',
  'pull-request.write',
]);

/**
 * The one answer to "may this actor do that there?". Deny by default. `hidden` means that the caller may not even learn that
 * the Organization exists (answer 404); `denied` that it may (answer 403).
 */
export function authorize(
  actor: Actor | undefined,
  permission: Permission,
  scope: { readonly organization: string; readonly environment?: string; readonly check?: string },
): 'allowed' | 'denied' | 'hidden' {
  if (!actor) return 'hidden';
  const write = writes.has(permission);
  const membership = actor.memberships.find((entry) => entry.organization === scope.organization);
  // Asked before any role: no administrator has it by being one.
  if (permission === 'break-glass.open' && !membership?.breakGlass)
    return membership || actor.sovereignAdmin ? 'denied' : 'hidden';
  // A token that only reads may have it, and what its owner is now decides whether it still holds.
  if (permission === 'check.post')
    return !membership && !actor.sovereignAdmin
      ? 'hidden'
      : hasCheckRight(actor, scope) && mayGiveChecks(actor, scope.organization)
        ? 'allowed'
        : 'denied';
  if (actor.sovereignAdmin) return write && actor.readOnly ? 'denied' : 'allowed';
  if (!membership) return 'hidden';
  if (!write) return 'allowed';
  if (actor.readOnly) return 'denied';
  if (membership.role === 'org-admin') return 'allowed';
  if (membership.role !== 'org-developer' || !developerWrites.has(permission)) return 'denied';
  if (!membership.environments || permission === 'pull-request.write') return 'allowed';
  return scope.environment !== undefined && membership.environments.includes(scope.environment)
    ? 'allowed'
    : 'denied';
}

function hasCheckRight(
  { checkRight }: Actor,
  { organization, check }: { readonly organization: string; readonly check?: string },
): boolean {
  return checkRight?.organization === organization && check !== undefined && checkRight.names.includes(check);
}

/** Whether somebody is one of those who give tokens the right to post checks, whatever the token by which he asks carries. */
export function mayGiveChecks(
  { id, name, email, sovereignAdmin, memberships, surface }: Actor,
  organization: string,
): boolean {
  const person = { id, name, email, sovereignAdmin, memberships, surface };
  return authorize(person, 'check.give', { organization }) === 'allowed';
}

/** Creating an Organization, and everything that belongs to the Sovereign as a whole. */
export function isSovereignAdmin(actor: Actor | undefined): boolean {
  return actor?.sovereignAdmin === true && actor.readOnly !== true;
}
