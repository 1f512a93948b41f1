import { authorize } from '@catalyst/model/authorization.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Access } from '../access/access.ts';
import { createRebuildActor } from '../access/rebuild-actor.ts';
import type { ApplicationJudgeDeps } from './application-judge.ts';

/** Whether the pusher of a change may write in an Environment, from his memberships as they are now. Catalyst itself may. */
export function createMayWrite(deps: {
  readonly access: Pick<Access, 'members'>;
  readonly identity: Pick<Identity, 'findUser'>;
}): ApplicationJudgeDeps['mayWrite'] {
  const rebuild = createRebuildActor(deps);
  return async (pusher, scope) => {
    if (pusher.surface === 'system') return true;
    const actor = await rebuild(pusher.id, scope.organization, pusher.surface);
    return authorize(actor, 'application.write', scope) === 'allowed';
  };
}
