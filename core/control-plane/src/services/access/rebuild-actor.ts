import type { Actor } from '@catalyst/model/authorization.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Access } from './access.ts';

/** Who somebody is in an Organization now, for what is done in his name while he is away; undefined: he may do nothing any more. */
export type RebuildActor = (
  id: string,
  organization: string,
  surface: Actor['surface'],
) => Promise<Actor | undefined>;

/** Reads it from the account and the membership as they are at the moment. */
export function createRebuildActor(deps: {
  readonly access: Pick<Access, 'members'>;
  readonly identity: Pick<Identity, 'findUser'>;
}): RebuildActor {
  return async (id, organization, surface) => {
    const user = await deps.identity.findUser(id);
    if (!user?.active) return undefined;
    const member = (await deps.access.members(organization)).find((entry) => entry.user.id === id);
    const memberships = member
      ? [
          {
            organization,
            role: member.role,
            ...(member.environments ? { environments: member.environments } : {}),
          },
        ]
      : [];
    const { name, email, sovereignAdmin } = user;
    return { id: user.id, name, email, sovereignAdmin, memberships, surface };
  };
}
