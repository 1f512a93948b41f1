import { type Actor, authorize, type Permission } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { useMe } from '../api/use-api.ts';

/** Whether the person may do something; the server decides again, this only keeps useless buttons away. */
export function useRights() {
  const me = useMe();
  const actor: Actor | undefined = me
    ? { ...me.user, memberships: me.memberships, surface: 'console' }
    : undefined;
  return {
    sovereignAdmin: me?.user.sovereignAdmin === true,
    may: (permission: Permission, organization: string, environment?: string) =>
      authorize(actor, permission, {
        organization,
        ...(environment === undefined ? {} : { environment }),
      }) === 'allowed',
    mayChange: (environment: string) =>
      authorize(actor, 'application.write', {
        organization: parseEnvironmentName(environment)?.organization ?? '',
        environment,
      }) === 'allowed',
  };
}
