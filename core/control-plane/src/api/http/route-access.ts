import { type Actor, authorize, isSovereignAdmin, type Permission } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { whyNotPostCheck } from '@catalyst/model/policy/check-rights.ts';
import { CatalystError } from '@catalyst/model/problem.ts';

/**
 * Who may use a route. `public`: everybody, credentials are not looked at; `optional`: everybody, and a signed-in person may see
 * more; `user`: whoever has signed in; a permission is judged in the Organization or Environment that the path names.
 */
export type RouteAccess =
  | 'public'
  | 'optional'
  | 'user'
  | 'sovereign-admin'
  | { readonly permission: Permission; readonly scope: 'organization' | 'environment' };

const leastRole: Partial<Record<Permission, string>> = {
  'organization.delete': 'org-admin',
  'members.write': 'org-admin',
  'webhooks.write': 'org-admin',
  'environment.create': 'org-admin',
  'environment.delete': 'org-admin',
  'application.write': 'org-developer',
  'repository.write': 'org-developer',
  'policy.write': 'org-admin',
  'check.give': 'org-admin',
  'pull-request.write': 'org-developer',
};

/** The one refusal for what is not there and for what the caller may not know of. */
export function notFound(
  what = 'There is nothing here under this name, or you may not see it.',
): CatalystError {
  return new CatalystError('NotFound', what);
}

/** Throws what a caller without the right is told; decided from the caller's own memberships alone, without a look-up. */
export function demand(
  access: Exclude<RouteAccess, 'public' | 'optional'>,
  actor: Actor | undefined,
  params: Readonly<Record<string, unknown>>,
): void {
  if (!actor)
    throw new CatalystError(
      'Unauthenticated',
      'Sign in first, or send a valid token as `Authorization: Bearer`.',
    );
  if (access === 'user') return;
  if (access === 'sovereign-admin') {
    if (!isSovereignAdmin(actor)) throw denied(actor, 'sovereign-admin', 'this Sovereign');
    return;
  }
  const scope = scopeOf(access.scope, params);
  const verdict = scope ? authorize(actor, access.permission, scope) : 'hidden';
  if (verdict === 'allowed') return;
  if (verdict === 'hidden' || !scope) throw notFound();
  if (access.permission === 'break-glass.open' && !actor.readOnly)
    throw new CatalystError(
      'Denied',
      'Breaking the glass is a right of its own, which an org-admin grants by name; no role has it.',
    );
  if (access.permission === 'check.post') {
    const problem = whyNotPostCheck(actor, scope.organization, scope.check ?? '');
    if (problem) throw new CatalystError(problem.code, problem.message);
  }
  throw denied(actor, leastRole[access.permission] ?? 'org-viewer', scope.environment ?? scope.organization);
}

function scopeOf(
  kind: 'organization' | 'environment',
  params: Readonly<Record<string, unknown>>,
): { organization: string; environment?: string; check?: string } | undefined {
  const name = params[kind];
  if (typeof name !== 'string') return undefined;
  if (kind === 'organization') {
    // A route below an Organization may name an Environment too; a developer's limit holds there as well.
    const { environment, check } = params;
    return {
      organization: name,
      ...(typeof environment === 'string' ? { environment } : {}),
      ...(typeof check === 'string' ? { check } : {}),
    };
  }
  const parsed = parseEnvironmentName(name);
  return parsed && { organization: parsed.organization, environment: name };
}

function denied(actor: Actor, role: string, where: string): CatalystError {
  return new CatalystError(
    'Denied',
    actor.readOnly
      ? 'This token only reads. Use one that may write.'
      : `This needs the role ${role} for ${where}. Ask an administrator for it.`,
  );
}
