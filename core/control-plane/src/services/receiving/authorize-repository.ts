import { type Actor, authorize, isSovereignAdmin } from '@catalyst/model/authorization.ts';
import type { RepositoryName } from '../../ports/repositories.ts';

/**
 * Who may fetch and push. `catalog` and `catalog-sovereign` are read by everybody who has signed in, `system` belongs to the
 * sovereign-admin, an Organization's repositories to its members; a developer limited to Environments may push, and the judge of
 * the update refuses branches of other Environments.
 */
export function authorizeRepository(
  actor: Actor,
  repository: RepositoryName,
  access: 'read' | 'write',
): 'allowed' | 'denied' | 'hidden' {
  const { organization } = repository;
  if (organization === 'system') {
    if (!actor.sovereignAdmin) return 'hidden';
    return access === 'read' || isSovereignAdmin(actor) ? 'allowed' : 'denied';
  }
  if (organization === 'catalog' || organization === 'catalog-sovereign') {
    if (access === 'read') return 'allowed';
    return isSovereignAdmin(actor) ? 'allowed' : 'denied';
  }
  if (access === 'read') return authorize(actor, 'repository.read', { organization });
  const limited = actor.memberships.find((entry) => entry.organization === organization)?.environments;
  const [environment] = limited ?? [];
  return authorize(actor, 'repository.write', {
    organization,
    ...(environment === undefined ? {} : { environment }),
  });
}
